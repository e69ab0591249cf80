#include "api/states/reply.hpp"
#include "api/states/show_execution.hpp"

#include <gtest/gtest.h>

namespace kiln::api::states {
namespace {

flow::ExecutionView ended(Duration lasted) {
    flow::ExecutionView view;
    view.row.status = "FAILED";
    view.row.started = TimePoint{std::chrono::seconds{10}};
    view.row.stopped = view.row.started + lasted;
    view.row.input = "{}";
    view.row.error = "E";
    view.row.cause = "";
    return view;
}

struct Bill {
    std::string name;
    Duration lasted;
    std::int64_t billed;
};

class Bills : public ::testing::TestWithParam<Bill> {};

TEST_P(Bills, AreByStartedStepsOf100Milliseconds) {
    const auto shown = show_ended(ended(GetParam().lasted), true);
    EXPECT_EQ(
        shown.at("billingDetails").at("billedDurationInMilliseconds").as_int64(), GetParam().billed
    );
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Bills,
    ::testing::Values(
        Bill{"AtOnce", Duration{0}, 100},
        Bill{"AMoment", Duration{1}, 100},
        Bill{"OneStep", std::chrono::milliseconds{100}, 100},
        Bill{"OverOneStep", std::chrono::milliseconds{100} + Duration{1}, 200},
        Bill{"Seconds", std::chrono::milliseconds{2345}, 2400}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Shown, AFailureHasErrorAndCauseAndNoOutput) {
    const auto shown = show_ended(ended(Duration{1}), true);
    EXPECT_EQ(shown.at("error").as_string(), "E");
    EXPECT_EQ(shown.at("cause").as_string(), "");
    EXPECT_FALSE(shown.contains("output"));
    EXPECT_FALSE(shown.contains("outputDetails"));
    EXPECT_FALSE(show_ended(ended(Duration{1}), false).contains("error"));
}

TEST(Shown, WhatWasStoppedHasFailedForWhoWaitedForIt) {
    auto view = ended(Duration{1});
    view.row.status = "ABORTED";
    EXPECT_EQ(show_ended(view, true).at("status").as_string(), "FAILED");
}

TEST(Shown, MapRunsAndRedrivesOfAnExecution) {
    auto view = ended(Duration{1});
    view.row.map_run = "run";
    view.redrives = 2;
    view.redriven = TimePoint{std::chrono::seconds{20}};
    const auto shown = show_execution_item(view);
    EXPECT_EQ(shown.at("mapRunArn").as_string(), "run");
    EXPECT_EQ(shown.at("redriveCount").as_int64(), 2);
    EXPECT_EQ(shown.at("redriveDate").as_double(), 20.0);
}

TEST(Shown, TimesAreSecondsWithMilliseconds) {
    EXPECT_EQ(epoch_seconds(TimePoint{Duration{1'234'567}}), 1.234);
    EXPECT_EQ(epoch_seconds(TimePoint{std::chrono::seconds{0}}), 0.0);
}

}  // namespace
}  // namespace kiln::api::states
