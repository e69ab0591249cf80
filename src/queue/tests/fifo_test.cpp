#include "queue/tests/engine_fixture.hpp"

namespace kiln::queue::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FifoEngine : public EngineTest {
  protected:
    FifoEngine() { EXPECT_DONE(create(fifo("q.fifo"))); }

    void send_all(std::initializer_list<std::pair<const char*, const char*>> messages) {
        for (const auto& [body, group] : messages) {
            send("q.fifo", body, group);
        }
    }

    std::vector<std::string> take(int at_most, std::optional<seconds> visibility = {}) {
        return bodies("q.fifo", at_most, visibility);
    }

    Sent send_with(const std::string& body, const std::string& group, const std::string& key) {
        auto one = message(body, group);
        one.deduplication = key;
        return send("q.fifo", one);
    }
};

TEST_F(FifoEngine, AGroupIsTakenInItsOrderAndOneGroupAfterTheOther) {
    send_all({{"a1", "a"}, {"b1", "b"}, {"a2", "a"}, {"a3", "a"}});
    EXPECT_THAT(take(10), ElementsAre("a1", "a2", "a3", "b1"));
}

TEST_F(FifoEngine, AGroupIsBlockedWhileOneOfItsMessagesIsInFlight) {
    send_all({{"a1", "a"}, {"a2", "a"}, {"b1", "b"}});
    const auto first = receive("q.fifo");
    EXPECT_THAT(bodies_of(first), ElementsAre("a1"));
    EXPECT_THAT(take(10), ElementsAre("b1"));
    EXPECT_THAT(take(10), IsEmpty());
    EXPECT_DONE(remove("q.fifo", first[0].receipt));
    EXPECT_THAT(take(10), ElementsAre("a2"));
}

TEST_F(FifoEngine, OrderHoldsAfterDeliveriesHaveEnded) {
    send_all({{"a1", "a"}, {"a2", "a"}, {"a3", "a"}});
    EXPECT_THAT(take(2, seconds{1}), ElementsAre("a1", "a2"));
    advance(seconds{1});
    EXPECT_THAT(take(10), ElementsAre("a1", "a2", "a3"));
}

TEST_F(FifoEngine, WhatStandsBeforeAHiddenMessageIsDelivered) {
    send_all({{"a1", "a"}, {"a2", "a"}, {"a3", "a"}});
    const auto got = receive("q.fifo", 10, seconds{1});
    EXPECT_DONE(change("q.fifo", got[1].receipt, seconds{9}));
    advance(seconds{2});
    EXPECT_THAT(take(10), ElementsAre("a1"));
}

TEST_F(FifoEngine, GroupsTakeTurns) {
    send_all({{"a1", "a"}, {"b1", "b"}, {"b2", "b"}, {"c1", "c"}, {"a2", "a"}});
    EXPECT_THAT(take(3, seconds{0}), ElementsAre("a1", "a2", "b1"));
    EXPECT_THAT(take(10, seconds{0}), ElementsAre("c1", "a1", "a2", "b1", "b2"));
}

