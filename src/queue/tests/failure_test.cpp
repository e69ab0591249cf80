#include "queue/tests/engine_fixture.hpp"

namespace kiln::queue::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A store that fails takes nothing back that was answered, and nothing else stays.
class Failures : public EngineTest {
  protected:
    Failures() { EXPECT_DONE(create(standard("q"))); }
};

TEST_F(Failures, SendersAreToldNothingStaysAndTheServiceResumes) {
    send("q", "before");
    store_.set_failing(true);
    EXPECT_EQ(code_of(begin_send("q", {message("lost")}).get()), RefusalCode::unavailable);
    EXPECT_EQ(code_of(begin_receive({.queue = "q"}).get()), RefusalCode::unavailable);
    store_.set_failing(false);
    EXPECT_THAT(counts("q"), ElementsAre(1, 0, 0));
    send("q", "after");
    EXPECT_THAT(bodies("q"), ElementsAre("before", "after"));
}

TEST_F(Failures, WhatWasBuiltOnAFailedCommitFailsWithIt) {
    const auto kept = send("q", "kept");
    const auto got = receive("q");
    store_.hold();
    auto removed = Answer<Claims>{};
    engine_->remove("q", {got[0].receipt}, removed.callback());
    store_.wait_until_held();
    auto sent = begin_send("q", {message("second")});
    auto received = begin_receive({.queue = "q", .at_most = 10});
    store_.release(FaultyStore::Ending::failed);
    EXPECT_EQ(code_of(removed.get()), RefusalCode::unavailable);
    // These gathered on top of it, or came just after it was taken back.
    const auto second = sent.get();
    received.get();
    EXPECT_THAT(counts("q"), ElementsAre(::testing::Ge(0), ::testing::Ge(1), 0));
    EXPECT_DONE(remove("q", got[0].receipt));
    EXPECT_THAT(disk_messages(), SizeIs(refused(second) ? 0U : 1U));
}

TEST_F(Failures, AQueueWhoseCreationFailedIsNotThere) {
    store_.hold();
    Answer<DefinitionPtr> created;
    engine_->create(standard("new"), {}, created.callback());
    store_.wait_until_held();
    auto waiting = begin_receive({.queue = "new", .wait = seconds{20}});
    store_.release(FaultyStore::Ending::failed);
    EXPECT_EQ(code_of(created.get()), RefusalCode::unavailable);
    EXPECT_TRUE(refused(waiting.get()));
    EXPECT_EQ(engine_->find("new"), nullptr);
    EXPECT_DONE(create(standard("new")));
}

TEST_F(Failures, AQueueWhoseDeletionOrPurgeFailedIsAsItWas) {
    ASSERT_DONE(create(fifo("q.fifo")));
    const auto sent = send("q.fifo", "a", "g");
    send("q", "b");
    store_.set_failing(true);
    EXPECT_EQ(code_of(destroy("q")), RefusalCode::unavailable);
    EXPECT_EQ(code_of(purge("q.fifo")), RefusalCode::unavailable);
    Answer<DefinitionPtr> updated;
    engine_->update(
        "q",
        [](QueueDefinition definition) {
            definition.delay = seconds{9};
            return definition;
        },
        updated.callback()
    );
    EXPECT_EQ(code_of(updated.get()), RefusalCode::unavailable);
    store_.set_failing(false);
    EXPECT_EQ(engine_->find("q")->delay, seconds{0});
    EXPECT_THAT(bodies("q"), ElementsAre("b"));
    EXPECT_EQ(send("q.fifo", "a", "g"), sent);
    EXPECT_THAT(bodies("q.fifo"), ElementsAre("a"));
    EXPECT_DONE(purge("q.fifo"));
}

TEST_F(Failures, AFailedSendIsNoFirstOne) {
    ASSERT_DONE(create(fifo("q.fifo")));
    store_.set_failing(true);
    EXPECT_EQ(code_of(begin_send("q.fifo", {message("a", "g")}).get()), RefusalCode::unavailable);
    store_.set_failing(false);
    send("q.fifo", "a", "g");
    EXPECT_THAT(bodies("q.fifo"), ElementsAre("a"));
}

