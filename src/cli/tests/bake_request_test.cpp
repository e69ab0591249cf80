#include "cli/bake_request.hpp"

#include "bake/request.hpp"
#include "base/error.hpp"
#include "cli/verbs.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::HasSubstr;

Arguments arguments_of(std::vector<std::string> words) {
    words.insert(words.begin(), "bake");
    return std::get<Invocation>(parse(grammar(), words)).arguments;
}

Config config() {
    Config config;
    config.bake_deadline = std::chrono::seconds{3600};
    config.bake_hang_after = std::chrono::seconds{900};
    return config;
}

struct Row {
    std::string name;
    std::vector<std::string> words;
    std::string request;
};

class RequestFromFlags : public ::testing::TestWithParam<Row> {};

TEST_P(RequestFromFlags, IsTheDocumentThatAFileWouldHold) {
    EXPECT_EQ(
        json::value(request_from_flags(arguments_of(GetParam().words))),
        parse_json(GetParam().request)
    );
}

/// What flags can say must be what the request's own parser reads.
TEST_P(RequestFromFlags, IsUnderstood) {
    const auto documents = request_documents(arguments_of(GetParam().words), config(), {});
    EXPECT_NO_THROW((void)bake::parse_request(documents.at(0).document, "/"));
}

INSTANTIATE_TEST_SUITE_P(
    Cli,
    RequestFromFlags,
    ::testing::Values(
        Row{"ParentByName",
            {"--name", "web", "--parent", "debian-12", "--command", "true"},
            R"({"name":"web","parent":{"name":"debian-12"},"bootstrap":{"commands":["true"]}})"},
        Row{"ParentById",
            {"--name", "web", "--parent", "ami-0123456789abcdef0", "--command", "true"},
            R"({"name":"web","parent":{"id":"ami-0123456789abcdef0"},"bootstrap":{"commands":["true"]}})"},
        Row{"CommandsInOrder",
            {"--name", "web", "--parent", "base", "--command", "b", "--command", "a"},
            R"({"name":"web","parent":{"name":"base"},"bootstrap":{"commands":["b","a"]}})"},
        Row{"Bootstrap",
            {"--name",    "web",  "--parent",     "base", "--source",    "/srv/web",
             "--command", "./i",  "--env",        "A=1",  "--env",       "B=x=y",
             "--network", "none", "--memory",     "2GiB", "--processes", "64",
             "--time",    "15m",  "--hang-after", "90s"},
            R"({"name":"web","parent":{"name":"base"},"bootstrap":{"source":"/srv/web","commands":["./i"],
                "environment":{"A":"1","B":"x=y"},"network":"none",
                "limits":{"memory_bytes":2147483648,"processes":64,"seconds":900,"idle_seconds":90}}})"},
        Row{"Everything",
            {"--name",
             "web",
             "--parent",
             "base",
             "--command",
             "true",
             "--description",
             "d",
             "--size",
             "8GiB",
             "--tag",
             "team=web",
             "--share-with",
             "111122223333",
             "--logs-to",
             "/srv/logs",
             "--log-file",
             "/var/log/i.log",
             "--deadline",
             "2h",
             "--keep",
             "machine-id",
             "--keep-on-failure",
             "--rebake",
             "--no-checkpoints",
             "--boot-test"},
            R"({"name":"web","parent":{"name":"base"},"bootstrap":{"commands":["true"]},"description":"d",
                "volume":{"size_gib":8},"tags":{"team":"web"},"share_with":["111122223333"],
                "logs":{"destination":"/srv/logs","files":["/var/log/i.log"]},"deadline_seconds":7200,
                "keep":["machine-id"],"keep_on_failure":true,"rebake":true,"checkpoints":false,
                "boot_test":true})"},
        Row{"ABootMarkerAsksForABoot",
            {"--name", "web", "--parent", "base", "--command", "true", "--boot-marker", "login:"},
            R"({"name":"web","parent":{"name":"base"},"bootstrap":{"commands":["true"]},"boot_test":true,
                "boot_marker":"login:"})"}
    ),
    [](const auto& row) { return row.param.name; }
);

struct Refused {
    std::string name;
    std::vector<std::string> words;
    std::string message;
};

class FlagsRefused : public ::testing::TestWithParam<Refused> {};

TEST_P(FlagsRefused, NamesTheFlag) {
    auto words = GetParam().words;
    try {
        (void)request_from_flags(arguments_of(words));
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), HasSubstr(GetParam().message));
    }
}

