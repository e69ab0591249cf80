#pragma once

#include "base/testing/kind_of.hpp"
#include "ports/queue.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every message queue does: the embedded one, and those that a server behind a network has.
///
/// A driver has
/// * `static std::optional<std::string> unavailable()`: why it cannot run here,
/// * `MessageQueue& queue()` and `QueueAdmin& admin()`,
/// * `static std::chrono::seconds patience()`: how long a receive may look for what is there, 0
/// where
///   it finds it at once,
/// * `void advance(std::chrono::seconds)`: lets that much time pass for the queues; a real server's
///   driver waits so long. Tests that call it are in QueueTimeConformance, apart from the others,
/// * `std::string name(const std::string& stem)`: a queue name that nobody else uses, which keeps
///   its end.
namespace kiln::ports::testing {

template <class Driver>
class QueueFixture : public ::testing::Test {
  protected:
    using Bodies = std::vector<std::string>;
    using Seconds = std::chrono::seconds;

    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
        q = make("q");
    }

    void TearDown() override {
        for (const auto& name : made) {
            admin().destroy(name);
        }
    }

    MessageQueue& queue() { return driver->queue(); }

    QueueAdmin& admin() { return driver->admin(); }

    std::string make_queue(QueueSpec spec) {
        spec.name = driver->name(spec.name);
        admin().create(spec);
        made.push_back(spec.name);
        return spec.name;
    }

    std::string make(const std::string& stem) { return make_queue({.name = stem}); }

    std::string make_fifo() {
        return make_queue({.name = "q.fifo", .content_deduplication = true});
    }

    static OutgoingMessage message(const std::string& body, const std::string& group = "") {
        return {.body = body, .group = group};
    }

    SentMessage send(const std::string& to, const OutgoingMessage& one) {
        return queue().send(to, {one}).at(0);
    }

    /// Up to so many: a server may give fewer at a time, so it is asked until nothing comes.
    std::vector<ReceivedMessage> receive(
        const std::string& from, std::size_t most = 1, Seconds visibility = Seconds{30}
    ) {
        std::vector<ReceivedMessage> all;
        while (all.size() < most) {
            const ReceiveSpec spec{
                .at_most = static_cast<int>(std::min<std::size_t>(most - all.size(), 10)),
                .wait = Driver::patience(),
                .visibility = visibility};
            auto some = queue().receive(from, spec, {});
            if (some.empty()) {
                break;
            }
            std::move(some.begin(), some.end(), std::back_inserter(all));
        }
        return all;
    }

    std::vector<ReceivedMessage> look(const std::string& from) {
        return queue().receive(from, {.at_most = 10}, {});
    }

    static Bodies bodies_of(const std::vector<ReceivedMessage>& messages) {
        Bodies bodies;
        for (const auto& each : messages) {
            bodies.push_back(each.body);
        }
        return bodies;
    }

    std::optional<Driver> driver;
    std::string q;
    std::vector<std::string> made;
};

template <class Driver>
class QueueConformance : public QueueFixture<Driver> {};

TYPED_TEST_SUITE_P(QueueConformance);

TYPED_TEST_P(QueueConformance, AMessageArrivesWhole) {
    auto one = this->message("body ü\n\"<&>\"");
    one.attributes = {
        {"text", {"String", "ö"}},
        {"count", {"Number.int", "7"}},
        {"raw", {"Binary", std::string{"\0\xff\x01", 3}}}};
    const auto sent = this->send(this->q, one);
    EXPECT_FALSE(sent.id.empty());
    EXPECT_EQ(sent.sequence, "");
    const auto got = this->receive(this->q);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].id, sent.id);
    EXPECT_EQ(got[0].body, one.body);
    EXPECT_EQ(got[0].attributes, one.attributes);
    EXPECT_EQ(got[0].receives, 1);
    EXPECT_FALSE(got[0].receipt.empty());
}

TYPED_TEST_P(QueueConformance, ManyAreSentTogetherAndEachIsReceivedOnce) {
    std::vector<OutgoingMessage> messages;
    std::set<std::string> expected;
    for (int i = 0; i < 25; ++i) {
        messages.push_back(this->message("message " + std::to_string(i)));
        expected.insert(messages.back().body);
    }
    const auto sent = this->queue().send(this->q, messages);
    ASSERT_EQ(sent.size(), messages.size());
    const auto got = this->bodies_of(this->receive(this->q, 25));
    EXPECT_EQ(got.size(), expected.size());
    EXPECT_EQ(std::set<std::string>(got.begin(), got.end()), expected);
    EXPECT_TRUE(this->look(this->q).empty());
}

