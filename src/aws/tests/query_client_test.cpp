#include "aws/query_client.hpp"

#include "aws/tests/answer_script.hpp"
#include "base/testing/kind_of.hpp"
#include "ports/testing/fake_clock.hpp"

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFailed =
    "<ErrorResponse xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\"><Error><Type>Sender"
    "</Type><Code>ValidationError</Code><Message>No active Lifecycle Action found</Message></Error>"
    "<RequestId>r</RequestId></ErrorResponse>";

class QueryClients : public ::testing::Test {
  protected:
    void complete() { complete_lifecycle_action(client_, {"a group", "hook", "t&t", "i-1"}); }

    ports::testing::FakeClock clock_;
    testing::AnswerScript script_;
    QueryClient client_{
        {"autoscaling", "2011-01-01"},
        {"eu-west-1", "http://127.0.0.1:9000"},
        script_.world(clock_)};
};

TEST_F(QueryClients, ALifecycleActionIsCompletedByASignedForm) {
    script_.answers = {{200, {}, "<CompleteLifecycleActionResponse/>"}};
    complete();
    const auto& request = script_.asked.at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "http://127.0.0.1:9000/");
    EXPECT_EQ(
        request.body,
        "Action=CompleteLifecycleAction&Version=2011-01-01&AutoScalingGroupName=a%20group&"
        "InstanceId=i-1&LifecycleActionResult=CONTINUE&LifecycleActionToken=t%26t&"
        "LifecycleHookName=hook"
    );
    EXPECT_THAT(
        request.headers.value_or("Authorization", ""), HasSubstr("/eu-west-1/autoscaling/")
    );
}

TEST_F(QueryClients, AnActionThatNobodyWaitsForIsAConflict) {
    script_.answers = {{400, {}, kFailed}};
    EXPECT_EQ(kind_of([&] { complete(); }), ErrorKind::conflict);
    EXPECT_EQ(script_.asked.size(), 1U);
}

TEST_F(QueryClients, WhatIsTransientIsTriedAgain) {
    script_.answers = {{503, {}, "busy"}, {200, {}, "<ok/>"}};
    complete();
    EXPECT_EQ(script_.asked.size(), 2U);
}

TEST_F(QueryClients, AfterThreeAttemptsTheFailureIsTold) {
    script_.answers = {{500, {}, ""}, {500, {}, ""}, {500, {}, ""}};
    EXPECT_EQ(kind_of([&] { complete(); }), ErrorKind::unavailable);
    EXPECT_EQ(script_.asked.size(), 3U);
}

TEST(QueryFailures, HaveTheCodeOfEitherShape) {
    EXPECT_EQ(read_query_failure({400, {}, kFailed}).name, "ValidationError");
    EXPECT_EQ(
        read_query_failure(
            {400,
             {},
             "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>m</Message>"
             "</Error></Errors></Response>"}
        )
            .name,
        "InvalidAMIID.NotFound"
    );
    EXPECT_EQ(read_query_failure({502, {}, "<html>"}).name, "");
}

}  // namespace
}  // namespace kiln::aws
