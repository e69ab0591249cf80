#include "notify/policy.hpp"

#include "base/testing/kind_of.hpp"
#include "notify/notifier.hpp"
#include "notify/post.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

using ports::NotificationState;
using std::chrono::seconds;

const TimePoint kNow{seconds{1000}};

ports::NotificationRow row(std::int64_t attempts) {
    return {.key = "k", .channel = "slack", .kind = "test", .due = kNow, .attempts = attempts};
}

TEST(Policy, ASuccessIsSent) {
    const auto after = after_success(row(1), kNow);
    EXPECT_EQ(after.state, NotificationState::sent);
    EXPECT_EQ(after.ended, kNow);
}

struct Row {
    std::string name;
    std::int64_t attempts;
    Error error;
    double jitter;
    std::optional<Duration> pause;  ///< none: failed
};

class AfterFailure : public ::testing::TestWithParam<Row> {};

TEST_P(AfterFailure, WaitsOrIsGivenUp) {
    const auto& tested = GetParam();
    const auto after = after_failure(row(tested.attempts), tested.error, kNow, tested.jitter, {});
    EXPECT_EQ(after.error, tested.error.message());
    if (tested.pause) {
        EXPECT_EQ(after.state, NotificationState::waiting);
        EXPECT_EQ(after.due - kNow, *tested.pause);
        EXPECT_EQ(after.ended, std::nullopt);
    } else {
        EXPECT_EQ(after.state, NotificationState::failed);
        EXPECT_EQ(after.ended, kNow);
    }
}

const Error kBusy{ErrorKind::unavailable, "busy"};

INSTANTIATE_TEST_SUITE_P(
    Table,
    AfterFailure,
    ::testing::Values(
        Row{"First", 1, kBusy, 1.0, seconds{5}},
        Row{"FirstWithoutJitter", 1, kBusy, 0.0, seconds{0}},
        Row{"Second", 2, kBusy, 1.0, seconds{10}},
        Row{"Third", 3, kBusy, 0.5, seconds{10}},
        Row{"LateOnesAreCapped", 11, kBusy, 1.0, seconds{1800}},
        Row{"TheLast", 12, kBusy, 1.0, std::nullopt},
        Row{"TooMany", 99, kBusy, 1.0, std::nullopt},
        Row{"TimedOut", 1, Error{ErrorKind::timed_out, "slow"}, 1.0, seconds{5}},
        Row{"Denied", 1, Error{ErrorKind::denied, "no"}, 1.0, std::nullopt},
        Row{"Invalid", 1, Error{ErrorKind::invalid, "no"}, 1.0, std::nullopt},
        Row{"NotFound", 1, Error{ErrorKind::not_found, "no"}, 1.0, std::nullopt},
        Row{"RetryAfterIsAFloor",
            1,
            Error{ErrorKind::exhausted, "slowly"}.retry_after(seconds{60}),
            1.0,
            seconds{65}},
        Row{"RetryAfterWithoutJitter",
            1,
            Error{ErrorKind::exhausted, "slowly"}.retry_after(seconds{60}),
            0.0,
            seconds{60}},
        Row{"RetryAfterIsBounded",
            1,
            Error{ErrorKind::exhausted, "slowly"}.retry_after(std::chrono::days{9}),
            0.0,
            std::chrono::hours{12}}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(RetryAfter, IsSecondsOrADate) {
    const std::chrono::sys_seconds now{seconds{784'111'777}};
    EXPECT_EQ(parse_retry_after("120", now), seconds{120});
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now), seconds{60});
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:40:37 GMT", now), seconds{0});
    for (const auto* text : {"", "soon", "-1", "1.5", "Sun, 06 Nov 1994"}) {
        EXPECT_EQ(parse_retry_after(text, now), std::nullopt) << text;
    }
}

TEST(Routes, AnEventGoesToTheChannelsThatAreToHearOfIt) {
    const std::vector<Route> routes{
        {"slack", {}}, {"mail", {Kind::work_failed}}, {"queue", {Kind::test, Kind::work_started}}};
    Event event;
    event.kind = Kind::test;
    event.key = "k";
    const auto rows = rows_of(event, routes, kNow);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].channel, "slack");
    EXPECT_EQ(rows[1].channel, "queue");
    EXPECT_EQ(rows[1].key, "k");
    EXPECT_EQ(rows[1].due, kNow);
    EXPECT_EQ(read_event(rows[1].event), event);
}

TEST(Routes, AnEventWithoutKeyIsRefused) {
    EXPECT_EQ(kind_of([] { (void)rows_of({}, {{"slack", {}}}, kNow); }), ErrorKind::invalid);
}

}  // namespace
}  // namespace kiln::notify
