#pragma once

#include "ports/queue_store.hpp"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every queue store does. A driver has `static std::optional<std::string> unavailable()` and
/// `QueueStore& store()`, empty at first.
namespace kiln::ports::testing {

template <class Driver>
class QueueStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    QueueStore& store() { return driver->store(); }

    void apply(QueueChanges changes) {
        std::promise<std::exception_ptr> ended;
        store().apply(std::move(changes), [&](std::exception_ptr failure) {
            ended.set_value(std::move(failure));
        });
        if (auto failure = ended.get_future().get()) {
            std::rethrow_exception(failure);
        }
    }

    static TimePoint at(std::int64_t seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

    static QueueMessagePtr message(const std::string& body) {
        return std::make_shared<const QueueMessage>(QueueMessage{
            .id = "id of " + body, .body = body, .sent = at(7)});
    }

    static queue_change::AddMessage added(MessageKey key, const std::string& body) {
        return {key, {.sent = at(7), .visible_from = at(8)}, message(body)};
    }

    struct Seen {
        MessageKey key;
        MessageState state;
        std::optional<std::string> group;
    };

    std::vector<Seen> seen() {
        std::vector<Seen> all;
        store().visit_messages([&](const MessageKey& key,
                                   const MessageState& state,
                                   std::optional<std::string_view> group) {
            all.push_back({key, state, group ? std::optional{std::string{*group}} : std::nullopt});
        });
        return all;
    }

    std::vector<MessageKey> keys() {
        std::vector<MessageKey> all;
        for (const auto& each : seen()) {
            all.push_back(each.key);
        }
        return all;
    }

    std::vector<std::string> bodies(MessageKey from, std::size_t most, std::size_t bytes) {
        std::vector<std::string> all;
        for (const auto& read : store().read_ahead(from, most, bytes)) {
            all.push_back(read.message->body);
        }
        return all;
    }

    static QueueRow row(QueueNumber number, const std::string& name) {
        QueueRow row{.number = number, .name = name, .definition = R"({"a":"ü"})", .reserved = 9};
        row.secret = {1, 2, 0, 255, 7};
        return row;
    }

    std::optional<Driver> driver;
};

TYPED_TEST_SUITE_P(QueueStoreConformance);

TYPED_TEST_P(QueueStoreConformance, StartsEmpty) {
    EXPECT_TRUE(this->store().queues().empty());
    EXPECT_TRUE(this->store().deduplications().empty());
    EXPECT_TRUE(this->store().move_tasks().empty());
    EXPECT_TRUE(this->seen().empty());
    EXPECT_TRUE(this->store().read_ahead({1, 1}, 10, 10).empty());
}

TYPED_TEST_P(QueueStoreConformance, AQueueIsReadBackAsItWasPut) {
    auto first = this->row(1, "a");
    auto second = this->row(kLastQueueNumber, "b");
    second.purged = 5;
    second.purged_at = this->at(3);
    second.deleted_at = this->at(4);
    this->apply({queue_change::PutQueue{first}, queue_change::PutQueue{second}});
    EXPECT_THAT(this->store().queues(), ::testing::ElementsAre(first, second));
    first.definition = "{}";
    first.reserved = kLastMessageSequence;
    this->apply({queue_change::PutQueue{first}, queue_change::ForgetQueue{second.number}});
    EXPECT_THAT(this->store().queues(), ::testing::ElementsAre(first));
}

TYPED_TEST_P(QueueStoreConformance, AMessageIsReadBackWhole) {
    QueueMessage message{
        .id = "an id",
        .body = "ü\n\"x\"",
        .attributes =
            {{"text", {"String", "ö"}},
             {"raw", {"Binary.gif", std::string{"\0\xff\x01", 3}}},
             {"count", {"Number", "7"}}},
        .group = "g",
        .deduplication = "d",
        .trace_header = "Root=1",
        .sender = "me",
        .sent = this->at(11),
    };
    const MessageState state{
        .sent = this->at(1),
        .visible_from = this->at(2),
        .receives = 3,
        .first_received = this->at(4),
        .origin = std::make_shared<const std::string>("source")};
    const MessageKey key{kLastQueueNumber, kLastMessageSequence};
    this->apply({queue_change::AddMessage{
        key, state, std::make_shared<const QueueMessage>(message)}});
    const auto seen = this->seen();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].key, key);
    EXPECT_EQ(seen[0].state, state);
    EXPECT_EQ(seen[0].group, "g");
    const auto read = this->store().read_ahead(key, 1, 1);
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].key, key);
    EXPECT_EQ(*read[0].message, message);
}

