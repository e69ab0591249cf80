#include "worker/dead_letters.hpp"

#include "worker/serving.hpp"
#include "worker/tests/bakery_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::worker {
namespace {

using namespace std::chrono_literals;
using ports::BakeState;
using ports::testing::kind_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DeadLettersTest : public ::testing::Test, protected BakeryWorld {
  protected:
    /// Consumers die over every message until the queue moves it away.
    void let_die() {
        while (receive()) {
            clock.advance(61s);
        }
    }

    std::size_t report() { return report_dead_letters(bakery_, {}); }

    Bakery bakery_ = bakery();
};

TEST_F(DeadLettersTest, WhatTheQueueMovedAwayIsToldOnce) {
    const auto id = submitted();
    let_die();
    EXPECT_EQ(report(), 1U);
    EXPECT_EQ(bakes.get(id).state, BakeState::failed);
    EXPECT_EQ(told().size(), 2U);
    EXPECT_TRUE(told().back().starts_with("END"));
    EXPECT_EQ(report(), 0U);
    EXPECT_EQ(told().size(), 2U);
    const auto letters = queues.sent("bakes-dead");
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].attributes.at("kiln.was").value, id.str());
}

TEST_F(DeadLettersTest, ToldOnesAreThereForEverybodyAfterALook) {
    submitted();
    let_die();
    (void)report();
    (void)report();
    EXPECT_TRUE(receive("bakes-dead"));
}

TEST_F(DeadLettersTest, OneWhoseBakeCameToAnEndIsToldThatAndRemoved) {
    const auto id = submitted();
    let_die();
    (void)work.finish({id, 1, "kiln:bakes", 60s, [] {}}, BakeState::succeeded);
    EXPECT_EQ(report(), 1U);
    EXPECT_THAT(told(), ElementsAre("ACCEPTED 1/1", "LOG 1/2", "END 1/3"));
    EXPECT_THAT(queues.sent("bakes-dead"), IsEmpty());
}

TEST_F(DeadLettersTest, OneThatStillRunsIsLeftAlone) {
    const auto id = submitted();
    let_die();
    work.begin({id, 1, "kiln:bakes", 60s, [] {}});
    EXPECT_EQ(report(), 0U);
    EXPECT_EQ(bakes.get(id).state, BakeState::running);
    EXPECT_TRUE(receive("bakes-dead"));
}

TEST_F(DeadLettersTest, OneThatIsDrivenBackIsABakeOfItsOwn) {
    const auto id = submitted();
    let_die();
    (void)report();
    queues.redrive("bakes-dead");
    LeaseKeeper leases;
    {
        Serving serving{bakery_, leases, *receive()};
        serving.serve({});
    }
    EXPECT_EQ(bakes.get(id).state, BakeState::failed);
    EXPECT_EQ(bakes.list({.state = BakeState::succeeded}).size(), 1U);
}

TEST_F(DeadLettersTest, ABakeThatWaitsLongAfterItsDeadlineEnds) {
    const auto lost = submitted();
    clock.advance(600s + 15min - 1s);
    EXPECT_EQ(expire_waiting(bakery_), 0U);
    clock.advance(1s);
    const auto fresh = submitted();
    EXPECT_EQ(expire_waiting(bakery_), 1U);
    EXPECT_EQ(bakes.get(lost).state, BakeState::failed);
    EXPECT_EQ(bakes.get(fresh).state, BakeState::queued);
}

TEST_F(DeadLettersTest, WithoutSuchAQueueThatIsSaid) {
    queues.destroy("bakes-dead");
    EXPECT_EQ(kind_of([&] { (void)report(); }), ErrorKind::not_found);
}

TEST_F(DeadLettersTest, ALongReasonIsCutToWhatAnAttributeMayBe) {
    send_dead_letter(queues, "bakes-dead", {.body = "x"}, BakeId::random(), std::string(5000, 'x'));
    EXPECT_LE(queues.sent("bakes-dead").at(0).attributes.at("kiln.reason").value.size(), 500U);
}

}  // namespace
}  // namespace kiln::worker
