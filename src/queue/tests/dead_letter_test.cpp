#include "queue/tests/engine_fixture.hpp"

namespace kiln::queue::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DeadLetters : public EngineTest {
  protected:
    DeadLetters() {
        EXPECT_DONE(create(standard("dead")));
        EXPECT_DONE(create(with_dead_letters(standard("q"), "dead", 1)));
        EXPECT_DONE(create(standard("other")));
    }

    /// Sends these to `queue` and lets them die.
    void kill(const std::string& queue, const std::vector<std::string>& bodies) {
        for (const auto& body : bodies) {
            send(queue, body);
        }
        for (std::size_t i = 0; i <= bodies.size(); ++i) {
            receive(queue, 10, seconds{0});
        }
    }

    Outcome<std::string> start_move(
        const std::string& source,
        const std::optional<std::string>& destination = {},
        std::optional<std::int64_t> per_second = {}
    ) {
        Answer<std::string> answer;
        engine_->start_move(source, destination, per_second, answer.callback());
        return answer.get();
    }

    std::vector<MoveTask> moves(const std::string& source) {
        Answer<std::vector<MoveTask>> answer;
        engine_->list_moves(source, 10, answer.callback());
        return std::get<std::vector<MoveTask>>(answer.get());
    }

    MoveTask finished_move(const std::string& source) {
        auto task = moves(source).at(0);
        while (task.state == MoveState::running) {
            task = moves(source).at(0);
        }
        return task;
    }

    Outcome<std::int64_t> cancel_move(const std::string& source, const std::string& id) {
        Answer<std::int64_t> answer;
        engine_->cancel_move(source, id, answer.callback());
        return answer.get();
    }
};

TEST_F(DeadLetters, AMessageGoesThereAtTheReceiveThatWouldBeTooMany) {
    const auto sent = send("q", "a");
    const auto alive = receive("q", 1, seconds{0});
    ASSERT_THAT(alive, SizeIs(1));
    EXPECT_THAT(counts("dead"), ElementsAre(0, 0, 0));
    EXPECT_THAT(receive("q"), IsEmpty());
    EXPECT_THAT(counts("q"), ElementsAre(0, 0, 0));
    const auto dead = receive("dead");
    ASSERT_THAT(dead, SizeIs(1));
    EXPECT_EQ(dead[0].message->id, sent.id);
    EXPECT_EQ(dead[0].receives, 2);
    EXPECT_EQ(dead[0].first_received, alive[0].first_received);
    EXPECT_EQ(dead[0].dead_letter_source, "q");
    EXPECT_EQ(alive[0].dead_letter_source, std::nullopt);
    EXPECT_DONE(remove("dead", dead[0].receipt));
    EXPECT_THAT(disk_messages(), IsEmpty());
}

TEST_F(DeadLetters, OthersAreDeliveredBesideTheDead) {
    send("q", "a");
    receive("q", 1, seconds{0});
    send("q", "b");
    EXPECT_THAT(bodies("q"), ElementsAre("b"));
    EXPECT_THAT(bodies("dead"), ElementsAre("a"));
}

TEST_F(DeadLetters, AReceiverOfTheDeadIsWoken) {
    auto waiting = begin_receive({.queue = "dead", .wait = seconds{20}});
    kill("q", {"a"});
    EXPECT_THAT(bodies_of(std::get<Deliveries>(waiting.get())), ElementsAre("a"));
}

TEST_F(DeadLetters, WhatWasMovedIsThereAfterARestart) {
    kill("q", {"a"});
    restart();
    const auto dead = receive("dead");
    ASSERT_THAT(dead, SizeIs(1));
    EXPECT_EQ(dead[0].dead_letter_source, "q");
    EXPECT_EQ(dead[0].receives, 2);
    EXPECT_THAT(receive("q"), IsEmpty());
}

TEST_F(DeadLetters, WithoutTheQueueMessagesStayWhereTheyAre) {
    ASSERT_DONE(destroy("dead"));
    kill("q", {"a"});
    EXPECT_THAT(bodies("q"), ElementsAre("a"));
}