std::vector<std::string> with(std::vector<std::string> more) {
    std::vector<std::string> words{"--name", "web", "--parent", "base", "--command", "true"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

INSTANTIATE_TEST_SUITE_P(
    Cli,
    FlagsRefused,
    ::testing::Values(
        Refused{"NothingGiven", {}, "--name: is required"},
        Refused{"NoParent", {"--name", "web", "--command", "true"}, "--parent: is required"},
        Refused{"NothingToRun", {"--name", "web", "--parent", "base"}, "--command: is required"},
        Refused{"EnvironmentWithoutValue", with({"--env", "A"}), "--env: 'A' is not KEY=VALUE"},
        Refused{
            "EnvironmentTwice",
            with({"--env", "A=1", "--env", "A=2"}),
            "--env: 'A' is given twice"},
        Refused{"TagWithoutKey", with({"--tag", "=x"}), "--tag: '=x' is not KEY=VALUE"},
        Refused{"DecimalMemory", with({"--memory", "2GB"}), "--memory: '2GB' is not a size"},
        Refused{"SizeNotWholeGib", with({"--size", "512MiB"}), "--size: '512MiB' is not whole GiB"},
        Refused{"SizeZero", with({"--size", "0"}), "--size: '0' is not whole GiB"},
        Refused{"TimeWithoutUnit", with({"--time", "90"}), "--time: '90' is not a duration"},
        Refused{
            "TimeBelowASecond",
            with({"--time", "500ms"}),
            "--time: '500ms' is not one or more whole seconds"},
        Refused{
            "ProcessesNotANumber",
            with({"--processes", "many"}),
            "--processes: 'many' is not a whole number"}
    ),
    [](const auto& row) { return row.param.name; }
);

constexpr std::string_view kFile =
    R"({"name":"web","parent":{"name":"base"},"bootstrap":{"commands":["true"]}})";

std::string read(const std::string&) {
    return std::string{kFile};
}

TEST(RequestDocuments, SettingsStandInForWhatTheRequestDoesNotSay) {
    auto settings = config();
    settings.bake_deadline = std::chrono::seconds{60};
    settings.bake_hang_after = std::chrono::seconds{30};
    const auto document =
        request_documents(arguments_of({"a.json"}), settings, read).at(0).document;
    EXPECT_EQ(document.at("deadline_seconds"), json::value(60));
    EXPECT_EQ(document.at("bootstrap").at("limits").at("idle_seconds"), json::value(30));
}

TEST(RequestDocuments, WhatTheRequestSaysStands) {
    const auto document =
        request_documents(
            arguments_of({"a.json"}),
            config(),
            [](const std::string&) {
                return R"({"deadline_seconds":5,"bootstrap":{"limits":{"idle_seconds":6,"processes":7}}})";
            }
        )
            .at(0)
            .document;
    EXPECT_EQ(document.at("deadline_seconds"), json::value(5));
    EXPECT_EQ(
        document.at("bootstrap").at("limits"), parse_json(R"({"idle_seconds":6,"processes":7})")
    );
}

TEST(RequestDocuments, ADocumentOfAWrongShapeIsLeftToTheRequestsParser) {
    for (const char* text : {"[]", "7", R"({"bootstrap":7})", R"({"bootstrap":{"limits":[]}})"}) {
        const auto reads = [&](const std::string&) { return std::string{text}; };
        EXPECT_NO_THROW((void)request_documents(arguments_of({"a.json"}), config(), reads)) << text;
    }
}

TEST(RequestDocuments, SomeFlagsChangeEachFile) {
    const auto documents = request_documents(
        arguments_of({"a.json", "b.json", "--rebake", "--no-checkpoints"}), config(), read
    );
    ASSERT_EQ(documents.size(), 2U);
    for (const auto& one : documents) {
        EXPECT_EQ(one.document.at("rebake"), json::value(true));
        EXPECT_EQ(one.document.at("checkpoints"), json::value(false));
    }
}

TEST(RequestDocuments, ARelativeSourceStartsFromTheFilesFolder) {
    const auto documents =
        request_documents(arguments_of({"/srv/requests/a.json"}), config(), read);
    EXPECT_EQ(documents.at(0).base, "/srv/requests");
}

TEST(RequestDocuments, FilesAndRequestFlagsDoNotMix) {
    EXPECT_THROW(
        (void)request_documents(arguments_of({"a.json", "--name", "web"}), config(), read), Error
    );
}

TEST(RequestDocuments, ABrokenFileIsNamed) {
    try {
        (void)request_documents(arguments_of({"a.json"}), config(), [](const std::string&) {
            return "{";
        });
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_THAT(error.message(), HasSubstr("a.json: not JSON at line 1"));
    }
}

}  // namespace
}  // namespace kiln::cli