TEST_F(FifoEngine, AReceiptIsGoodUntilItsDeliveryEnds) {
    send_all({{"a1", "a"}});
    const auto first = receive("q.fifo", 1, seconds{1});
    EXPECT_DONE(change("q.fifo", first[0].receipt, seconds{5}));
    advance(seconds{4});
    EXPECT_DONE(change("q.fifo", first[0].receipt, seconds{1}));
    advance(seconds{1});
    const auto late = remove("q.fifo", first[0].receipt);
    ASSERT_EQ(code_of(late), RefusalCode::invalid_parameter_value);
    EXPECT_EQ(
        std::get<Refusal>(late).message,
        "Value " + first[0].receipt +
            " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    );
    EXPECT_EQ(
        code_of(change("q.fifo", first[0].receipt, seconds{1})),
        RefusalCode::invalid_parameter_value
    );
    const auto second = receive("q.fifo");
    EXPECT_EQ(code_of(remove("q.fifo", first[0].receipt)), RefusalCode::invalid_parameter_value);
    EXPECT_DONE(remove("q.fifo", second[0].receipt));
    EXPECT_DONE(remove("q.fifo", second[0].receipt));
}

TEST_F(FifoEngine, WhatAMessageNeedsIsAskedFor) {
    auto explicit_queue = fifo("explicit.fifo");
    explicit_queue.fifo->content_deduplication = false;
    ASSERT_DONE(create(explicit_queue));
    const auto no_group = refused_send("q.fifo", message("a"));
    EXPECT_EQ(no_group.code, RefusalCode::missing_parameter);
    EXPECT_THAT(no_group.message, HasSubstr("MessageGroupId"));
    const auto no_key = refused_send("explicit.fifo", message("a", "g"));
    EXPECT_EQ(no_key.code, RefusalCode::invalid_parameter_value);
    EXPECT_THAT(no_key.message, HasSubstr("MessageDeduplicationId provided explicitly"));
    auto delayed = message("a", "g");
    delayed.delay = seconds{2};
    const auto refusal = refused_send("q.fifo", delayed);
    EXPECT_EQ(refusal.code, RefusalCode::invalid_parameter_value);
    EXPECT_THAT(refusal.message, HasSubstr("Value 2 for parameter DelaySeconds is invalid."));
    delayed.delay = seconds{0};
    EXPECT_EQ(send("q.fifo", delayed).sequence, 1);
}

TEST_F(FifoEngine, TheQueuesDelayHoldsItsGroupsBack) {
    auto slow = fifo("slow.fifo");
    slow.delay = seconds{2};
    ASSERT_DONE(create(slow));
    send("slow.fifo", "a", "g");
    EXPECT_THAT(receive("slow.fifo"), IsEmpty());
    EXPECT_THAT(counts("slow.fifo"), ElementsAre(0, 0, 1));
    advance(seconds{2});
    EXPECT_THAT(receive("slow.fifo"), SizeIs(1));
}

TEST_F(FifoEngine, SequencesRiseAndStandInTheDelivery) {
    const auto first = send("q.fifo", "a", "g");
    const auto second = send("q.fifo", "b", "h");
    restart();
    const auto third = send("q.fifo", "c", "g");
    EXPECT_LT(*first.sequence, *second.sequence);
    EXPECT_LT(*second.sequence, *third.sequence);
    const auto got = receive("q.fifo", 10);
    ASSERT_THAT(got, SizeIs(3));
    EXPECT_EQ(got[0].sequence, first.sequence);
    EXPECT_EQ(got[0].message->group, "g");
    EXPECT_THAT(*got[0].message->deduplication, SizeIs(64));
}

TEST_F(FifoEngine, ADuplicateIsAnsweredAsTheFirstOneAndNotDelivered) {
    const auto first = send_with("one", "g", "key");
    const auto got = receive("q.fifo");
    EXPECT_DONE(remove("q.fifo", got[0].receipt));
    EXPECT_EQ(send_with("two", "other", "key"), first);
    restart();
    EXPECT_EQ(send_with("three", "g", "key"), first);
    EXPECT_THAT(take(10), IsEmpty());
    advance(std::chrono::minutes{5} - Duration{1});
    EXPECT_EQ(send_with("four", "g", "key"), first);
    advance(Duration{1});
    EXPECT_NE(send_with("five", "g", "key"), first);
    EXPECT_THAT(take(10), ElementsAre("five"));
}

TEST_F(FifoEngine, EqualBodiesAreDuplicatesByContent) {
    send_all({{"same", "g"}, {"same", "g"}, {"same", "h"}, {"other", "h"}});
    EXPECT_THAT(take(10), ElementsAre("same", "other"));
}

TEST_F(FifoEngine, TheScopeIsTheOneItWasMadeWith) {
    auto grouped = fifo("grouped.fifo");
    grouped.fifo->scope = DeduplicationScope::message_group;
    ASSERT_DONE(create(grouped));
    send("grouped.fifo", "same", "g");
    send("grouped.fifo", "same", "h");
    EXPECT_THAT(bodies("grouped.fifo"), ElementsAre("same", "same"));
    Answer<DefinitionPtr> updated;
    engine_->update(
        "grouped.fifo",
        [](QueueDefinition definition) {
            definition.fifo->scope = DeduplicationScope::queue;
            return definition;
        },
        updated.callback()
    );
    EXPECT_EQ(std::get<DefinitionPtr>(updated.get())->fifo->scope, DeduplicationScope::queue);
    restart();
    send("grouped.fifo", "same", "i");
    EXPECT_THAT(bodies("grouped.fifo"), ElementsAre("same"));
}

TEST_F(FifoEngine, OldDeduplicationsLeaveTheStore) {
    send_with("a", "g", "key");
    EXPECT_THAT(disk_.deduplications(), SizeIs(1));
    advance(std::chrono::minutes{5});
    counts("q.fifo");
    EXPECT_THAT(disk_.deduplications(), IsEmpty());
}

TEST_F(FifoEngine, TheSameAttemptIsGivenTheSameMessagesWhileTheyAreItsOwn) {
    send_all({{"a1", "a"}, {"a2", "a"}, {"b1", "b"}});
    const auto attempt = [&](const std::string& name) {
        return std::get<Deliveries>(begin_receive({.queue = "q.fifo",
                                                   .at_most = 2,
                                                   .visibility = seconds{10},
                                                   .attempt = name})
                                        .get());
    };
    const auto first = attempt("x");
    ASSERT_THAT(bodies_of(first), ElementsAre("a1", "a2"));
    advance(seconds{9});
    const auto again = attempt("x");
    ASSERT_THAT(bodies_of(again), ElementsAre("a1", "a2"));
    EXPECT_EQ(again[0].receipt, first[0].receipt);
    EXPECT_EQ(again[0].receives, 1);
    EXPECT_THAT(bodies_of(attempt("y")), ElementsAre("b1"));
    advance(seconds{10});
    EXPECT_THAT(bodies_of(attempt("x")), ElementsAre("a1", "a2"));
    EXPECT_EQ(receive("q.fifo", 10)[0].receives, 2);
}

TEST_F(FifoEngine, WaitersOfAGroupGetItsMessagesOneAfterTheOther) {
    std::vector<Answer<Deliveries>> waiting;
    for (int i = 0; i < 3; ++i) {
        waiting.push_back(begin_receive({.queue = "q.fifo", .wait = seconds{10}}));
    }
    send("q.fifo", "a1", "a");
    const auto first = std::get<Deliveries>(waiting[0].get());
    send("q.fifo", "a2", "a");
    counts("q.fifo");
    EXPECT_FALSE(waiting[1].ready());
    EXPECT_DONE(remove("q.fifo", first[0].receipt));
    EXPECT_THAT(bodies_of(std::get<Deliveries>(waiting[1].get())), ElementsAre("a2"));
}

TEST_F(FifoEngine, OrderAndBlockingSurviveARestart) {
    send_all({{"a1", "a"}, {"a2", "a"}, {"b1", "b"}});
    EXPECT_THAT(take(1, seconds{60}), ElementsAre("a1"));
    restart();
    EXPECT_THAT(take(10, seconds{60}), ElementsAre("b1"));
    advance(seconds{60});
    EXPECT_THAT(take(10), ElementsAre("a1", "a2", "b1"));
}

TEST_F(FifoEngine, TooManyInFlightIsAnEmptyAnswer) {
    settings_.most_in_flight_fifo = 1;
    restart();
    send_all({{"a1", "a"}, {"b1", "b"}});
    EXPECT_THAT(take(10), ElementsAre("a1"));
    EXPECT_THAT(take(10), IsEmpty());
}

}  // namespace
}  // namespace kiln::queue::testing