TYPED_TEST_P(QueueConformance, ALongBodyFits) {
    const std::string body(1'000'000, 'x');
    this->send(this->q, this->message(body));
    const auto got = this->receive(this->q);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].body, body);
}

TYPED_TEST_P(QueueConformance, OneThatIsRefusedEndsTheSendingAfterThoseBeforeIt) {
    const auto kind = kind_of([&] {
        this->queue().send(this->q, {this->message("a"), this->message(""), this->message("c")});
    });
    EXPECT_EQ(kind, ErrorKind::invalid);
    EXPECT_THAT(this->bodies_of(this->receive(this->q, 3)), ::testing::ElementsAre("a"));
}

TYPED_TEST_P(QueueConformance, WhatIsWrongWithAMessageIsInvalid) {
    std::vector<OutgoingMessage> bad{
        this->message(""), this->message("\xff"), this->message(std::string(1'048'577, 'x'))};
    bad.push_back(this->message("a"));
    bad.back().delay = std::chrono::seconds{901};
    bad.push_back(this->message("a"));
    bad.back().attributes["a"] = {"Text", "x"};
    for (const auto& one : bad) {
        EXPECT_EQ(kind_of([&] { this->send(this->q, one); }), ErrorKind::invalid);
    }
    EXPECT_TRUE(this->look(this->q).empty());
}

TYPED_TEST_P(QueueConformance, AReceiveOutOfItsRangesIsInvalid) {
    const std::vector<ReceiveSpec> bad{
        {.at_most = 0},
        {.at_most = 11},
        {.wait = std::chrono::seconds{21}},
        {.visibility = std::chrono::seconds{43'201}}};
    for (const auto& spec : bad) {
        EXPECT_EQ(
            kind_of([&] { static_cast<void>(this->queue().receive(this->q, spec, {})); }),
            ErrorKind::invalid
        );
    }
}

TYPED_TEST_P(QueueConformance, AnUnknownQueueIsNotFound) {
    const auto none = this->driver->name("none");
    const auto expect_not_found = [](auto&& call) {
        EXPECT_EQ(kind_of(call), ErrorKind::not_found);
    };
    expect_not_found([&] { this->send(none, this->message("a")); });
    expect_not_found([&] { static_cast<void>(this->queue().receive(none, {}, {})); });
    expect_not_found([&] { this->queue().extend(none, "r", std::chrono::seconds{1}); });
    expect_not_found([&] { this->queue().remove(none, "r"); });
    expect_not_found([&] { static_cast<void>(this->admin().depth(none)); });
    expect_not_found([&] { this->admin().purge(none); });
    expect_not_found([&] { this->admin().redrive(none); });
    this->admin().destroy(none);
}

TYPED_TEST_P(QueueConformance, ARemovedMessageDoesNotComeBack) {
    this->send(this->q, this->message("a"));
    const auto got = this->receive(this->q, 1, std::chrono::seconds{0});
    ASSERT_EQ(got.size(), 1U);
    this->queue().remove(this->q, got[0].receipt);
    EXPECT_TRUE(this->look(this->q).empty());
    this->queue().remove(this->q, got[0].receipt);
}

TYPED_TEST_P(QueueConformance, AMessageIsGivenBackAtOnce) {
    this->send(this->q, this->message("a"));
    const auto first = this->receive(this->q);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_TRUE(this->look(this->q).empty());
    this->queue().extend(this->q, first[0].receipt, std::chrono::seconds{0});
    const auto second = this->receive(this->q);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].id, first[0].id);
    EXPECT_EQ(second[0].receives, 2);
    EXPECT_NE(second[0].receipt, first[0].receipt);
}

TYPED_TEST_P(QueueConformance, WhatIsNoReceiptIsInvalidAndADeletedMessageAConflict) {
    EXPECT_EQ(kind_of([&] { this->queue().remove(this->q, "garbage"); }), ErrorKind::invalid);
    EXPECT_EQ(
        kind_of([&] { this->queue().extend(this->q, "garbage", std::chrono::seconds{1}); }),
        ErrorKind::invalid
    );
    this->send(this->q, this->message("a"));
    const auto got = this->receive(this->q);
    ASSERT_EQ(got.size(), 1U);
    this->queue().remove(this->q, got[0].receipt);
    EXPECT_EQ(
        kind_of([&] { this->queue().extend(this->q, got[0].receipt, std::chrono::seconds{1}); }),
        ErrorKind::conflict
    );
}

TYPED_TEST_P(QueueConformance, ASendWakesAReceiverThatWaits) {
    std::vector<ReceivedMessage> got;
    {
        std::jthread receiver{
            [&] { got = this->queue().receive(this->q, {.wait = std::chrono::seconds{20}}, {}); }};
        this->send(this->q, this->message("a"));
    }
    EXPECT_THAT(this->bodies_of(got), ::testing::ElementsAre("a"));
}

TYPED_TEST_P(QueueConformance, AReceiverThatIsStoppedReturnsAtOnce) {
    std::stop_source stop;
    std::atomic<std::size_t> received{99};
    {
        std::jthread receiver{[&] {
            received = this->queue()
                           .receive(this->q, {.wait = std::chrono::seconds{20}}, stop.get_token())
                           .size();
        }};
        stop.request_stop();
    }
    EXPECT_EQ(received, 0U);
    this->send(this->q, this->message("a"));
    EXPECT_EQ(this->receive(this->q).size(), 1U);
}

TYPED_TEST_P(QueueConformance, SeveralSendersAndReceiversLoseAndDoubleNothing) {
    constexpr int kThreads = 4;
    constexpr int kEach = 10;
    std::mutex mutex;
    std::multiset<std::string> seen;
    std::atomic<int> left{kThreads * kEach};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&, i] {
                for (int j = 0; j < kEach; ++j) {
                    this->send(this->q, this->message(std::to_string(i) + "." + std::to_string(j)));
                }
            });
            threads.emplace_back([&] {
                while (left > 0) {
                    const ReceiveSpec spec{.at_most = 10, .wait = std::chrono::seconds{1}};
                    for (const auto& one : this->queue().receive(this->q, spec, {})) {
                        this->queue().remove(this->q, one.receipt);
                        const std::scoped_lock lock{mutex};
                        seen.insert(one.body);
                        --left;
                    }
                }
            });
        }
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kThreads * kEach));
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
}

