#include "queue/tests/engine_fixture.hpp"

namespace kiln::queue::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Waiting : public EngineTest {
  protected:
    Waiting() { EXPECT_DONE(create(standard("q"))); }

    Answer<Deliveries> wait_for_message(int at_most = 1) {
        return begin_receive({.queue = "q", .at_most = at_most, .wait = seconds{20}});
    }

    /// All commands so far have been looked at.
    void settle() { depths("q"); }
};

TEST_F(Waiting, ASendIsHandedToTheReceiverThatWaitedLongest) {
    auto first = wait_for_message();
    auto second = wait_for_message();
    settle();
    send("q", "a");
    EXPECT_THAT(bodies_of(std::get<Deliveries>(first.get())), ElementsAre("a"));
    settle();
    EXPECT_FALSE(second.ready());
    send("q", "b");
    EXPECT_THAT(bodies_of(std::get<Deliveries>(second.get())), ElementsAre("b"));
}

TEST_F(Waiting, AReceiverGetsWhatThereIsWithoutWaitingForMore) {
    auto waiting = wait_for_message(10);
    settle();
    begin_send("q", {message("a"), message("b")});
    EXPECT_THAT(bodies_of(std::get<Deliveries>(waiting.get())), ElementsAre("a", "b"));
}

TEST_F(Waiting, OneThatComesLaterTakesNothingFromOneThatWaits) {
    auto first = wait_for_message();
    settle();
    store_.hold();
    auto sent = begin_send("q", {message("a")});
    auto late = begin_receive({.queue = "q"});
    store_.wait_until_held();
    EXPECT_FALSE(sent.ready());
    EXPECT_FALSE(first.ready());
    store_.release(FaultyStore::Ending::good);
    EXPECT_THAT(bodies_of(std::get<Deliveries>(first.get())), ElementsAre("a"));
    EXPECT_THAT(std::get<Deliveries>(late.get()), IsEmpty());
}

TEST_F(Waiting, IsOverWhenTheProcessEnds) {
    auto waiting = wait_for_message();
    settle();
    engine_->release_waiting();
    EXPECT_THAT(std::get<Deliveries>(waiting.get()), IsEmpty());
    auto late = wait_for_message();
    EXPECT_THAT(std::get<Deliveries>(late.get()), IsEmpty()) << "later ones do not wait";
    send("q", "a");
    auto other = wait_for_message();
    EXPECT_THAT(bodies_of(std::get<Deliveries>(other.get())), ElementsAre("a"));
}

TEST_F(Waiting, TheWaitEndsWithNothing) {
    auto waiting = wait_for_message();
    settle();
    advance(seconds{20} - Duration{1});
    settle();
    EXPECT_FALSE(waiting.ready());
    advance(Duration{1});
    EXPECT_THAT(std::get<Deliveries>(waiting.get()), IsEmpty());
    send("q", "a");
    EXPECT_THAT(receive("q"), SizeIs(1));
}

TEST_F(Waiting, TheQueuesWaitIsTheReceiversWhenHeNamesNone) {
    auto patient = standard("patient");
    patient.receive_wait = seconds{5};
    ASSERT_DONE(create(patient));
    auto waiting = begin_receive({.queue = "patient"});
    settle();
    EXPECT_FALSE(waiting.ready());
    advance(seconds{5});
    EXPECT_THAT(std::get<Deliveries>(waiting.get()), IsEmpty());
    EXPECT_THAT(
        std::get<Deliveries>(begin_receive({.queue = "patient", .wait = seconds{0}}).get()),
        IsEmpty()
    );
}

TEST_F(Waiting, ACancelledReceiverIsToldAtOnceAndTakesNothing) {
    auto waiting = wait_for_message();
    engine_->cancel(ticket_);
    EXPECT_THAT(std::get<Deliveries>(waiting.get()), IsEmpty());
    engine_->cancel(ticket_);
    send("q", "a");
    EXPECT_THAT(receive("q"), SizeIs(1));
}

TEST_F(Waiting, AMessageThatBecomesVisibleWakesTheReceiver) {
    send("q", "a");
    ASSERT_THAT(receive("q", 1, seconds{5}), SizeIs(1));
    auto waiting = wait_for_message();
    settle();
    advance(seconds{5});
    EXPECT_THAT(std::get<Deliveries>(waiting.get()), SizeIs(1));
}

TEST_F(Waiting, AMessageThatIsGivenBackWakesTheReceiver) {
    send("q", "a");
    const auto got = receive("q");
    auto waiting = wait_for_message();
    EXPECT_DONE(change("q", got[0].receipt, seconds{0}));
    EXPECT_THAT(std::get<Deliveries>(waiting.get()), SizeIs(1));
}