TEST_F(DeadLetters, OfAStandardQueueKeepTheirAge) {
    auto brief = standard("brief");
    brief.retention = seconds{60};
    ASSERT_DONE(create(brief));
    ASSERT_DONE(create(with_dead_letters(standard("source"), "brief", 1)));
    send("source", "a");
    advance(seconds{59});
    receive("source", 1, seconds{0});
    receive("source");
    EXPECT_THAT(counts("brief"), ElementsAre(1, 0, 0));
    advance(seconds{1});
    EXPECT_THAT(counts("brief"), ElementsAre(0, 0, 0));
}

TEST_F(DeadLetters, OfAFifoQueueKeepTheirGroupAndOrder) {
    ASSERT_DONE(create(fifo("dead.fifo")));
    ASSERT_DONE(create(with_dead_letters(fifo("q.fifo"), "dead.fifo", 1)));
    send("q.fifo", "a1", "a");
    send("q.fifo", "a2", "a");
    send("q.fifo", "b1", "b");
    EXPECT_THAT(bodies("q.fifo", 2, seconds{0}), ElementsAre("a1", "a2"));
    EXPECT_THAT(bodies("q.fifo"), ElementsAre("b1"));
    const auto dead = receive("dead.fifo", 10);
    ASSERT_THAT(bodies_of(dead), ElementsAre("a1", "a2"));
    EXPECT_EQ(dead[0].message->group, "a");
}

TEST_F(DeadLetters, AQueueThatIsItsOwnKeepsItsMessages) {
    ASSERT_DONE(create(with_dead_letters(standard("self"), "self", 1)));
    kill("self", {"a"});
    EXPECT_THAT(bodies("self"), ElementsAre("a"));
}

TEST_F(DeadLetters, TwoQueuesDoNotPassAMessageToAndFro) {
    Answer<DefinitionPtr> updated;
    engine_->update(
        "dead",
        [](const QueueDefinition& dead) { return with_dead_letters(dead, "q", 1); },
        updated.callback()
    );
    ASSERT_DONE(updated.get());
    auto waiting = begin_receive({.queue = "dead", .wait = seconds{20}});
    kill("q", {"a"});
    EXPECT_THAT(bodies_of(std::get<Deliveries>(waiting.get())), ElementsAre("a"));
}

TEST_F(DeadLetters, APolicyThatCannotHoldIsRefused) {
    ASSERT_DONE(create(fifo("dead.fifo")));
    auto closed = standard("closed");
    closed.redrive_allow = RedriveAllowPolicy{RedriveAllowPolicy::Permission::deny_all, {}};
    ASSERT_DONE(create(closed));
    auto some = standard("some");
    some.redrive_allow = RedriveAllowPolicy{RedriveAllowPolicy::Permission::by_queue, {"mine"}};
    ASSERT_DONE(create(some));
    for (const auto* target : {"none", "dead.fifo", "closed", "some"}) {
        const auto outcome = create(with_dead_letters(standard("new"), target, 1));
        ASSERT_EQ(code_of(outcome), RefusalCode::invalid_parameter_value) << target;
        EXPECT_THAT(std::get<Refusal>(outcome).message, HasSubstr("RedrivePolicy"));
    }
    EXPECT_DONE(create(with_dead_letters(standard("mine"), "some", 1)));
    EXPECT_EQ(engine_->find("new"), nullptr);
}

TEST_F(DeadLetters, SourcesAreListed) {
    ASSERT_DONE(create(with_dead_letters(standard("p"), "dead", 1)));
    EXPECT_THAT(engine_->dead_letter_sources("dead", "", 10).names, ElementsAre("p", "q"));
    const auto page = engine_->dead_letter_sources("dead", "", 1);
    EXPECT_THAT(page.names, ElementsAre("p"));
    EXPECT_EQ(page.more, "p");
    EXPECT_THAT(engine_->dead_letter_sources("dead", "p", 1).names, ElementsAre("q"));
    EXPECT_THAT(engine_->dead_letter_sources("q", "", 10).names, IsEmpty());
}

