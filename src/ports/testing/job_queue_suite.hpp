#pragma once

#include "base/testing/kind_of.hpp"
#include "ports/job_queue.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every queue of jobs does. A driver has
/// * `static std::optional<std::string> unavailable()`: why it cannot run here,
/// * `JobQueue& jobs()`,
/// * `void advance(std::chrono::seconds)`: lets that much time pass for what is due later, and for
///   leases (its clock is a FakeClock's, or it moves what it stored),
/// * `std::size_t dead(const std::string& queue)`: how many jobs are set aside.
namespace kiln::ports::testing {

template <class Driver>
class JobQueueConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    JobQueue& jobs() { return driver->jobs(); }

    static JobOrder order(json::array args = {}) {
        return {.kind = "HardWorker", .queue = "builds", .args = std::move(args)};
    }

    std::optional<Job> take() { return jobs().take("builds", std::chrono::seconds{0}, {}); }

    std::optional<Driver> driver;
};

TYPED_TEST_SUITE_P(JobQueueConformance);

TYPED_TEST_P(JobQueueConformance, AJobArrivesWholeAndOnce) {
    const auto id = this->jobs().push(this->order({1, "two", json::array{}, nullptr, 1.5}));
    const auto job = this->take();
    ASSERT_TRUE(job);
    EXPECT_EQ(job->id, id);
    EXPECT_EQ(job->kind, "HardWorker");
    EXPECT_EQ(job->queue, "builds");
    EXPECT_EQ(json::serialize(job->args), R"([1,"two",[],null,1.5E0])");
    EXPECT_EQ(job->retries, 0);
    EXPECT_EQ(job->most_retries, kUsualRetries);
    EXPECT_FALSE(this->take());
}

TYPED_TEST_P(JobQueueConformance, AnEmptyQueueGivesNothing) {
    EXPECT_FALSE(this->take());
}

TYPED_TEST_P(JobQueueConformance, WhatIsFinishedDoesNotComeBack) {
    this->jobs().push(this->order());
    const auto job = this->take();
    ASSERT_TRUE(job);
    this->jobs().finish(*job);
    this->jobs().finish(*job);
    this->driver->advance(kJobLease + std::chrono::seconds{1});
    EXPECT_FALSE(this->take());
    EXPECT_EQ(this->driver->dead("builds"), 0U);
}

TYPED_TEST_P(JobQueueConformance, AJobWhoseWorkerIsSilentComesBack) {
    const auto id = this->jobs().push(this->order());
    const auto first = this->take();
    ASSERT_TRUE(first);
    this->driver->advance(kJobLease + std::chrono::seconds{1});
    const auto second = this->take();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->id, id);
    EXPECT_EQ(second->retries, 0);
    EXPECT_EQ(kind_of([&] { this->jobs().keep(*first); }), ErrorKind::conflict);
}

TYPED_TEST_P(JobQueueConformance, AJobThatIsKeptStays) {
    this->jobs().push(this->order());
    const auto job = this->take();
    ASSERT_TRUE(job);
    for (int i = 0; i < 4; ++i) {
        this->driver->advance(kJobLease / 3);
        this->jobs().keep(*job);
    }
    EXPECT_FALSE(this->take());
}

TYPED_TEST_P(JobQueueConformance, AFailureIsTriedAgainLaterWithItsReason) {
    const auto id = this->jobs().push(this->order());
    const auto job = this->take();
    ASSERT_TRUE(job);
    const auto fate = this->jobs().fail(*job, {"Kiln::Unavailable", "no network"});
    EXPECT_EQ(fate.kind, JobFate::Kind::retried);
    EXPECT_FALSE(this->take());
    this->driver->advance(std::chrono::seconds{14});
    EXPECT_FALSE(this->take());
    this->driver->advance(std::chrono::seconds{15});
    const auto again = this->take();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, id);
    EXPECT_EQ(again->retries, 1);
    EXPECT_EQ(again->record.at("error_class").as_string(), "Kiln::Unavailable");
    EXPECT_EQ(again->record.at("error_message").as_string(), "no network");
}

TYPED_TEST_P(JobQueueConformance, WhatFailsTooOftenIsSetAside) {
    auto order = this->order();
    order.retries = 1;
    this->jobs().push(order);
    auto job = this->take();
    ASSERT_TRUE(job);
    EXPECT_FALSE(job->is_last_attempt());
    this->jobs().fail(*job, {"E", "once"});
    this->driver->advance(std::chrono::seconds{30});
    job = this->take();
    ASSERT_TRUE(job);
    EXPECT_TRUE(job->is_last_attempt());
    EXPECT_EQ(this->jobs().fail(*job, {"E", "twice"}).kind, JobFate::Kind::dead);
    this->driver->advance(std::chrono::hours{1});
    EXPECT_FALSE(this->take());
    EXPECT_EQ(this->driver->dead("builds"), 1U);
}

TYPED_TEST_P(JobQueueConformance, WhatFailsForGoodIsSetAsideAtOnce) {
    this->jobs().push(this->order());
    const auto job = this->take();
    ASSERT_TRUE(job);
    EXPECT_EQ(this->jobs().fail(*job, {"E", "bad", true}).kind, JobFate::Kind::dead);
    EXPECT_EQ(this->driver->dead("builds"), 1U);
}

TYPED_TEST_P(JobQueueConformance, ADelayedJobComesWhenItIsDue) {
    auto order = this->order();
    order.delay = std::chrono::hours{30};
    this->jobs().push(order);
    EXPECT_FALSE(this->take());
    this->driver->advance(std::chrono::hours{29});
    EXPECT_FALSE(this->take());
    this->driver->advance(std::chrono::hours{2});
    EXPECT_TRUE(this->take());
}

TYPED_TEST_P(JobQueueConformance, ABadOrderIsInvalid) {
    auto order = this->order();
    order.kind = "";
    EXPECT_EQ(kind_of([&] { this->jobs().push(order); }), ErrorKind::invalid);
    EXPECT_FALSE(this->take());
}

TYPED_TEST_P(JobQueueConformance, AQueueDoesNotGiveTheJobsOfAnother) {
    auto order = this->order();
    order.queue = "terminations";
    this->jobs().push(order);
    EXPECT_FALSE(this->take());
    EXPECT_TRUE(this->jobs().take("terminations", std::chrono::seconds{0}, {}));
}

TYPED_TEST_P(JobQueueConformance, AWorkerThatIsStoppedReturnsWithNothing) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(this->jobs().take("builds", std::chrono::seconds{20}, stop.get_token()));
}

REGISTER_TYPED_TEST_SUITE_P(
    JobQueueConformance,
    AJobArrivesWholeAndOnce,
    AnEmptyQueueGivesNothing,
    WhatIsFinishedDoesNotComeBack,
    AJobWhoseWorkerIsSilentComesBack,
    AJobThatIsKeptStays,
    AFailureIsTriedAgainLaterWithItsReason,
    WhatFailsTooOftenIsSetAside,
    WhatFailsForGoodIsSetAsideAtOnce,
    ADelayedJobComesWhenItIsDue,
    ABadOrderIsInvalid,
    AQueueDoesNotGiveTheJobsOfAnother,
    AWorkerThatIsStoppedReturnsWithNothing
);

}  // namespace kiln::ports::testing