TEST_F(Waiting, ADelayThatEndsWakesTheReceiver) {
    auto delayed = message("a");
    delayed.delay = seconds{3};
    send("q", delayed);
    auto waiting = wait_for_message();
    settle();
    advance(seconds{3});
    EXPECT_THAT(std::get<Deliveries>(waiting.get()), SizeIs(1));
}

TEST_F(Waiting, DeletingTheQueueTellsItsReceivers) {
    auto waiting = wait_for_message();
    EXPECT_DONE(destroy("q"));
    EXPECT_EQ(code_of(waiting.get()), RefusalCode::queue_does_not_exist);
}

TEST_F(Waiting, TheEndOfTheEngineAnswersThemAll) {
    std::vector<Answer<Deliveries>> waiting;
    for (int i = 0; i < 100; ++i) {
        waiting.push_back(wait_for_message());
    }
    settle();
    auto sent = begin_send("q", {message("a")});
    engine_.reset();
    EXPECT_DONE(sent.get());
    EXPECT_THAT(bodies_of(std::get<Deliveries>(waiting[0].get())), ElementsAre("a"));
    for (std::size_t i = 1; i < waiting.size(); ++i) {
        EXPECT_THAT(std::get<Deliveries>(waiting[i].get()), IsEmpty());
    }
}

TEST_F(Waiting, TenThousandReceiversWaitAndEachGetsOne) {
    constexpr std::size_t kReceivers = 10'000;
    std::vector<Answer<Deliveries>> waiting;
    for (std::size_t i = 0; i < kReceivers; ++i) {
        waiting.push_back(wait_for_message());
    }
    for (std::size_t i = 0; i < kReceivers / 10; ++i) {
        begin_send("q", std::vector<NewMessage>(10, message("a")));
    }
    for (auto& each : waiting) {
        EXPECT_THAT(std::get<Deliveries>(each.get()), SizeIs(1));
    }
}

TEST_F(Waiting, WhatWaitsWhileACommitIsUnderWaySharesTheNextOne) {
    store_.hold();
    auto first = begin_send("q", {message("a")});
    store_.wait_until_held();
    const auto before = store_.applied();
    std::vector<Answer<SendOutcomes>> more;
    for (int i = 0; i < 100; ++i) {
        more.push_back(begin_send("q", {message("b")}));
    }
    store_.release(FaultyStore::Ending::good);
    EXPECT_DONE(first.get());
    for (auto& each : more) {
        EXPECT_DONE(each.get());
    }
    // One, or two when the engine had not taken all of them when the first one ended.
    EXPECT_LE(store_.applied() - before, 2U);
}

TEST_F(Waiting, WhatNobodyWaitsForIsDoneUnderSteadyLoadToo) {
    auto brief = standard("brief");
    brief.retention = seconds{60};
    ASSERT_DONE(create(brief));
    send("brief", "old");
    store_.hold();
    auto first = begin_send("q", {message("a")});
    store_.wait_until_held();
    advance(seconds{60});
    auto second = begin_send("q", {message("b")});
    store_.release(FaultyStore::Ending::good, FaultyStore::Then::hold);
    store_.wait_until_held();
    const auto changes = store_.held_changes();
    EXPECT_TRUE(std::any_of(changes.begin(), changes.end(), [](const auto& change) {
        return std::holds_alternative<ports::queue_change::RemoveMessage>(change);
    }));
    store_.release(FaultyStore::Ending::good);
    EXPECT_DONE(first.get());
    EXPECT_DONE(second.get());
}

TEST_F(Waiting, TooManyCommandsAreTurnedAwayAtOnce) {
    settings_.most_waiting = 2;
    restart();
    store_.hold();
    auto held = begin_send("q", {message("a")});
    store_.wait_until_held();
    std::optional<Outcome<SendOutcomes>> turned_away;
    for (int i = 0; i < 100'000 && !turned_away; ++i) {
        engine_->send("q", {message("b")}, [&](auto outcome) {
            if (refused(outcome) && !turned_away) {
                turned_away = outcome;
            }
        });
    }
    ASSERT_TRUE(turned_away);
    EXPECT_EQ(code_of(*turned_away), RefusalCode::throttled);
    store_.release(FaultyStore::Ending::good);
    EXPECT_DONE(held.get());
    engine_.reset();
}

}  // namespace
}  // namespace kiln::queue::testing
