#include "machines/rules.hpp"

#include "machines/activity_rules.hpp"
#include "machines/tests/values.hpp"

namespace kiln::machines::testing {
namespace {

// --- Names.

struct NameRow {
    std::string name;
    std::string text;
    bool good;
};

class Names : public ::testing::TestWithParam<NameRow> {};

TEST_P(Names, AreJudged) {
    const auto refusal = refuse_name(GetParam().text);
    EXPECT_EQ(!refusal, GetParam().good);
    if (refusal) {
        EXPECT_EQ(*refusal, (Refusal{"InvalidName", "Invalid Name: '" + GetParam().text + "'"}));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Names,
    ::testing::Values(
        NameRow{"Plain", "activity-name_123.v2", true},
        NameRow{"Letters", "Aktivit\xc3\xa4t", true},
        NameRow{"Longest", std::string(80, 'a'), true},
        NameRow{"TooLong", std::string(81, 'a'), false},
        NameRow{"Empty", "", false},
        NameRow{"Blank", "a b", false},
        NameRow{"BlankAtTheEnd", "a ", false},
        NameRow{"Slash", "a/b", false},
        NameRow{"Colon", "a:b", false},
        NameRow{"Hash", "a#b", false},
        NameRow{"Backtick", "a`b", false},
        NameRow{"Control", "a\x01", false},
        NameRow{"UpperControl", "a\xc2\x85", false}
    ),
    [](const auto& tested) { return tested.param.name; }
);

// --- Configurations.

struct LoggingRow {
    std::string name;
    std::string given;
    std::string made;  ///< "": refused
};

class Logging : public ::testing::TestWithParam<LoggingRow> {};

TEST_P(Logging, IsFilledInOrRefused) {
    const auto made = configure(
        parse_json(GetParam().given).as_object(),
        std::nullopt,
        std::nullopt,
        default_configuration()
    );
    if (GetParam().made.empty()) {
        EXPECT_EQ(
            std::get<Refusal>(made),
            (Refusal{
                "InvalidLoggingConfiguration",
                "Invalid Logging Configuration: Must specify exactly one Log Destination."})
        );
        return;
    }
    EXPECT_EQ(std::get<Configuration>(made).logging, parse_json(GetParam().made).as_object());
}

constexpr std::string_view kDestination =
    R"({"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:r:1:log-group:g:*"}})";

INSTANTIATE_TEST_SUITE_P(
    Table,
    Logging,
    ::testing::Values(
        LoggingRow{"Nothing", "{}", R"({"level":"OFF","includeExecutionData":false})"},
        LoggingRow{
            "NoDestinations",
            R"({"destinations":[]})",
            R"({"destinations":[],"level":"OFF","includeExecutionData":false})"},
        LoggingRow{"LevelWithoutDestination", R"({"level":"ALL"})", ""},
        LoggingRow{"LevelWithEmptyDestinations", R"({"level":"ERROR","destinations":[]})", ""},
        LoggingRow{
            "Whole",
            R"({"level":"FATAL","includeExecutionData":true,"destinations":[)" +
                std::string{kDestination} + "]}",
            R"({"level":"FATAL","includeExecutionData":true,"destinations":[)" +
                std::string{kDestination} + "]}"},
        LoggingRow{
            "TwoDestinations",
            R"({"level":"OFF","destinations":[)" + std::string{kDestination} + "," +
                std::string{kDestination} + "]}",
            ""}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Configurations, KeepWhatIsNotGiven) {
    auto current = default_configuration();
    current.tracing["enabled"] = true;
    const auto made = configure(json::object{}, std::nullopt, std::nullopt, current);
    EXPECT_EQ(std::get<Configuration>(made), current);
}

TEST(Configurations, HaveNoKeysOfTheCaller) {
    for (const auto* const given :
         {R"({"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"k"})",
          R"({"type":"AWS_OWNED_KEY","kmsKeyId":"k"})",
          R"({"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":60})"}) {
        const auto made = encryption_of(parse_json(given).as_object());
        ASSERT_TRUE(std::holds_alternative<Refusal>(made)) << given;
        EXPECT_EQ(std::get<Refusal>(made).code, "InvalidEncryptionConfiguration");
    }
}

// --- Tags and activities.

TEST(TagRules, LaterOnesWriteOver) {
    const auto merged = merge_tags({{"a", "1"}, {"b", "2"}}, {{"a", "3"}, {"c", ""}}, kArn);
    EXPECT_EQ(std::get<Tags>(merged), (Tags{{"a", "3"}, {"b", "2"}, {"c", ""}}));
    EXPECT_EQ(without_tags(std::get<Tags>(merged), {"a", "x", "a"}), (Tags{{"b", "2"}, {"c", ""}}));
}

TEST(TagRules, WhatIsNotThereHasNone) {
    const Machine* const none = nullptr;
    EXPECT_EQ(
        std::get<Refusal>(tag(none, {{"a", "b"}}, kArn)),
        (Refusal{"ResourceNotFound", "Resource not found: '" + std::string{kArn} + "'"})
    );
    EXPECT_EQ(code_of(untag(none, {"a"}, kArn)), "ResourceNotFound");
}

TEST(TagRules, TagsThatAreThereAreNotWrittenAgain) {
    auto there = machine();
    there.tags = {{"a", "b"}};
    EXPECT_THAT(decision(tag(&there, {{"a", "b"}}, kArn)).changes, IsEmpty());
    EXPECT_THAT(decision(tag(&there, {{"a", "c"}}, kArn)).changes, SizeIs(1));
    EXPECT_THAT(decision(untag(&there, {"x"}, kArn)).changes, IsEmpty());
    EXPECT_THAT(decision(untag(&there, {"a"}, kArn)).changes, SizeIs(1));
}

TEST(Activities, TheSameAgainIsTheSameAnswerWhateverItsTags) {
    const auto encryption = default_configuration().encryption;
    const auto first = create_activity(nullptr, "arn", {"a", {}, {}}, encryption, facts(3));
    const auto there = after(first);
    const auto again =
        create_activity(&there, "arn", {"a", {}, {{"k", "v"}}}, encryption, facts(4));
    EXPECT_EQ(decision(again).answer.created, facts(3).now);
    EXPECT_THAT(decision(again).changes, IsEmpty());
    EXPECT_EQ(
        code_of(create_activity(&there, "arn", {"a", {}, {}}, {{"type", "other"}}, facts())),
        "ActivityAlreadyExists"
    );
}

TEST(Activities, DeletionOfNothingIsSuccess) {
    EXPECT_THAT(decision(delete_activity(nullptr)).changes, IsEmpty());
}

}  // namespace
}  // namespace kiln::machines::testing
