#include "base/settings.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>

namespace kiln {
namespace {

using ::testing::HasSubstr;

std::vector<Setting> declared() {
    return {
        {"home",
         Setting::Type::path,
         "/var/lib/x",
         "The folder.",
         {},
         0,
         0,
         Setting::Secret::no,
         "`~`"},
        {"log.level", Setting::Type::choice, "warning", "How much.", {"debug", "warning"}},
        {"bake.concurrency", Setting::Type::whole, "4", "How many.", {}, 1, 64},
        {"bake.deadline", Setting::Type::duration, "1h", "How long."},
        {"checkpoint.budget", Setting::Type::size, "20GiB", "How large."},
        {"api.token", Setting::Type::text, "", "A secret.", {}, 0, 0, Setting::Secret::yes},
        {"owner",
         Setting::Type::text,
         "000000000000",
         "Account.",
         {},
         0,
         0,
         Setting::Secret::no,
         "",
         [](const std::string& text) -> std::optional<std::string> {
             return text.size() == 12 ? std::nullopt
                                      : std::optional<std::string>{"must have 12 digits"};
         }},
    };
}

struct Given {
    std::string file;
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<std::string> flags;
};

Settings resolve(const Given& given) {
    SettingSources sources;
    if (!given.file.empty()) {
        sources.file = {"kiln.toml", given.file};
    }
    sources.environment = given.environment;
    sources.other_variables = {"KILN_FAULT", "KILN_TEST_*"};
    sources.flags = given.flags;
    return Settings::resolve(declared(), sources);
}

const Settings::Shown& find(const std::vector<Settings::Shown>& all, std::string_view name) {
    return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

struct Precedence {
    std::string name;
    Given given;
    std::int64_t concurrency;
    std::string origin;
};

class SettingsForce : public ::testing::TestWithParam<Precedence> {};

TEST_P(SettingsForce, TheStrongerSourceDecides) {
    const auto settings = resolve(GetParam().given);
    EXPECT_EQ(settings.whole("bake.concurrency"), GetParam().concurrency);
    EXPECT_EQ(find(settings.shown(), "bake.concurrency").origin, GetParam().origin);
}

INSTANTIATE_TEST_SUITE_P(
    Settings,
    SettingsForce,
    ::testing::Values(
        Precedence{"NothingGiven", {}, 4, "default"},
        Precedence{"File", {"[bake]\nconcurrency = 5\n", {}, {}}, 5, "kiln.toml:2"},
        Precedence{"DottedFile", {"bake.concurrency = 5\n", {}, {}}, 5, "kiln.toml:1"},
        Precedence{
            "EnvironmentOverFile",
            {"[bake]\nconcurrency = 5\n", {{"KILN_BAKE_CONCURRENCY", "6"}}, {}},
            6,
            "KILN_BAKE_CONCURRENCY"},
        Precedence{
            "FlagOverEnvironment",
            {"", {{"KILN_BAKE_CONCURRENCY", "6"}}, {"bake.concurrency=7"}},
            7,
            "--set bake.concurrency"},
        Precedence{
            "LastFlag",
            {"", {}, {"bake.concurrency=7", "bake.concurrency=8"}},
            8,
            "--set bake.concurrency"}
    ),
    [](const auto& row) { return row.param.name; }
);

struct Refused {
    std::string name;
    Given given;
    std::string message;
};

class SettingsRefuse : public ::testing::TestWithParam<Refused> {};

TEST_P(SettingsRefuse, WithThePlaceAndWhatWouldBeRight) {
    try {
        (void)resolve(GetParam().given);
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), HasSubstr(GetParam().message));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Settings,
    SettingsRefuse,
    ::testing::Values(
        Refused{
            "UnknownKeyInFile",
            {"[log]\nlevel = \"debug\"\n[bake]\nconcurency = 5\n", {}, {}},
            "kiln.toml:4: unknown setting \"bake.concurency\"; did you mean \"bake.concurrency\"?"},
        Refused{"BrokenFile", {"[bake\n", {}, {}}, "kiln.toml:1:"},
        Refused{
            "TwiceInFile", {"[log]\nlevel=\"debug\"\nlevel=\"debug\"\n", {}, {}}, "kiln.toml:3:"},
        Refused{"ArrayInFile", {"home = [1]\n", {}, {}}, "kiln.toml:1: home: must be a string"},
        Refused{
            "FractionInFile",
            {"bake.concurrency = 1.5\n", {}, {}},
            "must be a string or a whole number"},
        Refused{
            "UnknownVariable",
            {"", {{"KILN_BAKE_CONCURENCY", "5"}}, {}},
            "KILN_BAKE_CONCURENCY: unknown environment variable; did you mean "
            "\"KILN_BAKE_CONCURRENCY\"?"},
        Refused{"UnknownFlag", {"", {}, {"log.levl=debug"}}, "did you mean \"log.level\"?"},
        Refused{
            "FlagWithoutValue", {"", {}, {"log.level"}}, "--set log.level: write it as NAME=VALUE"},
        Refused{
            "NumberTooLow",
            {"", {}, {"bake.concurrency=0"}},
            "'0' is not a whole number from 1 to 64"},
        Refused{"NumberTooHigh", {"", {}, {"bake.concurrency=65"}}, "from 1 to 64"},
        Refused{"NumberWithTail", {"", {}, {"bake.concurrency=4x"}}, "'4x' is not a whole number"},
        Refused{"EmptyNumber", {"", {}, {"bake.concurrency="}}, "'' is not a whole number"},
        Refused{"UnknownChoice", {"", {}, {"log.level=debgu"}}, "did you mean \"debug\"?"},
        Refused{"DurationWithoutUnit", {"", {}, {"bake.deadline=90"}}, "'90' is not a duration"},
        Refused{"DecimalSize", {"", {}, {"checkpoint.budget=20GB"}}, "checkpoint.budget"},
        Refused{"OwnCheck", {"", {}, {"owner=12"}}, "owner: must have 12 digits"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Settings, EveryProblemIsNamedAtOnce) {
    try {
        (void)resolve({"nonsense = 1\n", {{"KILN_NONSENSE", "1"}}, {"bake.deadline=x"}});
        FAIL() << "accepted";
    } catch (const Error& error) {
        ASSERT_EQ(error.problems().size(), 3U);
        EXPECT_EQ(error.problems()[0].where, "kiln.toml:1");
        EXPECT_EQ(error.problems()[1].where, "KILN_NONSENSE");
        EXPECT_EQ(error.problems()[2].where, "--set bake.deadline");
    }
}

TEST(Settings, VariablesOfOtherPartsAndOtherProgramsArePassedOver) {
    EXPECT_NO_THROW((void
    )resolve({"", {{"KILN_FAULT", "kill@x"}, {"KILN_TEST_ACCEPT", "1"}, {"PATH", "/bin"}}, {}}));
}

TEST(Settings, ValuesHaveTheirTypes) {
    const auto settings =
        resolve({"bake.deadline = \"90s\"\ncheckpoint.budget = 4096\n", {}, {"home=/srv/kiln"}});
    EXPECT_EQ(settings.duration("bake.deadline"), std::chrono::seconds{90});
    EXPECT_EQ(settings.size("checkpoint.budget"), Bytes{4096});
    EXPECT_EQ(settings.text("home"), "/srv/kiln");
    const auto shown = settings.shown();
    EXPECT_EQ(find(shown, "bake.deadline").json, json::value(90.0));
    EXPECT_EQ(find(shown, "checkpoint.budget").json, json::value(4096U));
}

TEST(Settings, ASecretIsNeverShown) {
    const auto shown = resolve({"", {{"KILN_API_TOKEN", "hunter2"}}, {}}).shown();
    EXPECT_EQ(find(shown, "api.token").value, "********");
    EXPECT_EQ(find(shown, "api.token").json, json::value("********"));
    EXPECT_EQ(find(resolve({}).shown(), "api.token").value, "");
}

TEST(Settings, TheReferenceHasARowForEachSetting) {
    const auto page = settings_reference(declared());
    for (const auto& setting : declared()) {
        EXPECT_THAT(page, HasSubstr("| `" + setting.name + "` |"));
        EXPECT_THAT(page, HasSubstr("`" + environment_name(setting) + "`"));
        EXPECT_THAT(page, HasSubstr(setting.help));
    }
    EXPECT_THAT(page, HasSubstr("| `home` | path | `~` |"));
    EXPECT_THAT(page, HasSubstr("whole number from 1 to 64"));
}

}  // namespace
}  // namespace kiln
