#include "queue/tests/engine_fixture.hpp"

namespace kiln::queue::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StandardEngine : public EngineTest {
  protected:
    StandardEngine() { EXPECT_DONE(create(standard("q"))); }
};

TEST_F(StandardEngine, AMessageIsReceivedOnceAndIsGoneWhenItIsRemoved) {
    const auto sent = send("q", "hello");
    const auto got = receive("q");
    ASSERT_THAT(got, SizeIs(1));
    EXPECT_EQ(got[0].message->id, sent.id);
    EXPECT_EQ(got[0].message->body, "hello");
    EXPECT_EQ(got[0].receives, 1);
    EXPECT_EQ(got[0].message->sent, wall_.now());
    EXPECT_EQ(got[0].first_received, wall_.now());
    EXPECT_EQ(got[0].sequence, std::nullopt);
    EXPECT_THAT(receive("q"), IsEmpty());
    EXPECT_DONE(remove("q", got[0].receipt));
    advance(std::chrono::hours{1});
    EXPECT_THAT(receive("q"), IsEmpty());
    EXPECT_THAT(counts("q"), ElementsAre(0, 0, 0));
}

TEST_F(StandardEngine, WhatIsNotRemovedComesBackWithANewReceipt) {
    send("q", "a");
    const auto first = receive("q", 1, seconds{5});
    advance(seconds{5} - Duration{1});
    EXPECT_THAT(receive("q"), IsEmpty());
    advance(Duration{1});
    const auto second = receive("q");
    ASSERT_THAT(second, SizeIs(1));
    EXPECT_EQ(second[0].receives, 2);
    EXPECT_NE(second[0].receipt, first[0].receipt);
    EXPECT_EQ(second[0].first_received, first[0].first_received);
}

TEST_F(StandardEngine, AnOlderReceiptRemovesTheMessageAsLongAsItIsThere) {
    send("q", "a");
    const auto first = receive("q", 1, seconds{0});
    const auto second = receive("q");
    ASSERT_THAT(second, SizeIs(1));
    EXPECT_DONE(remove("q", first[0].receipt));
    EXPECT_THAT(counts("q"), ElementsAre(0, 0, 0));
    EXPECT_DONE(remove("q", second[0].receipt));
}