TYPED_TEST_P(QueueStoreConformance, WhatAMessageDoesNotHaveStaysAway) {
    const QueueMessage message{.id = "i", .body = "b", .sender = "", .sent = this->at(1)};
    const MessageState state{.sent = this->at(1), .visible_from = this->at(1)};
    this->apply({queue_change::AddMessage{
        {1, 1}, state, std::make_shared<const QueueMessage>(message)}});
    EXPECT_EQ(*this->store().read_ahead({1, 1}, 1, 1)[0].message, message);
    EXPECT_EQ(this->seen()[0].state, state);
    EXPECT_EQ(this->seen()[0].group, std::nullopt);
}

TYPED_TEST_P(QueueStoreConformance, MessagesComeByQueueAndSequence) {
    this->apply({this->added({2, 1}, "c"), this->added({1, 300}, "b"), this->added({1, 2}, "a")});
    EXPECT_THAT(
        this->keys(), ::testing::ElementsAre(MessageKey{1, 2}, MessageKey{1, 300}, MessageKey{2, 1})
    );
}

TYPED_TEST_P(QueueStoreConformance, ReadingAheadStaysInTheQueueAndInItsBounds) {
    this->apply(
        {this->added({1, 2}, "aaaa"),
         this->added({1, 5}, "bbbb"),
         this->added({1, 9}, "cccc"),
         this->added({2, 1}, "d")}
    );
    using ::testing::ElementsAre;
    EXPECT_THAT(this->bodies({1, 3}, 10, 100), ElementsAre("bbbb", "cccc"));
    EXPECT_THAT(this->bodies({1, 1}, 2, 100), ElementsAre("aaaa", "bbbb"));
    EXPECT_THAT(this->bodies({1, 1}, 10, 8), ElementsAre("aaaa", "bbbb"));
    EXPECT_THAT(this->bodies({1, 1}, 10, 1), ElementsAre("aaaa"));
    EXPECT_THAT(this->bodies({1, 10}, 10, 100), ElementsAre());
}

TYPED_TEST_P(QueueStoreConformance, AStateIsWrittenOver) {
    this->apply({this->added({1, 1}, "a")});
    const MessageState state{
        .sent = this->at(20),
        .visible_from = this->at(21),
        .receives = 2,
        .first_received = this->at(3)};
    this->apply({queue_change::SetState{{1, 1}, state}, queue_change::SetState{{1, 2}, state}});
    const auto seen = this->seen();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].state, state);
}

TYPED_TEST_P(QueueStoreConformance, ARemovedMessageIsGone) {
    this->apply({this->added({1, 1}, "a"), this->added({1, 2}, "b")});
    this->apply({queue_change::RemoveMessage{{1, 1}}, queue_change::RemoveMessage{{1, 7}}});
    EXPECT_THAT(this->keys(), ::testing::ElementsAre(MessageKey{1, 2}));
    EXPECT_THAT(this->bodies({1, 1}, 9, 99), ::testing::ElementsAre("b"));
}

TYPED_TEST_P(QueueStoreConformance, AMovedMessageIsTheSameElsewhere) {
    this->apply({this->added({1, 1}, "a"), this->added({1, 2}, "b")});
    const MessageState state{
        .sent = this->at(1),
        .visible_from = this->at(2),
        .receives = 3,
        .origin = std::make_shared<const std::string>("one")};
    this->apply(
        {queue_change::MoveMessage{{1, 1}, {2, 1}, state, {}, {}},
         queue_change::MoveMessage{{1, 2}, {2, 2}, state, "new", this->at(99)},
         queue_change::MoveMessage{{1, 3}, {2, 3}, state, {}, {}}}
    );
    EXPECT_THAT(this->keys(), ::testing::ElementsAre(MessageKey{2, 1}, MessageKey{2, 2}));
    EXPECT_EQ(this->seen()[0].state, state);
    const auto read = this->store().read_ahead({2, 1}, 9, 99);
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[0].message->id, "id of a");
    EXPECT_EQ(read[0].message->sent, this->at(7));
    EXPECT_EQ(read[1].message->id, "new");
    EXPECT_EQ(read[1].message->sent, this->at(99));
    EXPECT_EQ(read[1].message->body, "b");
}

