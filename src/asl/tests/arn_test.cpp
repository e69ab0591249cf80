#include "asl/arn.hpp"

#include "asl/integrations.hpp"

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

const ArnPlace kPlace{"aws", "eu-west-1", "123456789012"};
constexpr auto kBase = "arn:aws:states:eu-west-1:123456789012:";

TEST(Arns, AreReadAsTheyAreWritten) {
    for (const auto& text :
         {state_machine_arn(kPlace, "m"),
          version_arn(kPlace, "m", 7),
          alias_arn(kPlace, "m", "live"),
          state_machine_arn(kPlace, "m/label"),
          execution_arn(kPlace, "m", "x"),
          execution_arn(kPlace, "m/label", "x"),
          express_execution_arn(kPlace, "m", "x", "id"),
          activity_arn(kPlace, "a"),
          map_run_arn(kPlace, "m", "label", "id")}) {
        const auto arn = parse_arn(text);
        ASSERT_TRUE(std::holds_alternative<Arn>(arn)) << text;
        EXPECT_EQ(to_string(std::get<Arn>(arn)), text);
        EXPECT_EQ(std::get<Arn>(arn).place, kPlace);
    }
}

TEST(Arns, HaveTheirPartsApart) {
    const auto run = std::get<Arn>(parse_arn(std::string{kBase} + "mapRun:m/label:id"));
    EXPECT_EQ(run, (Arn{kPlace, ArnKind::map_run, "m", "label", "", "", "id"}));
    const auto version = std::get<Arn>(parse_arn(std::string{kBase} + "stateMachine:m:7"));
    EXPECT_EQ(version, (Arn{kPlace, ArnKind::state_machine, "m", "", "7", "", ""}));
}

TEST(Arns, ThatAreNoneAreRefusedWithAReason) {
    const auto reason = [](std::string text) { return std::get<std::string>(parse_arn(text)); };
    EXPECT_EQ(reason("not_an_arn"), "Invalid ARN prefix: not_an_arn");
    EXPECT_EQ(
        reason(std::string{kBase} + "other:x"), "Resource type not valid in this context: other"
    );
    for (const auto* const rest :
         {"stateMachine:",
          "stateMachine:m:1:2",
          "execution:m",
          "execution:m:",
          "express:m:x",
          "activity:a:b",
          "mapRun:m:id",
          "mapRun:m/label"}) {
        EXPECT_THAT(reason(std::string{kBase} + rest), ::testing::StartsWith("Invalid ARN: "));
    }
    EXPECT_THAT(reason("arn:aws:sqs:r:1:stateMachine:m"), ::testing::StartsWith("Invalid ARN: "));
}

TEST(Names, MayNotHaveWhatAwsForbids) {
    for (const auto c : std::string{" <>{}[]?*\"#%\\^|~`$&,;:/\t\n\x7F"}) {
        EXPECT_FALSE(is_name(std::string{"a"} + c)) << static_cast<int>(c);
    }
    EXPECT_FALSE(is_name("a\xC2\x85"));      // U+0085, a control character
    EXPECT_FALSE(is_name("a\xE2\x80\x83"));  // U+2003, a blank
    EXPECT_FALSE(is_name(""));
    EXPECT_FALSE(is_name(std::string(81, 'a')));
    EXPECT_TRUE(is_name(std::string(80, 'a')));
    EXPECT_TRUE(is_name("It's-ok_(1)+\xC3\xA4"));
}

struct Row {
    std::string name;
    std::string arn;
    ResourceKind kind;
    std::string service;
    std::string action;
    Pattern pattern;
};

class Resources : public ::testing::TestWithParam<Row> {};

TEST_P(Resources, AreTakenApart) {
    const auto resource = parse_resource(GetParam().arn);
    ASSERT_TRUE(resource.has_value());
    EXPECT_EQ(resource->arn, GetParam().arn);
    EXPECT_EQ(resource->kind, GetParam().kind);
    EXPECT_EQ(resource->service, GetParam().service);
    EXPECT_EQ(resource->action_with_pattern(), GetParam().action);
    EXPECT_EQ(resource->pattern, GetParam().pattern);
    EXPECT_TRUE(is_known_resource(*resource));
}

INSTANTIATE_TEST_SUITE_P(
    All,
    Resources,
    ::testing::Values(
        Row{"Activity",
            "arn:aws:states:us-east-1:1:activity:a",
            ResourceKind::activity,
            "",
            "",
            Pattern::request_response},
        Row{"Function",
            "arn:aws:lambda:us-east-1:1:function:f:3",
            ResourceKind::lambda,
            "",
            "",
            Pattern::request_response},
        Row{"Request",
            "arn:aws:states:::sqs:sendMessage",
            ResourceKind::integration,
            "sqs",
            "sendMessage",
            Pattern::request_response},
        Row{"Sync",
            "arn:aws:states:us-east-1:1:states:startExecution.sync",
            ResourceKind::integration,
            "states",
            "startExecution.sync",
            Pattern::sync},
        Row{"Sync2",
            "arn:aws:states:::states:startExecution.sync:2",
            ResourceKind::integration,
            "states",
            "startExecution.sync:2",
            Pattern::sync2},
        Row{"Token",
            "arn:aws-cn:states:::lambda:invoke.waitForTaskToken",
            ResourceKind::integration,
            "lambda",
            "invoke.waitForTaskToken",
            Pattern::wait_for_task_token},
        Row{"Sdk",
            "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
            ResourceKind::integration,
            "aws-sdk:sfn",
            "sendTaskSuccess",
            Pattern::request_response},
        Row{"Kiln",
            "arn:aws:states:::kiln:bake.sync",
            ResourceKind::integration,
            "kiln",
            "bake.sync",
            Pattern::sync}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Resources, ThatNobodyServesAreTold) {
    for (const auto* const arn :
         {"arn:aws:states:::dynamodb:query",
          "arn:aws:states:::sqs:sendMessage.sync",
          "arn:aws:states:::aws-sdk:sqs:sendMessage.sync",
          "arn:aws:states:::aws-sdk:sqs:SendMessage",
          "arn:aws:states:::lambda:invoke.sync:2"}) {
        const auto resource = parse_resource(arn);
        ASSERT_TRUE(resource.has_value()) << arn;
        EXPECT_FALSE(is_known_resource(*resource)) << arn;
    }
    for (const auto* const arn :
         {"",
          "arn:aws:s3:::bucket",
          "arn:aws:states:::",
          "arn:aws:states:r:1:activity:",
          "x",
          "arn:aws:states:::sqs",
          "arn:aws:states:::sqs:send Message"}) {
        EXPECT_EQ(parse_resource(arn), std::nullopt) << arn;
    }
}

}  // namespace
}  // namespace kiln::asl