TEST_F(DeadLetters, AMoveTakesThemBackAsNewMessages) {
    ASSERT_DONE(create(with_dead_letters(standard("p"), "dead", 1)));
    kill("q", {"a", "b"});
    kill("p", {"c"});
    EXPECT_THAT(counts("dead"), ElementsAre(3, 0, 0));
    advance(seconds{7});
    const auto id = std::get<std::string>(start_move("dead"));
    const auto task = finished_move("dead");
    EXPECT_EQ(task.id, id);
    EXPECT_EQ(task.state, MoveState::completed);
    EXPECT_EQ(task.moved, 3);
    EXPECT_EQ(task.to_move, 3);
    EXPECT_EQ(task.source, "dead");
    EXPECT_EQ(task.destination, std::nullopt);
    EXPECT_EQ(task.started, wall_.now());
    const auto back = receive("q", 10);
    ASSERT_THAT(bodies_of(back), ElementsAre("a", "b"));
    EXPECT_EQ(back[0].receives, 1);
    EXPECT_EQ(back[0].message->sent, wall_.now());
    EXPECT_EQ(back[0].dead_letter_source, std::nullopt);
    EXPECT_THAT(bodies("p"), ElementsAre("c"));
    EXPECT_THAT(counts("dead"), ElementsAre(0, 0, 0));
}

TEST_F(DeadLetters, AMoveHasADestinationAndARate) {
    kill("q", {"a", "b", "c"});
    ASSERT_DONE(start_move("dead", "other", 2));
    EXPECT_EQ(code_of(start_move("dead", "other")), RefusalCode::invalid_parameter_value);
    counts("other");
    EXPECT_THAT(counts("other"), ElementsAre(1, 0, 0));
    EXPECT_EQ(moves("dead").at(0).per_second, 2);
    advance(Duration{499'999});
    EXPECT_THAT(counts("other"), ElementsAre(1, 0, 0));
    advance(Duration{1});
    counts("other");
    EXPECT_THAT(counts("other"), ElementsAre(2, 0, 0));
    restart();
    counts("other");
    EXPECT_THAT(counts("other"), ElementsAre(3, 0, 0));
    EXPECT_EQ(finished_move("dead").state, MoveState::completed);
}

TEST_F(DeadLetters, AMoveThatIsCancelledLeavesTheRest) {
    kill("q", {"a", "b", "c"});
    const auto id = std::get<std::string>(start_move("dead", "other", 1));
    counts("other");
    counts("other");
    EXPECT_EQ(code_of(cancel_move("dead", "another")), RefusalCode::resource_not_found);
    EXPECT_EQ(std::get<std::int64_t>(cancel_move("dead", id)), 1);
    EXPECT_EQ(code_of(cancel_move("dead", id)), RefusalCode::resource_not_found);
    advance(seconds{9});
    EXPECT_THAT(counts("other"), ElementsAre(1, 0, 0));
    EXPECT_EQ(moves("dead").at(0).state, MoveState::cancelled);
    EXPECT_THAT(bodies("dead"), SizeIs(2));
}

TEST_F(DeadLetters, AMoveFailsWhenItsDestinationGoes) {
    kill("q", {"a", "b"});
    ASSERT_DONE(start_move("dead", "other", 1));
    counts("other");
    ASSERT_DONE(destroy("other"));
    advance(seconds{1});
    const auto task = finished_move("dead");
    EXPECT_EQ(task.state, MoveState::failed);
    EXPECT_EQ(task.failure, "AWS.SimpleQueueService.NonExistentQueue");
    EXPECT_THAT(bodies("dead"), SizeIs(1));
}

TEST_F(DeadLetters, AMoveOfOneThatCameFromNowhereFails) {
    send("dead", "a");
    ASSERT_DONE(start_move("dead"));
    EXPECT_EQ(finished_move("dead").failure, "CouldNotDetermineMessageSource");
    EXPECT_THAT(bodies("dead"), ElementsAre("a"));
}

TEST_F(DeadLetters, AMoveThatMakesNoSenseIsRefused) {
    EXPECT_EQ(code_of(start_move("none")), RefusalCode::resource_not_found);
    EXPECT_EQ(code_of(start_move("dead", "none")), RefusalCode::resource_not_found);
    const auto refusal = start_move("q");
    EXPECT_EQ(code_of(refusal), RefusalCode::invalid_parameter_value);
    EXPECT_EQ(
        std::get<Refusal>(refusal).message,
        "Source queue must be configured as a Dead Letter Queue."
    );
}

}  // namespace
}  // namespace kiln::queue::testing