TYPED_TEST_P(QueueConformance, CreatingTheSameAgainIsSuccessAndAnotherIsAConflict) {
    QueueSpec spec{.name = this->q};
    this->admin().create(spec);
    spec.visibility = std::chrono::seconds{77};
    EXPECT_EQ(kind_of([&] { this->admin().create(spec); }), ErrorKind::conflict);
}

TYPED_TEST_P(QueueConformance, AQueueOutOfItsRangesIsInvalid) {
    std::vector<QueueSpec> bad{
        {.name = ""},
        {.name = "a b"},
        {.name = "a/b"},
        {.name = std::string(81, 'a')},
        {.name = "a", .visibility = std::chrono::hours{13}},
        {.name = "a", .delay = std::chrono::seconds{901}},
        {.name = "a", .retention = std::chrono::seconds{59}},
        {.name = "a", .dead_letters = DeadLetters{this->q, 0}},
        {.name = "a", .dead_letters = DeadLetters{"no-such-queue", 1}},
    };
    for (const auto& spec : bad) {
        EXPECT_EQ(kind_of([&] { this->admin().create(spec); }), ErrorKind::invalid) << spec.name;
    }
}

TYPED_TEST_P(QueueConformance, QueuesAreListedByTheirBeginning) {
    const auto one = this->make("list-b");
    const auto two = this->make("list-a");
    const auto [end, ignored] = std::mismatch(one.begin(), one.end(), two.begin(), two.end());
    const std::string common{one.begin(), end};
    std::vector<std::string> listed;
    for (const auto& name : this->admin().list(common)) {
        if (name == one || name == two) {
            listed.push_back(name);  // other tests' names may begin like that, too
        }
    }
    EXPECT_THAT(listed, ::testing::ElementsAre(std::min(one, two), std::max(one, two)));
    EXPECT_TRUE(this->admin().list(this->driver->name("unheard-of")).empty());
}

TYPED_TEST_P(QueueConformance, APurgeTakesWhatIsThere) {
    this->queue().send(this->q, {this->message("a"), this->message("b")});
    EXPECT_EQ(this->receive(this->q).size(), 1U);
    this->admin().purge(this->q);
    EXPECT_TRUE(this->look(this->q).empty());
}