TEST_F(StandardEngine, AReceiptOfAnotherQueueOrNoReceiptIsRefused) {
    ASSERT_DONE(create(standard("other")));
    send("q", "a");
    send("other", "a");
    const auto got = receive("q");
    EXPECT_EQ(code_of(remove("other", got[0].receipt)), RefusalCode::receipt_handle_is_invalid);
    for (const auto* text : {"", "garbage", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        const auto outcome = remove("q", text);
        ASSERT_EQ(code_of(outcome), RefusalCode::receipt_handle_is_invalid) << text;
        EXPECT_EQ(
            std::get<Refusal>(outcome).message,
            "The input receipt handle \"" + std::string{text} + "\" is not a valid receipt handle."
        );
    }
    auto forged = got[0].receipt;
    forged[0] = forged[0] == 'A' ? 'B' : 'A';
    EXPECT_EQ(code_of(change("q", forged, seconds{1})), RefusalCode::receipt_handle_is_invalid);
    EXPECT_THAT(counts("other"), ElementsAre(1, 0, 0));
}

TEST_F(StandardEngine, VisibilityIsExtendedAndGivenBack) {
    send("q", "a");
    const auto got = receive("q", 1, seconds{2});
    advance(seconds{1});
    EXPECT_DONE(change("q", got[0].receipt, seconds{10}));
    advance(seconds{9});
    EXPECT_THAT(receive("q"), IsEmpty());
    EXPECT_DONE(change("q", got[0].receipt, seconds{0}));
    EXPECT_THAT(receive("q"), SizeIs(1));
}

TEST_F(StandardEngine, ADeliveryThatIsOverIsToldOnlyToWhoeverAsks) {
    send("q", "a");
    const auto got = receive("q", 1, seconds{1});
    advance(seconds{2});
    EXPECT_EQ(
        code_of(change("q", got[0].receipt, seconds{9}, DeliveryMatch::newest)),
        RefusalCode::message_not_inflight
    );
    EXPECT_DONE(change("q", got[0].receipt, seconds{9}));
    EXPECT_THAT(receive("q"), IsEmpty());
    EXPECT_DONE(remove("q", got[0].receipt));
    const auto gone = change("q", got[0].receipt, seconds{9});
    EXPECT_EQ(code_of(gone), RefusalCode::invalid_parameter_value);
    EXPECT_THAT(
        std::get<Refusal>(gone).message,
        ::testing::HasSubstr("Message does not exist or is not available for visibility timeout")
    );
}

TEST_F(StandardEngine, DelaysAreTheMessagesOrTheQueues) {
    auto delayed = standard("slow");
    delayed.delay = seconds{10};
    ASSERT_DONE(create(delayed));
    auto own = message("own");
    own.delay = seconds{3};
    send("slow", own);
    send("slow", "the queue's");
    auto none = message("none");
    none.delay = seconds{0};
    send("slow", none);
    EXPECT_THAT(counts("slow"), ElementsAre(1, 0, 2));
    EXPECT_THAT(bodies("slow"), ElementsAre("none"));
    advance(seconds{3});
    EXPECT_THAT(bodies("slow"), ElementsAre("own"));
    advance(seconds{7});
    EXPECT_THAT(bodies("slow"), ElementsAre("the queue's"));
}

TEST_F(StandardEngine, AMessageThatIsTooOldIsGoneWhateverItsState) {
    auto brief = standard("brief");
    brief.retention = seconds{60};
    brief.visibility = seconds{600};
    ASSERT_DONE(create(brief));
    send("brief", "received");
    EXPECT_THAT(receive("brief"), SizeIs(1));
    send("brief", "waiting");
    auto delayed = message("delayed");
    delayed.delay = seconds{900};
    send("brief", delayed);
    EXPECT_THAT(counts("brief"), ElementsAre(1, 1, 1));
    advance(seconds{60});
    EXPECT_THAT(counts("brief"), ElementsAre(0, 0, 0));
    EXPECT_THAT(disk_messages(), IsEmpty());
}

TEST_F(StandardEngine, WhatWasSentFirstComesFirstWhenItIsBackToo) {
    send("q", "a");
    ASSERT_THAT(receive("q", 1, seconds{5}), SizeIs(1));
    advance(seconds{1});
    auto delayed = message("b");
    delayed.delay = seconds{4};
    send("q", delayed);
    advance(seconds{3});
    send("q", "c");
    EXPECT_THAT(bodies("q", 1), ElementsAre("c"));
    advance(seconds{1});
    send("q", "d");
    EXPECT_THAT(bodies("q"), ElementsAre("a", "b", "d"));
}

TEST_F(StandardEngine, TooManyInFlightAreRefusedOrWaitedFor) {
    settings_.most_in_flight = 2;
    restart();
    for (const auto* body : {"a", "b", "c"}) {
        send("q", body);
    }
    const auto got = receive("q", 10);
    ASSERT_THAT(got, SizeIs(2));
    EXPECT_EQ(code_of(begin_receive({.queue = "q"}).get()), RefusalCode::over_limit);
    auto waiting = begin_receive({.queue = "q", .wait = seconds{20}});
    EXPECT_DONE(remove("q", got[0].receipt));
    EXPECT_THAT(bodies_of(std::get<Deliveries>(waiting.get())), ElementsAre("c"));
}

TEST_F(StandardEngine, AnUnknownQueueIsRefusedByEveryCommand) {
    const auto expected = RefusalCode::queue_does_not_exist;
    EXPECT_EQ(code_of(begin_send("x", {message("a")}).get()), expected);
    EXPECT_EQ(code_of(begin_receive({.queue = "x", .wait = seconds{9}}).get()), expected);
    EXPECT_EQ(code_of(destroy("x")), expected);
    EXPECT_EQ(code_of(purge("x")), expected);
    Answer<Depths> depths;
    engine_->depths("x", depths.callback());
    EXPECT_EQ(code_of(depths.get()), expected);
    Answer<Claims> removed;
    engine_->remove("x", {"r"}, removed.callback());
    EXPECT_EQ(code_of(removed.get()), expected);
}

TEST_F(StandardEngine, ALongMessageIsRefusedAndTheOthersAreSent) {
    auto small = standard("small");
    small.maximum_message_bytes = 1024;
    ASSERT_DONE(create(small));
    auto attributed = message(std::string(1000, 'x'));
    attributed.attributes["name"] = {"String", std::string(20, 'y')};
    auto outcomes = std::get<SendOutcomes>(
        begin_send("small", {message("a"), attributed, message(std::string(1024, 'b'))}).get()
    );
    EXPECT_DONE(outcomes[0]);
    EXPECT_EQ(code_of(outcomes[1]), RefusalCode::invalid_parameter_value);
    EXPECT_DONE(outcomes[2]);
}

TEST_F(StandardEngine, ASetWallClockEndsNoDelivery) {
    send("q", "a");
    auto delayed = message("later");
    delayed.delay = seconds{60};
    send("q", delayed);
    ASSERT_THAT(receive("q", 1, seconds{30}), SizeIs(1));
    wall_.advance(std::chrono::hours{1});
    engine_->wake();
    EXPECT_THAT(receive("q"), IsEmpty());
    wall_.advance(-std::chrono::hours{2});
    steady_.advance(seconds{30});
    engine_->wake();
    const auto got = receive("q");
    ASSERT_THAT(bodies_of(got), ElementsAre("a"));
    EXPECT_EQ(got[0].message->sent, wall_.now() + std::chrono::hours{1});
    steady_.advance(seconds{30});
    engine_->wake();
    EXPECT_THAT(bodies("q", 1), ElementsAre("a"));
}

TEST_F(StandardEngine, MessagesLeasesAndDelaysSurviveARestart) {
    NewMessage full = message("all of it", "group");
    full.attributes["n"] = {"Number", "1"};
    full.trace_header = "Root=1";
    full.sender = "me";
    send("q", full);
    send("q", "leased");
    const auto first = receive("q", 1, seconds{0});
    const auto both = receive("q", 2, seconds{30});
    ASSERT_THAT(bodies_of(both), ElementsAre("all of it", "leased"));
    EXPECT_DONE(change("q", both[0].receipt, seconds{0}));
    auto delayed = message("delayed");
    delayed.delay = seconds{60};
    send("q", delayed);
    restart();
    EXPECT_THAT(counts("q"), ElementsAre(1, 1, 1));
    const auto again = receive("q", 10);
    ASSERT_THAT(again, SizeIs(1));
    EXPECT_EQ(*again[0].message, *first[0].message);
    EXPECT_EQ(again[0].receives, 3);
    EXPECT_EQ(again[0].first_received, first[0].first_received);
    EXPECT_DONE(remove("q", again[0].receipt));
    advance(seconds{30});
    EXPECT_THAT(bodies("q", 10, seconds{60}), ElementsAre("leased"));
    EXPECT_DONE(remove("q", both[1].receipt));  // of before the restart
    advance(seconds{30});
    EXPECT_THAT(bodies("q"), ElementsAre("delayed"));
}

TEST_F(StandardEngine, AReceiptNeverNamesALaterMessage) {
    send("q", "a");
    const auto got = receive("q");
    EXPECT_DONE(remove("q", got[0].receipt));
    restart();
    send("q", "b");
    EXPECT_DONE(remove("q", got[0].receipt));
    EXPECT_THAT(bodies("q"), ElementsAre("b"));
}

TEST_F(StandardEngine, BodiesThatDoNotFitInMemoryAreReadTogether) {
    settings_.cached_bytes = 1;
    restart();
    for (int i = 0; i < 30; ++i) {
        send("q", std::to_string(i));
    }
    EXPECT_EQ(store_.reads, 0U);
    EXPECT_THAT(receive("q", 10), SizeIs(10));
    EXPECT_EQ(store_.reads, 1U);
}

TEST_F(StandardEngine, ABodyThatCannotBeReadIsAFailureAndComesBack) {
    settings_.cached_bytes = 1;
    restart();
    send("q", "a");
    store_.set_unreadable(true);
    Receive receive_it{.queue = "q", .visibility = seconds{5}};
    EXPECT_EQ(code_of(begin_receive(receive_it).get()), RefusalCode::unavailable);
    store_.set_unreadable(false);
    advance(seconds{5});
    EXPECT_THAT(bodies("q"), ElementsAre("a"));
}

}  // namespace
}  // namespace kiln::queue::testing