TYPED_TEST_P(QueueStoreConformance, ASweepTakesARangeOfOneQueue) {
    this->apply(
        {this->added({1, 1}, "a"),
         this->added({1, 2}, "b"),
         this->added({1, 3}, "c"),
         this->added({2, 2}, "d")}
    );
    this->apply({queue_change::SweepMessages{1, 1, 2}});
    EXPECT_THAT(this->keys(), ::testing::ElementsAre(MessageKey{1, 3}, MessageKey{2, 2}));
    EXPECT_THAT(this->bodies({1, 1}, 9, 99), ::testing::ElementsAre("c"));
}

TYPED_TEST_P(QueueStoreConformance, DeduplicationsAreUniqueByQueueAndKey) {
    const DeduplicationRow first{1, "k", "m1", 1, this->at(1)};
    const DeduplicationRow again{1, "k", "m2", 2, this->at(2)};
    const DeduplicationRow other{2, "k", "m3", 1, this->at(3)};
    const DeduplicationRow more{2, std::string{"g\nk"}, "m4", 4, this->at(3)};
    this->apply(
        {queue_change::PutDeduplication{first},
         queue_change::PutDeduplication{again},
         queue_change::PutDeduplication{other},
         queue_change::PutDeduplication{more}}
    );
    EXPECT_THAT(
        this->store().deduplications(), ::testing::UnorderedElementsAre(again, other, more)
    );
    this->apply({queue_change::RemoveDeduplication{1, "k"}});
    EXPECT_THAT(this->store().deduplications(), ::testing::UnorderedElementsAre(other, more));
    this->apply({queue_change::ClearDeduplications{2}});
    EXPECT_TRUE(this->store().deduplications().empty());
}

TYPED_TEST_P(QueueStoreConformance, MoveTasksAreUniqueById) {
    this->apply(
        {queue_change::PutMoveTask{{"a", 1, "{}"}},
         queue_change::PutMoveTask{{"b", 2, "{}"}},
         queue_change::PutMoveTask{{"a", 1, R"({"x":1})"}}}
    );
    EXPECT_THAT(
        this->store().move_tasks(),
        ::testing::UnorderedElementsAre(
            MoveTaskRow{"a", 1, R"({"x":1})"}, MoveTaskRow{"b", 2, "{}"}
        )
    );
    this->apply({queue_change::RemoveMoveTask{"a"}, queue_change::RemoveMoveTask{"c"}});
    EXPECT_THAT(this->store().move_tasks(), ::testing::ElementsAre(MoveTaskRow{"b", 2, "{}"}));
}

TYPED_TEST_P(QueueStoreConformance, ChangesAreMadeInTheirOrder) {
    this->apply(
        {this->added({1, 1}, "a"),
         queue_change::RemoveMessage{{1, 1}},
         this->added({1, 2}, "b"),
         queue_change::MoveMessage{{1, 2}, {2, 1}, {}, {}, {}},
         queue_change::MoveMessage{{2, 1}, {3, 1}, {}, {}, {}}}
    );
    EXPECT_THAT(this->keys(), ::testing::ElementsAre(MessageKey{3, 1}));
}

REGISTER_TYPED_TEST_SUITE_P(
    QueueStoreConformance,
    StartsEmpty,
    AQueueIsReadBackAsItWasPut,
    AMessageIsReadBackWhole,
    WhatAMessageDoesNotHaveStaysAway,
    MessagesComeByQueueAndSequence,
    ReadingAheadStaysInTheQueueAndInItsBounds,
    AStateIsWrittenOver,
    ARemovedMessageIsGone,
    AMovedMessageIsTheSameElsewhere,
    ASweepTakesARangeOfOneQueue,
    DeduplicationsAreUniqueByQueueAndKey,
    MoveTasksAreUniqueById,
    ChangesAreMadeInTheirOrder
);

}  // namespace kiln::ports::testing
