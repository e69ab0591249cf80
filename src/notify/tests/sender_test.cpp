#include "notify/sender.hpp"

#include "notify/notifier.hpp"
#include "notify/tests/fake_channel.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_notification_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

using ports::NotificationState;
using std::chrono::seconds;

class SenderTest : public ::testing::Test {
  protected:
    void tell(const std::string& key) {
        Event event;
        event.kind = Kind::work_started;
        event.key = key;
        event.name = "name of " + key;
        notifier_.tell(event);
    }

    Sender::Step step() { return sender_.step(stop_.get_token()); }

    ports::NotificationRow only_row() { return store_.list({}).at(0); }

    ports::testing::FakeClock clock_;
    ports::testing::MemoryNotificationStore store_;
    testing::FakeChannel channel_;
    int woken_ = 0;
    Notifier notifier_{store_, clock_, {{"slack", {}}}, [this] { ++woken_; }};
    std::stop_source stop_;
    Sender sender_{{store_, channel_, clock_, [] { return 1.0; }}};
};

TEST_F(SenderTest, SendsWhatWasToldOnce) {
    tell("a");
    EXPECT_EQ(woken_, 1);
    EXPECT_EQ(step().did, Sender::Did::sent);
    EXPECT_EQ(step().did, Sender::Did::nothing);
    ASSERT_EQ(channel_.told().size(), 1U);
    EXPECT_EQ(channel_.told()[0].name, "name of a");
    EXPECT_EQ(channel_.told()[0].key, "a");
    EXPECT_EQ(only_row().state, NotificationState::sent);
    EXPECT_EQ(only_row().ended, clock_.now());
}

TEST_F(SenderTest, ToldTwiceItIsOne) {
    tell("a");
    tell("a");
    EXPECT_EQ(step().did, Sender::Did::sent);
    EXPECT_EQ(step().did, Sender::Did::nothing);
}

TEST_F(SenderTest, TriesAgainAfterAPauseUntilItIsTaken) {
    tell("a");
    channel_.fail_with = [](const auto&) { throw Error{ErrorKind::unavailable, "busy"}; };
    EXPECT_EQ(step().did, Sender::Did::failed);
    EXPECT_EQ(only_row().error, "busy");
    const auto waits = step();
    EXPECT_EQ(waits.did, Sender::Did::nothing);
    EXPECT_EQ(waits.next, clock_.now() + seconds{5});
    clock_.advance(seconds{5});
    channel_.fail_with = nullptr;
    EXPECT_EQ(step().did, Sender::Did::sent);
    EXPECT_EQ(only_row().attempts, 2);
    EXPECT_EQ(only_row().error, "busy");
}

TEST_F(SenderTest, GivesUpAfterTheLastAttempt) {
    tell("a");
    channel_.fail_with = [](const auto&) { throw Error{ErrorKind::timed_out, "slow"}; };
    for (int i = 0; i < 12; ++i) {
        EXPECT_EQ(only_row().state, NotificationState::waiting);
        (void)step();
        clock_.advance(std::chrono::hours{1});
    }
    EXPECT_EQ(only_row().state, NotificationState::failed);
    EXPECT_EQ(step().did, Sender::Did::nothing);
}

TEST_F(SenderTest, WhatWillNeverBeTakenHoldsUpNobody) {
    tell("a");
    tell("b");
    channel_.fail_with = [](const auto&) { throw Error{ErrorKind::not_found, "no hook"}; };
    EXPECT_EQ(step().did, Sender::Did::sent);
    channel_.fail_with = nullptr;
    EXPECT_EQ(step().did, Sender::Did::sent);
    EXPECT_THAT(channel_.told(), ::testing::SizeIs(1));
}

TEST_F(SenderTest, AnySurprisingFailureEndsInTheRow) {
    tell("a");
    channel_.fail_with = [](const auto&) { throw std::runtime_error{"surprise"}; };
    EXPECT_NO_THROW((void)step());
    EXPECT_EQ(only_row().state, NotificationState::failed);
    EXPECT_EQ(only_row().error, "surprise");
}

TEST_F(SenderTest, ASenderThatDiedIsFollowedByAnother) {
    tell("a");
    // It took the row, may have sent it, and never settled.
    ASSERT_TRUE(store_.take("slack", clock_.now(), clock_.now() + seconds{60}).row);
    EXPECT_EQ(step().did, Sender::Did::nothing);
    clock_.advance(seconds{60});
    EXPECT_EQ(step().did, Sender::Did::sent);
    EXPECT_EQ(channel_.told().at(0).key, "a");
    EXPECT_EQ(only_row().attempts, 2);
}

TEST_F(SenderTest, ARowWhoseSendersAllDieIsGivenUp) {
    tell("a");
    for (int i = 0; i < 12; ++i) {
        ASSERT_TRUE(store_.take("slack", clock_.now(), clock_.now() + seconds{60}).row);
        clock_.advance(seconds{60});
    }
    (void)step();
    EXPECT_EQ(only_row().state, NotificationState::failed);
    EXPECT_TRUE(channel_.told().empty());
}

TEST_F(SenderTest, WhoIsStoppedLeavesTheRowDue) {
    tell("a");
    channel_.fail_with = [](const auto&) { throw Error{ErrorKind::cancelled, "stop"}; };
    (void)step();
    EXPECT_EQ(only_row().state, NotificationState::waiting);
    EXPECT_EQ(only_row().due, clock_.now());
}

TEST_F(SenderTest, ARowThatCannotBeReadIsGivenUp) {
    store_.add({{.key = "x", .channel = "slack", .kind = "new", .event = "{}", .due = clock_.now()}}
    );
    (void)step();
    EXPECT_EQ(only_row().state, NotificationState::failed);
}

}  // namespace
}  // namespace kiln::notify