TYPED_TEST_P(QueueConformance, AFifoGroupComesInItsOrderAndIsBlockedByWhatIsInFlight) {
    const auto fifo = this->make_fifo();
    const auto sent = this->queue().send(
        fifo, {this->message("a1", "a"), this->message("a2", "a"), this->message("b1", "b")}
    );
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[0].sequence.size(), 20U);
    EXPECT_LT(sent[0].sequence, sent[1].sequence);
    const auto first = this->receive(fifo);
    ASSERT_THAT(this->bodies_of(first), ::testing::ElementsAre("a1"));
    EXPECT_EQ(first[0].group, "a");
    EXPECT_THAT(this->bodies_of(this->receive(fifo, 3)), ::testing::ElementsAre("b1"));
    this->queue().remove(fifo, first[0].receipt);
    EXPECT_THAT(this->bodies_of(this->receive(fifo, 3)), ::testing::ElementsAre("a2"));
}

TYPED_TEST_P(QueueConformance, AFifoDuplicateIsSentOnce) {
    const auto fifo = this->make_fifo();
    auto one = this->message("a", "g");
    one.deduplication = "key";
    auto other = this->message("b", "g");
    other.deduplication = "key";
    const auto first = this->send(fifo, one);
    EXPECT_EQ(this->send(fifo, other).id, first.id);
    EXPECT_THAT(this->bodies_of(this->receive(fifo, 2)), ::testing::ElementsAre("a"));
}

TYPED_TEST_P(QueueConformance, AFifoMessageWithoutAGroupOrWithADelayIsInvalid) {
    const auto fifo = this->make_fifo();
    EXPECT_EQ(kind_of([&] { this->send(fifo, this->message("a")); }), ErrorKind::invalid);
    auto delayed = this->message("a", "g");
    delayed.delay = std::chrono::seconds{1};
    EXPECT_EQ(kind_of([&] { this->send(fifo, delayed); }), ErrorKind::invalid);
}

TYPED_TEST_P(QueueConformance, DeadLettersAreSetAsideAndRedriven) {
    const auto dead = this->make("dead");
    const auto source = this->make_queue({.name = "source", .dead_letters = DeadLetters{dead, 1}});
    EXPECT_EQ(kind_of([&] { this->admin().redrive(source); }), ErrorKind::invalid);
    this->send(source, this->message("a"));
    ASSERT_EQ(this->receive(source, 1, std::chrono::seconds{0}).size(), 1U);
    EXPECT_TRUE(this->look(source).empty());
    const auto set_aside = this->receive(dead, 1, std::chrono::seconds{0});
    ASSERT_THAT(this->bodies_of(set_aside), ::testing::ElementsAre("a"));
    this->admin().redrive(dead);
    const auto back = this->queue().receive(source, {.wait = std::chrono::seconds{20}}, {});
    EXPECT_THAT(this->bodies_of(back), ::testing::ElementsAre("a"));
}

REGISTER_TYPED_TEST_SUITE_P(
    QueueConformance,
    AMessageArrivesWhole,
    ManyAreSentTogetherAndEachIsReceivedOnce,
    ALongBodyFits,
    OneThatIsRefusedEndsTheSendingAfterThoseBeforeIt,
    WhatIsWrongWithAMessageIsInvalid,
    AReceiveOutOfItsRangesIsInvalid,
    AnUnknownQueueIsNotFound,
    ARemovedMessageDoesNotComeBack,
    AMessageIsGivenBackAtOnce,
    WhatIsNoReceiptIsInvalidAndADeletedMessageAConflict,
    ASendWakesAReceiverThatWaits,
    AReceiverThatIsStoppedReturnsAtOnce,
    SeveralSendersAndReceiversLoseAndDoubleNothing,
    CreatingTheSameAgainIsSuccessAndAnotherIsAConflict,
    AQueueOutOfItsRangesIsInvalid,
    QueuesAreListedByTheirBeginning,
    APurgeTakesWhatIsThere,
    AFifoGroupComesInItsOrderAndIsBlockedByWhatIsInFlight,
    AFifoDuplicateIsSentOnce,
    AFifoMessageWithoutAGroupOrWithADelayIsInvalid,
    DeadLettersAreSetAsideAndRedriven
);

}  // namespace kiln::ports::testing