TEST_F(Failures, DeadLettersGoBackAndTheMoveIsTriedAgain) {
    ASSERT_DONE(create(standard("dead")));
    ASSERT_DONE(create(with_dead_letters(standard("source"), "dead", 1)));
    send("source", "a");
    receive("source", 1, seconds{0});
    store_.set_failing(true);
    EXPECT_EQ(code_of(begin_receive({.queue = "source"}).get()), RefusalCode::unavailable);
    store_.set_failing(false);
    EXPECT_THAT(counts("dead"), ElementsAre(0, 0, 0));
    EXPECT_THAT(receive("source"), IsEmpty());
    EXPECT_THAT(bodies("dead"), ElementsAre("a"));
}

TEST_F(Failures, AWaitingReceiverIsToldWhenItsMessageCannotBeHandedOver) {
    auto waiting = begin_receive({.queue = "q", .wait = seconds{20}});
    counts("q");
    store_.set_failing(true);
    EXPECT_EQ(code_of(begin_send("q", {message("a")}).get()), RefusalCode::unavailable);
    EXPECT_EQ(code_of(waiting.get()), RefusalCode::unavailable);
}

TEST_F(Failures, ExpiryIsTriedAgainAfterARest) {
    auto brief = standard("brief");
    brief.retention = seconds{60};
    ASSERT_DONE(create(brief));
    send("brief", "a");
    store_.set_failing(true);
    advance(seconds{60});
    Answer<Depths> failed;
    engine_->depths("brief", failed.callback());
    EXPECT_EQ(code_of(failed.get()), RefusalCode::unavailable);
    store_.set_failing(false);
    advance(seconds{1});
    EXPECT_THAT(counts("brief"), ElementsAre(0, 0, 0));
    EXPECT_THAT(disk_messages(), IsEmpty());
}

/// Everything that was answered is there after an end at any commit, and nothing that was removed.
class EndAt : public EngineTest, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(EndAt, KeepsWhatWasAnswered) {
    store_.end_after(GetParam());
    std::set<std::string> kept;
    std::set<std::string> held;
    std::set<std::string> removed;
    const auto one_of_each = [&](int round) {
        for (int i = 0; i < 2; ++i) {
            const auto body = std::to_string(round) + "." + std::to_string(i);
            if (!refused(begin_send("q", {message(body)}).get())) {
                kept.insert(body);
            }
        }
        auto answer = begin_receive({.queue = "q", .at_most = 2, .visibility = seconds{60}}).get();
        if (refused(answer) || std::get<Deliveries>(answer).empty()) {
            return;
        }
        const auto got = std::get<Deliveries>(answer);
        for (const auto& delivery : got) {
            held.insert(delivery.message->body);
        }
        Answer<Claims> answered;
        engine_->remove("q", {got[0].receipt}, answered.callback());
        if (!refused(answered.get())) {
            const auto& body = got[0].message->body;
            kept.erase(body);
            held.erase(body);
            removed.insert(body);
        }
    };
    if (!refused(create(standard("q")))) {
        for (int round = 0; round < 4; ++round) {
            one_of_each(round);
        }
    }
    engine_.reset();

    FaultyStore fresh{disk_};
    Engine again{fresh, wall_, steady_};
    if (again.find("q") == nullptr) {
        EXPECT_THAT(kept, IsEmpty());
        return;
    }
    const auto receive_all = [&] {
        std::multiset<std::string> bodies;
        Answer<Deliveries> answer;
        again.receive({.queue = "q", .at_most = 10}, answer.callback());
        for (const auto& body : bodies_of(std::get<Deliveries>(answer.get()))) {
            bodies.insert(body);
        }
        return bodies;
    };
    auto bodies = receive_all();
    for (const auto& body : bodies) {
        EXPECT_FALSE(held.contains(body)) << "somebody has it";
    }
    steady_.advance(seconds{60});
    again.wake();
    bodies = receive_all();
    EXPECT_EQ(bodies, std::multiset<std::string>(kept.begin(), kept.end()));
}

INSTANTIATE_TEST_SUITE_P(
    Commits,
    EndAt,
    ::testing::Range<std::size_t>(0, 18),
    [](const auto& tested) { return "After" + std::to_string(tested.param); }
);

}  // namespace
}  // namespace kiln::queue::testing
