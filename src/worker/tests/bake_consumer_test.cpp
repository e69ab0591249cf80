#include "worker/bake_consumer.hpp"

#include "worker/tests/bakery_world.hpp"

#include <barrier>
#include <latch>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::worker {
namespace {

using namespace std::chrono_literals;
using ports::BakeState;

class BakeConsumerTest : public ::testing::Test, protected BakeryWorld {
  protected:
    /// Runs the consumer until `stop_` is requested.
    std::jthread start(BakeConsumer& consumer) {
        return std::jthread{[&] { consumer.run(stop_.get_token(), at_once_.get_token()); }};
    }

    Bakery bakery_with(BakerySettings settings) {
        auto made = bakery();
        made.settings = settings;
        return made;
    }

    std::stop_source stop_;
    std::stop_source at_once_;
};

TEST_F(BakeConsumerTest, SoManyAreBakedAtOnce) {
    constexpr int kAtOnce = 3;
    std::latch together{kAtOnce};
    std::latch done{kAtOnce};
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto&) {
        together.arrive_and_wait();
        auto record = work.finish(submission, BakeState::succeeded);
        done.count_down();
        return record;
    };
    BakeConsumer consumer{bakery_with({.concurrency = kAtOnce})};
    {
        const auto running = start(consumer);
        for (int i = 0; i < kAtOnce; ++i) {
            submitted();
        }
        done.wait();
        stop_.request_stop();
    }
    EXPECT_EQ(consumer.served(), 3U);
    EXPECT_EQ(consumer.running(), 0U);
    EXPECT_TRUE(queues.sent("bakes").empty());
}

TEST_F(BakeConsumerTest, WhatRunsMayEndAfterAnAskToStop) {
    std::latch runs{1};
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto& stop) {
        runs.count_down();
        // The consumer takes no more once it was asked to stop; what runs is not told.
        while (!stop_.stop_requested()) {
            std::this_thread::yield();
        }
        EXPECT_FALSE(stop.stop_requested());
        return work.finish(submission, BakeState::succeeded);
    };
    const auto id = submitted();
    BakeConsumer consumer{bakery_with({.drain = 24h})};
    {
        const auto running = start(consumer);
        runs.wait();
        stop_.request_stop();
    }
    EXPECT_EQ(bakes.get(id).state, BakeState::succeeded);
}

class CutShort : public BakeConsumerTest, public ::testing::WithParamInterface<bool> {};

TEST_P(CutShort, WhatDoesNotEndInTimeIsGivenBackAtOnce) {
    const bool at_once = GetParam();
    std::latch runs{1};
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto& stop) {
        std::latch stopped{1};
        const std::stop_callback told_to{stop, [&] { stopped.count_down(); }};
        runs.count_down();
        stopped.wait();
        return work.finish(submission, BakeState::queued);
    };
    const auto id = submitted();
    BakeConsumer consumer{bakery_with({.drain = at_once ? 24h : 0h})};
    {
        const auto running = start(consumer);
        runs.wait();
        stop_.request_stop();
        if (at_once) {
            at_once_.request_stop();
        }
    }
    EXPECT_EQ(bakes.get(id).state, BakeState::queued);
    EXPECT_FALSE(queues.hidden_for("bakes", 0));
    EXPECT_TRUE(ledger.entries().empty());
}

INSTANTIATE_TEST_SUITE_P(Table, CutShort, ::testing::Bool(), [](const auto& tested) {
    return tested.param ? "AtOnce" : "AfterTheDrain";
});

TEST_F(BakeConsumerTest, AQueueThatFailsIsAskedAgainLater) {
    std::atomic<int> failures{3};
    queues.fail_with([&](const std::string& call, const std::string& queue) {
        if (call == "receive" && queue == "bakes" && failures-- > 0) {
            throw Error{ErrorKind::unavailable, "no answer"};
        }
    });
    std::latch done{1};
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto&) {
        auto record = work.finish(submission, BakeState::succeeded);
        done.count_down();
        return record;
    };
    submitted();
    BakeConsumer consumer{bakery_with({})};
    {
        const auto running = start(consumer);
        done.wait();
        stop_.request_stop();
    }
    EXPECT_GE(Duration{paused.load()}, 3s);
}

TEST_F(BakeConsumerTest, DeadLettersAreToldByTheWay) {
    const auto id = submitted();
    while (receive()) {
        clock.advance(61s);
    }
    std::latch told_end{1};
    queues.fail_with([&](const std::string& call, const std::string& queue) {
        if (call == "remove" && queue == "bakes-dead") {
            told_end.count_down();
        }
    });
    BakeConsumer consumer{bakery_with({})};
    {
        const auto running = start(consumer);
        told_end.wait();
        stop_.request_stop();
    }
    EXPECT_EQ(bakes.get(id).state, BakeState::failed);
}

}  // namespace
}  // namespace kiln::worker
