#include "release/words.hpp"

#include "release/tests/plans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const TimePoint kToday =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 25} + std::chrono::hours{23};

Order order_of(const std::vector<std::string>& words) {
    return parse_words(vocabulary_of(example_plan()), words, kToday);
}

TEST(Words, AreTakenInAnyOrderAndOnce) {
    const auto order = order_of(
        {"MakeBinaryPackage",
         "ubuntu-18.04-bionic",
         "4.26.1",
         "debian-10-buster",
         "4.26.1",
         "--fake-workers",
         "2026.11.20",
         "MakeBinaryPackage"}
    );
    EXPECT_THAT(order.versions, ElementsAre("4.26.1", "2026.11.20"));
    EXPECT_THAT(order.distros, ElementsAre("ubuntu-18.04-bionic", "debian-10-buster"));
    EXPECT_THAT(order.steps, ElementsAre("MakeBinaryPackage"));
    EXPECT_EQ(order.mode, Mode::fake_workers);
}

TEST(Words, MeanTodaysNightlyWithoutAVersion) {
    EXPECT_THAT(order_of({}).versions, ElementsAre("2026.11.25"));
    EXPECT_THAT(order_of({"ubuntu-22.04-jammy"}).versions, ElementsAre("2026.11.25"));
}

TEST(Words, NeedAVersionWhereThereAreNoNightlies) {
    const auto vocabulary = vocabulary_of(steps_plan("A"));
    EXPECT_THAT(
        problems_of([&] { static_cast<void>(parse_words(vocabulary, {}, kToday)); }),
        ElementsAre(HasSubstr("name a version (N.N.N)"))
    );
}

struct Row {
    const char* name;
    std::vector<std::string> words;
    const char* fault;
};

class Unknown : public ::testing::TestWithParam<Row> {};

TEST_P(Unknown, IsAnErrorThatSaysWhatIsRight) {
    EXPECT_THAT(
        problems_of([] { static_cast<void>(order_of(GetParam().words)); }),
        ElementsAre(HasSubstr(GetParam().fault))
    );
}

INSTANTIATE_TEST_SUITE_P(
    Words,
    Unknown,
    ::testing::Values(
        Row{"distro",
            {"ubuntu-18.04-bionc"},
            "unknown distro \"ubuntu-18.04-bionc\"; did you mean \"ubuntu-18.04-bionic\"?"},
        Row{"step",
            {"MakeBinaryPackag"},
            "unknown step \"MakeBinaryPackag\"; did you mean \"MakeBinaryPackage\"?"},
        Row{"version", {"4.26"}, "they look like N.N.N, or YYYY.MM.DD of a nightly"},
        Row{"no_day", {"2026.11.31"}, "a nightly of no day"},
        Row{"flag", {"--fake-worker"}, "unknown flag \"--fake-worker\"; did you mean"},
        Row{"anything", {"everything"}, "neither a version"},
        Row{"two_modes", {"--fake-workers", "--test", "4.26.1"}, "exclude each other"},
        Row{"not_of_tests",
            {"--test", "4.26.1", "PublishDockerImages"},
            "not part of a test build: those are MakeBinaryPackage"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Words, TellEveryUnknownOne) {
    EXPECT_EQ(problems_of([] { static_cast<void>(order_of({"x", "4.26.1", "y"})); }).size(), 2U);
}

TEST(Words, OfATestBuildMeanItsSteps) {
    EXPECT_THAT(order_of({"--test-build", "4.26.1"}).steps, ElementsAre("MakeBinaryPackage"));
}

struct ModeRow {
    const char* name;
    const char* word;
    Mode mode;
};

class ModeWords : public ::testing::TestWithParam<ModeRow> {};

TEST_P(ModeWords, AreTheirsAndThePredecessors) {
    EXPECT_EQ(order_of({GetParam().word}).mode, GetParam().mode);
}

INSTANTIATE_TEST_SUITE_P(
    Words,
    ModeWords,
    ::testing::Values(
        ModeRow{"fake_workers", "--fake-workers", Mode::fake_workers},
        ModeRow{"fake_ec2", "fake_ec2", Mode::fake_workers},
        ModeRow{"skip_workers", "skip-workers", Mode::skip_workers},
        ModeRow{"skip_ec2", "--skip-ec2", Mode::skip_workers},
        ModeRow{"test", "test", Mode::test},
        ModeRow{"test_build", "test_build", Mode::test}
    ),
    [](const auto& row) { return row.param.name; }
);

struct InputRow {
    const char* name;
    const char* input;
    std::vector<std::string> words;
};

class Inputs : public ::testing::TestWithParam<InputRow> {};

TEST_P(Inputs, GiveTheWordsOfAllTheirStrings) {
    EXPECT_EQ(collect_words(json::parse(GetParam().input)), GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(
    Words,
    Inputs,
    ::testing::Values(
        InputRow{"string", R"("4.26.1 ubuntu-19.04-disco")", {"4.26.1", "ubuntu-19.04-disco"}},
        InputRow{"list", R"(["4.26.1", ["a"]])", {"4.26.1", "a"}},
        InputRow{"object", R"({"a": {"b": "4.26.1"}})", {"4.26.1"}},
        InputRow{"nothing", "{}", {}},
        InputRow{"null", "null", {}},
        InputRow{"blanks", R"("  a \n b ")", {"a", "b"}},
        InputRow{"number_is_a_word_too", "[4]", {"4"}}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Words, HaveAVocabularyThatTravels) {
    const auto json = to_json(vocabulary_of(example_plan()));
    EXPECT_EQ(to_json(read_vocabulary(json)), json);
    EXPECT_THAT(
        problems_of([] { static_cast<void>(read_vocabulary(json::parse("{}"))); }).size(), 3U
    );
}

}  // namespace
}  // namespace kiln::release::testing
