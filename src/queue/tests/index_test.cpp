#include "ports/testing/fake_clock.hpp"
#include "queue/body_cache.hpp"
#include "queue/deduplications.hpp"
#include "queue/fifo_queue.hpp"
#include "queue/receipt.hpp"
#include "queue/standard_queue.hpp"
#include "queue/timeline.hpp"
#include "queue/timers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::queue::testing {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

TimePoint at(std::int64_t second) {
    return TimePoint{seconds{second}};
}

MessageChange arrival(
    MessageSequence sequence, std::int64_t sent, const char* group = nullptr, std::int64_t delay = 0
) {
    MessageChange change{sequence, std::nullopt, MessageState{}, nullptr};
    change.after->sent = at(sent);
    change.after->visible_from = at(sent + delay);
    if (group != nullptr) {
        change.group = std::make_shared<const std::string>(group);
    }
    return change;
}

TakeRule rule_of(std::size_t at_most, Duration visibility = seconds{10}) {
    return {
        .at_most = at_most,
        .visibility = visibility,
        .retention = seconds{1'000},
        .most_in_flight = 100};
}

std::vector<MessageSequence> sequences(const std::vector<MessageChange>& changes) {
    std::vector<MessageSequence> found;
    for (const auto& change : changes) {
        found.push_back(change.sequence);
    }
    return found;
}

struct FateRow {
    const char* name;
    std::int64_t age, receives;
    std::optional<std::int64_t> most;
    const char* origin;
    Fate fate;
};

class FateOf : public ::testing::TestWithParam<FateRow> {};

TEST_P(FateOf, Table) {
    const auto& row = GetParam();
    MessageState state{.sent = at(0), .receives = row.receives};
    if (row.origin != nullptr) {
        state.origin = std::make_shared<const std::string>(row.origin);
    }
    auto rule = rule_of(1);
    rule.max_receives = row.most;
    rule.dead_letters = std::make_shared<const std::string>("dead");
    EXPECT_EQ(fate_of(state, at(row.age), rule), row.fate);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    FateOf,
    ::testing::Values(
        FateRow{"New", 0, 0, 3, nullptr, Fate::delivered},
        FateRow{"OneMoreIsAllowed", 0, 2, 3, nullptr, Fate::delivered},
        FateRow{"ReceivedOftenEnough", 0, 3, 3, nullptr, Fate::dead},
        FateRow{"WithoutALimit", 0, 99, std::nullopt, nullptr, Fate::delivered},
        FateRow{"JustYoungEnough", 999, 0, 3, nullptr, Fate::delivered},
        FateRow{"TooOld", 1'000, 0, 3, nullptr, Fate::expired},
        FateRow{"TooOldBeforeItIsDead", 1'000, 3, 3, nullptr, Fate::expired},
        FateRow{"FromAnotherQueue", 0, 3, 3, "other", Fate::dead},
        FateRow{"NotBackToWhereItCameFrom", 0, 3, 3, "dead", Fate::delivered}
    ),
    [](const auto& tested) { return tested.param.name; }
);

/// Every decision can be taken back, last one first, to the state before it.
template <class Index>
class Reverting : public ::testing::Test {};

using Indexes = ::testing::Types<StandardQueue, FifoQueue>;
TYPED_TEST_SUITE(Reverting, Indexes);

TYPED_TEST(Reverting, BringsBackWhatWasBefore) {
    TypeParam index;
    for (int i = 1; i <= 6; ++i) {
        index.apply(arrival(i, i, i % 2 == 0 ? "even" : "odd"));
    }
    index.apply(arrival(7, 7, "late", 50));
    const auto state_of_all = [&] {
        std::vector<std::optional<MessageState>> all;
        for (int i = 1; i <= 7; ++i) {
            all.push_back(index.find(i));
        }
        return all;
    };
    std::vector<MessageChange> changes;
    const auto keep = [&](const std::vector<MessageChange>& more) {
        changes.insert(changes.end(), more.begin(), more.end());
    };
    const auto before = state_of_all();
    const auto taken = index.take(at(10), rule_of(3));
    keep(taken.delivered);
    const Claim claim{taken.delivered[0].sequence, 1};
    keep({std::get<MessageChange>(
        index.change_visibility(at(11), claim, seconds{5}, DeliveryMatch::any)
    )});
    keep({std::get<MessageChange>(index.remove(at(11), claim))});
    keep(index.expire(at(12), seconds{8}, 100));
    EXPECT_NE(state_of_all(), before);
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        index.revert(*change);
    }
    EXPECT_EQ(state_of_all(), before);
    const auto depths = index.depths(at(10));
    EXPECT_EQ(depths.visible, 6);
    EXPECT_EQ(depths.in_flight, 0);
    EXPECT_EQ(depths.delayed, 1);
    EXPECT_EQ(sequences(index.take(at(10), rule_of(3)).delivered), sequences(taken.delivered));
}

TEST(StandardIndex, PutsOnlySoManyAsideAtOnce) {
    StandardQueue index;
    for (int i = 1; i <= 10; ++i) {
        index.apply(arrival(i, 0));
    }
    auto rule = rule_of(10);
    rule.max_receives = 0;
    rule.most_aside = 4;
    EXPECT_THAT(sequences(index.take(at(1), rule).dead), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(sequences(index.take(at(1), rule).dead), ElementsAre(5, 6, 7, 8));
}

TEST(StandardIndex, TellsWhenTheNextOneBecomesVisibleAndWhichIsTheFirst) {
    StandardQueue index;
    EXPECT_EQ(index.next_visible(), std::nullopt);
    EXPECT_EQ(index.first_sequence(), std::nullopt);
    index.apply(arrival(5, 0, nullptr, 30));
    index.apply(arrival(6, 0));
    EXPECT_EQ(index.next_visible(), at(30));
    EXPECT_EQ(index.first_sequence(), 5);
    EXPECT_EQ(index.oldest(), at(0));
}

TEST(FifoIndex, KnowsTheGroupOfAMessageAsLongAsItIsThere) {
    FifoQueue index;
    index.apply(arrival(1, 0, "g"));
    ASSERT_NE(index.group_of(1), nullptr);
    EXPECT_EQ(*index.group_of(1), "g");
    static_cast<void>(index.expire(at(9), seconds{1}, 1));
    EXPECT_EQ(index.group_of(1), nullptr);
}

TEST(Deduplications, HoldForTheirTime) {
    Deduplications all;
    all.put({.key = "a", .message = "1", .until = at(5)});
    all.put({.key = "b", .message = "2", .until = at(9)});
    EXPECT_EQ(all.find("a", at(4))->message, "1");
    EXPECT_EQ(all.find("a", at(5)), nullptr);
    EXPECT_EQ(all.next(), at(5));
    EXPECT_EQ(all.expire(at(5), 10).size(), 1U);
    EXPECT_EQ(all.next(), at(9));
    all.put({.key = "b", .message = "3", .until = at(20)});
    EXPECT_EQ(all.find("b", at(10))->message, "3");
    EXPECT_TRUE(all.expire(at(19), 10).empty());
}

TEST(Receipts, AreReadByTheirBookAlone) {
    ReceiptBook book{Secret{1, 2, 3}};
    ReceiptBook other{Secret{1, 2, 4}};
    const Claim claim{ports::kLastMessageSequence, 7};
    const auto receipt = book.write(claim);
    EXPECT_EQ(receipt.size(), 32U);
    const auto read = book.read(receipt);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->sequence, claim.sequence);
    EXPECT_EQ(read->receives, claim.receives);
    EXPECT_EQ(book.write(claim), receipt);
    EXPECT_NE(book.write({claim.sequence, 8}), receipt);
    EXPECT_FALSE(other.read(receipt));
    for (std::size_t i = 0; i < receipt.size(); ++i) {
        auto forged = receipt;
        forged[i] = forged[i] == 'x' ? 'y' : 'x';
        EXPECT_FALSE(book.read(forged)) << i;
        EXPECT_FALSE(book.read(receipt.substr(0, i))) << i;
    }
    EXPECT_FALSE(book.read(receipt + "A"));
    EXPECT_FALSE(book.read(std::string(32, '!')));
}

TEST(BodyCacheTest, KeepsTheNewestWithinItsBytes) {
    const auto message = [](std::size_t bytes) {
        return std::make_shared<const Message>(Message{.body = std::string(bytes, 'x')});
    };
    const auto one = footprint(*message(1'000));
    BodyCache cache{2 * one};
    cache.put({1, 1}, message(1'000));
    cache.put({1, 2}, message(1'000));
    EXPECT_EQ(cache.bytes(), 2 * one);
    cache.put({2, 1}, message(1'000));
    EXPECT_EQ(cache.find({1, 1}), nullptr);
    EXPECT_NE(cache.find({1, 2}), nullptr);
    EXPECT_NE(cache.find({2, 1}), nullptr);
    cache.remove({1, 2});
    EXPECT_EQ(cache.bytes(), one);
    cache.put({1, 3}, message(10'000));
    EXPECT_EQ(cache.find({1, 3}), nullptr);
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST(TimelineTest, GoesOnEvenlyWhateverTheTimeOfDayIsSetTo) {
    ports::testing::FakeClock wall;
    ports::testing::FakeSteadyClock steady;
    Timeline time{wall, steady};
    const auto begin = time.now();
    EXPECT_EQ(begin, wall.now());
    wall.advance(-std::chrono::hours{1});
    steady.advance(seconds{5});
    time.read();
    EXPECT_EQ(time.now(), begin + seconds{5});
    EXPECT_EQ(time.time_of_day(), wall.now());
    EXPECT_EQ(time.shown(begin + seconds{6}), wall.now() + seconds{1});
}

TEST(TimersTest, FireInTheirOrder) {
    Timers timers;
    EXPECT_EQ(timers.next(), std::nullopt);
    timers.add({at(5), Timers::Kind::queue, 1});
    timers.add({at(2), Timers::Kind::receive, 2});
    timers.add({at(9), Timers::Kind::tombstone, 3});
    EXPECT_EQ(timers.next(), at(2));
    EXPECT_FALSE(timers.pop(at(1)));
    EXPECT_EQ(timers.pop(at(6))->of, 2U);
    EXPECT_EQ(timers.pop(at(6))->of, 1U);
    EXPECT_FALSE(timers.pop(at(6)));
}

}  // namespace
}  // namespace kiln::queue::testing
