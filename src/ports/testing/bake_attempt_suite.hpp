#pragma once

#include "ports/testing/bake_store_suite.hpp"

namespace kiln::ports::testing {

/// The rules of ports::BakeStore about bakes that wait in a queue, and their attempts. The same
/// driver as BakeStoreConformance.
template <class Driver>
class BakeAttemptConformance : public BakeStoreConformance<Driver> {
  protected:
    /// A record that waits for its first attempt, and the same in the store.
    BakeRecord waiting() {
        auto record = this->make("");
        record.state = BakeState::queued;
        record.attempt = 0;
        record.queue = "kiln:bakes";
        return record;
    }

    BakeRecord submitted() {
        const auto record = waiting();
        EXPECT_TRUE(this->store().submit(record));
        return record;
    }

    void give_up(const BakeRecord& record) {
        this->store().append(
            record.id,
            record.attempt,
            {},
            BakeStore::Ending{
                .state = BakeState::queued,
                .image = {},
                .result = json::object{{"error", "no room"}},
                .at = this->clock.now()}
        );
    }

    static BakeRecord at(BakeRecord record, std::int64_t attempt) {
        record.attempt = attempt;
        return record;
    }
};

TYPED_TEST_SUITE_P(BakeAttemptConformance);

TYPED_TEST_P(BakeAttemptConformance, AQueuedBakeIsSubmittedOnce) {
    auto put = this->waiting();
    put.note = "sent by hand";
    EXPECT_TRUE(this->store().submit(put));
    const auto got = this->store().get(put.id);
    EXPECT_EQ(got.state, BakeState::queued);
    EXPECT_EQ(got.attempt, 0);
    EXPECT_EQ(got.queue, "kiln:bakes");
    EXPECT_EQ(got.note, "sent by hand");
    EXPECT_EQ(got.same_as, std::nullopt);
    EXPECT_EQ(got.ended, std::nullopt);
    put.name = "other";
    EXPECT_FALSE(this->store().submit(put));
    EXPECT_EQ(this->store().get(put.id).name, "web");
}

TYPED_TEST_P(BakeAttemptConformance, SubmittingARunningOrFinishedBakeChangesNothing) {
    const auto running = this->started("a");
    const auto over = this->started("b");
    this->end(over, BakeState::failed);
    EXPECT_FALSE(this->store().submit(running));
    EXPECT_FALSE(this->store().submit(over));
    EXPECT_EQ(this->store().get(running.id).state, BakeState::running);
    EXPECT_EQ(this->store().get(over.id).state, BakeState::failed);
}

TYPED_TEST_P(BakeAttemptConformance, AQueuedBakeBeginsToRun) {
    const auto queued = this->submitted();
    auto wanted = this->make("key", "web@main");
    wanted.id = queued.id;
    wanted.attempt = 2;
    wanted.queue = "kiln:bakes";
    EXPECT_TRUE(this->store().begin(wanted, false).inserted);
    const auto got = this->store().get(queued.id);
    EXPECT_EQ(got.state, BakeState::running);
    EXPECT_EQ(got.attempt, 2);
    EXPECT_EQ(got.key, "key");
    EXPECT_EQ(got.name, "web@main");
    EXPECT_EQ(got.holder, wanted.holder);
    EXPECT_EQ(got.job, wanted.job);
    EXPECT_EQ(got.parent, wanted.parent);
    EXPECT_EQ(got.request, wanted.request);
    EXPECT_EQ(got.created, queued.created);
}

TYPED_TEST_P(BakeAttemptConformance, AQueuedBakeStaysWhileAnotherStandsForIt) {
    const auto queued = this->submitted();
    const auto running = this->started("key");
    auto wanted = this->make("key");
    wanted.id = queued.id;
    const auto begun = this->store().begin(wanted, false);
    EXPECT_FALSE(begun.inserted);
    EXPECT_EQ(begun.record.id, running.id);
    EXPECT_EQ(this->store().get(queued.id).state, BakeState::queued);
}

TYPED_TEST_P(BakeAttemptConformance, ABakeThatFollowsAnotherRunsBesideIt) {
    const auto running = this->started("key");
    for (int i = 0; i < 2; ++i) {
        auto follower = this->make("key");
        follower.id = this->submitted().id;
        follower.same_as = running.id;
        EXPECT_TRUE(this->store().begin(follower, false).inserted);
        EXPECT_EQ(this->store().get(follower.id).same_as, running.id);
    }
    EXPECT_EQ(this->store().begin(this->make("key"), false).record.id, running.id);
}

TYPED_TEST_P(BakeAttemptConformance, OnlyALaterAttemptBegins) {
    const auto queued = this->submitted();
    auto wanted = this->make("key");
    wanted.id = queued.id;
    wanted.attempt = 2;
    (void)this->store().begin(wanted, false);
    this->give_up(wanted);
    for (const std::int64_t late : {1, 2}) {
        wanted.attempt = late;
        EXPECT_EQ(kind_of([&] { (void)this->store().begin(wanted, false); }), ErrorKind::conflict);
    }
    wanted.attempt = 3;
    EXPECT_TRUE(this->store().begin(wanted, false).inserted);
}

TYPED_TEST_P(BakeAttemptConformance, AnAttemptThatIsGivenUpWaitsAgain) {
    const auto bake = this->started("key");
    this->store().append(bake.id, 1, {this->event(1)}, std::nullopt);
    this->give_up(bake);
    const auto got = this->store().get(bake.id);
    EXPECT_EQ(got.state, BakeState::queued);
    EXPECT_EQ(got.attempt, 1);
    EXPECT_EQ(got.ended, std::nullopt);
    EXPECT_EQ(got.result, (json::object{{"error", "no room"}}));
    EXPECT_TRUE(this->store().begin(this->make("key"), false).inserted);
}

TYPED_TEST_P(BakeAttemptConformance, AnAttemptThatIsOverTakesNoMoreEvents) {
    auto bake = this->started("key");
    this->give_up(bake);
    const auto late = [&] { this->store().append(bake.id, 1, {this->event(1)}, std::nullopt); };
    EXPECT_EQ(kind_of(late), ErrorKind::conflict);
    bake.attempt = 2;
    (void)this->store().begin(bake, false);
    EXPECT_EQ(kind_of(late), ErrorKind::conflict);
    EXPECT_EQ(
        kind_of([&] { this->end(this->at(bake, 1), BakeState::failed); }), ErrorKind::conflict
    );
    this->end(bake, BakeState::succeeded);
    EXPECT_EQ(this->store().get(bake.id).state, BakeState::succeeded);
}

TYPED_TEST_P(BakeAttemptConformance, EachAttemptNumbersItsEventsFromOne) {
    auto bake = this->started("key");
    this->store().append(bake.id, 1, {this->event(1), this->event(2)}, std::nullopt);
    this->give_up(bake);
    bake.attempt = 3;
    (void)this->store().begin(bake, false);
    this->store().append(bake.id, 3, {this->event(1)}, std::nullopt);
    std::vector<EventPlace> places;
    for (const auto& event : this->store().events(bake.id, {}, 10)) {
        places.push_back(event.place());
    }
    EXPECT_THAT(
        places, ::testing::ElementsAre(EventPlace{1, 1}, EventPlace{1, 2}, EventPlace{3, 1})
    );
    EXPECT_EQ(this->store().events(bake.id, {1, 2}, 10).size(), 1U);
    EXPECT_EQ(this->store().events(bake.id, {2, 0}, 10).size(), 1U);
    EXPECT_TRUE(this->store().events(bake.id, {3, 1}, 10).empty());
}

TYPED_TEST_P(BakeAttemptConformance, AQueuedBakeIsEndedWithoutHavingRun) {
    const auto queued = this->submitted();
    this->store().append(
        queued.id,
        1,
        {this->event(1)},
        BakeStore::Ending{
            .state = BakeState::cancelled, .image = {}, .result = {}, .at = this->clock.now()}
    );
    const auto got = this->store().get(queued.id);
    EXPECT_EQ(got.state, BakeState::cancelled);
    EXPECT_EQ(got.attempt, 1);
    EXPECT_EQ(got.ended, this->clock.now());
    auto wanted = this->make("key");
    wanted.id = queued.id;
    wanted.attempt = 2;
    EXPECT_EQ(kind_of([&] { (void)this->store().begin(wanted, false); }), ErrorKind::conflict);
}

TYPED_TEST_P(BakeAttemptConformance, AQueuedBakeTakesNoEventsThatDoNotEndIt) {
    const auto queued = this->submitted();
    EXPECT_EQ(
        kind_of([&] { this->store().append(queued.id, 1, {this->event(1)}, std::nullopt); }),
        ErrorKind::conflict
    );
}

TYPED_TEST_P(BakeAttemptConformance, ANoteIsKeptWhateverTheState) {
    const auto bake = this->started("key");
    this->end(bake, BakeState::failed);
    this->store().note(bake.id, "replies were given up");
    EXPECT_EQ(this->store().get(bake.id).note, "replies were given up");
    this->store().note(BakeId::random(), "nobody");
}

TYPED_TEST_P(BakeAttemptConformance, AQueuedBakeIsNotForgotten) {
    const auto queued = this->submitted();
    EXPECT_EQ(this->store().forget({queued.id}), 0U);
    EXPECT_THAT(this->listed({.state = BakeState::queued}), ::testing::ElementsAre(queued.id));
}

REGISTER_TYPED_TEST_SUITE_P(
    BakeAttemptConformance,
    AQueuedBakeIsSubmittedOnce,
    SubmittingARunningOrFinishedBakeChangesNothing,
    AQueuedBakeBeginsToRun,
    AQueuedBakeStaysWhileAnotherStandsForIt,
    ABakeThatFollowsAnotherRunsBesideIt,
    OnlyALaterAttemptBegins,
    AnAttemptThatIsGivenUpWaitsAgain,
    AnAttemptThatIsOverTakesNoMoreEvents,
    EachAttemptNumbersItsEventsFromOne,
    AQueuedBakeIsEndedWithoutHavingRun,
    AQueuedBakeTakesNoEventsThatDoNotEndIt,
    ANoteIsKeptWhateverTheState,
    AQueuedBakeIsNotForgotten
);

}  // namespace kiln::ports::testing
