#include "worker/delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::worker {
namespace {

using namespace std::chrono_literals;
using ports::BakeState;
using ::testing::HasSubstr;

Delivery fresh() {
    Delivery delivery;
    delivery.sent = TimePoint{1'000'000s};
    delivery.now = delivery.sent + 10s;
    delivery.deadline = 100s;
    return delivery;
}

TEST(Judgement, AFreshRequestIsBakedWithWhatIsLeftOfItsDeadline) {
    const auto verdict = std::get<Bake>(judge(fresh(), {}));
    EXPECT_EQ(verdict.attempt, 1);
    EXPECT_EQ(verdict.time_left, 90s);
}

TEST(Judgement, ASenderWithAClockAheadGetsNoMoreThanItsDeadline) {
    auto delivery = fresh();
    delivery.now = delivery.sent - 1h;
    EXPECT_EQ(std::get<Bake>(judge(delivery, {})).time_left, 100s);
}

class OverBake : public ::testing::TestWithParam<BakeState> {};

TEST_P(OverBake, IsToldAgainHoweverOftenItCame) {
    auto delivery = fresh();
    delivery.state = GetParam();
    delivery.receives = 100;
    delivery.now += 1h;
    EXPECT_TRUE(std::holds_alternative<TellAgain>(judge(delivery, {})));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    OverBake,
    ::testing::Values(
        BakeState::succeeded, BakeState::failed, BakeState::cancelled, BakeState::interrupted
    )
);

TEST(Judgement, OneThatRunsIsSettledFirst) {
    auto delivery = fresh();
    delivery.state = BakeState::running;
    delivery.receives = 100;
    EXPECT_TRUE(std::holds_alternative<Settle>(judge(delivery, {})));
}

TEST(Judgement, AMalformedRequestIsRefusedAtOnce) {
    auto delivery = fresh();
    delivery.malformed = Error{ErrorKind::invalid, "bad"};
    delivery.receives = 100;
    EXPECT_EQ(std::get<Refuse>(judge(delivery, {})).error.message(), "bad");
}

TEST(Judgement, TheLimitOfReceivesCountsAttemptsThatMayBegin) {
    auto delivery = fresh();
    delivery.receives = 3;
    EXPECT_TRUE(std::holds_alternative<Bake>(judge(delivery, {.max_receives = 3})));
    delivery.receives = 4;
    delivery.last_result = json::object{{"error", {{"reason", "no room"}}}};
    const auto error = std::get<GiveUp>(judge(delivery, {.max_receives = 3})).error;
    EXPECT_THAT(error.message(), HasSubstr("3 times"));
    EXPECT_THAT(error.message(), HasSubstr("no room"));
}

TEST(Judgement, ALateRequestIsRefusedWithHowMuchIsLeft) {
    auto delivery = fresh();
    delivery.now = delivery.sent + 71s;
    const auto late = std::get<Refuse>(judge(delivery, {})).error;
    EXPECT_EQ(late.kind(), ErrorKind::timed_out);
    EXPECT_THAT(late.message(), HasSubstr("29 s of its deadline of 100 s are left"));
    delivery.now = delivery.sent + 105s;
    EXPECT_THAT(std::get<Refuse>(judge(delivery, {})).error.message(), HasSubstr("passed 5 s ago"));
    delivery.now = delivery.sent + 70s;
    EXPECT_TRUE(std::holds_alternative<Bake>(judge(delivery, {})));
}

TEST(NextAttempt, IsAboveTheRecordAndAboveOtherMachines) {
    EXPECT_EQ(next_attempt(0, 1), 1);
    EXPECT_EQ(next_attempt(2, 1), 3);
    EXPECT_EQ(next_attempt(0, 3), 3);
}

TEST(Visibility, IsTheRestOfTheDeadlineAndAMarginUpTo12Hours) {
    EXPECT_EQ(visibility_for(100s), 160s);
    EXPECT_EQ(visibility_for(-5s), 60s);
    EXPECT_EQ(visibility_for(24h), 12h);
}

TEST(RetryDelay, GrowsWithTheReceivesUpToTenMinutes) {
    EXPECT_EQ(retry_delay(1, std::nullopt, 1.0), 10s);
    EXPECT_EQ(retry_delay(2, std::nullopt, 1.0), 20s);
    EXPECT_EQ(retry_delay(50, std::nullopt, 1.0), 600s);
    EXPECT_EQ(retry_delay(1, std::nullopt, 0.0), 1s);
    EXPECT_GE(retry_delay(1, 100s, 0.5), 100s);
}

}  // namespace
}  // namespace kiln::worker
