#include "worker/reply_sender.hpp"

#include "worker/tests/bakery_world.hpp"

#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReplySenderTest : public ::testing::Test, protected BakeryWorld {
  protected:
    ReplySenderTest() {
        ports::BakeRecord record;
        record.id = id_;
        record.key = "key";
        record.attempt = 2;
        (void)bakes.begin(record, false);
    }

    void store(std::int64_t from, std::int64_t to) {
        std::vector<ports::BakeEvent> events;
        for (auto sequence = from; sequence <= to; ++sequence) {
            ports::BakeEvent event;
            event.sequence = sequence;
            event.category = "LOG";
            events.push_back(event);
        }
        bakes.append(id_, 2, events, std::nullopt);
    }

    std::vector<std::int64_t> numbers() {
        std::vector<std::int64_t> all;
        for (const auto& reply : queues.sent("replies")) {
            all.push_back(std::stoll(reply.attributes.at("sequence").value));
        }
        return all;
    }

    static std::vector<std::int64_t> up_to(std::int64_t last) {
        std::vector<std::int64_t> all;
        for (std::int64_t i = 1; i <= last; ++i) {
            all.push_back(i);
        }
        return all;
    }

    BakeId id_ = BakeId::random();
    Pause pause_ = bakery().pause;
    ports::QueueReference reply_to_ = ports::parse_queue_reference("replies");
};

TEST_F(ReplySenderTest, AllThatIsStoredIsSentInOrder) {
    store(1, 25);
    ReplySender sender{bakes, queues, reply_to_, pause_, id_, 2};
    store(26, 57);
    sender.wake();
    EXPECT_TRUE(sender.finish());
    EXPECT_EQ(numbers(), up_to(57));
}

TEST_F(ReplySenderTest, EventsAreSentWhileTheBakeRuns) {
    std::latch sent{1};
    queues.fail_with([&](const std::string& call, const std::string&) {
        if (call == "send" && !sent.try_wait()) {
            sent.count_down();
        }
    });
    ReplySender sender{bakes, queues, reply_to_, pause_, id_, 2};
    store(1, 1);
    sender.wake();
    sent.wait();
    EXPECT_TRUE(sender.finish());
}

TEST_F(ReplySenderTest, EarlierAttemptsAreNotToldAgain) {
    bakes.append(
        id_, 2, {}, ports::BakeStore::Ending{ports::BakeState::queued, {}, {}, clock.now()}
    );
    auto record = bakes.get(id_);
    record.attempt = 3;
    (void)bakes.begin(record, false);
    bakes.append(
        id_,
        3,
        {[] {
            ports::BakeEvent event;
            event.sequence = 1;
            event.category = "ACCEPTED";
            return event;
        }()},
        std::nullopt
    );
    ReplySender sender{bakes, queues, reply_to_, pause_, id_, 3};
    EXPECT_TRUE(sender.finish());
    EXPECT_THAT(told(), ElementsAre("ACCEPTED 3/1"));
}

TEST_F(ReplySenderTest, AFailingQueueIsTriedAgainAndNoGapIsLeft) {
    int failures = 3;
    queues.fail_with([&](const std::string& call, const std::string&) {
        if (call == "send" && failures-- > 0) {
            throw Error{ErrorKind::unavailable, "no answer"};
        }
    });
    store(1, 12);
    ReplySender sender{bakes, queues, reply_to_, pause_, id_, 2};
    EXPECT_TRUE(sender.finish());
    EXPECT_EQ(numbers(), up_to(12));
    EXPECT_GT(paused, 0);
    EXPECT_EQ(bakes.get(id_).note, "");
}

TEST_F(ReplySenderTest, AQueueThatGoesOnFailingIsGivenUpWithANote) {
    queues.fail_with([&](const std::string& call, const std::string&) {
        if (call == "send") {
            throw Error{ErrorKind::unavailable, "no answer"};
        }
    });
    store(1, 3);
    ReplySender sender{bakes, queues, reply_to_, pause_, id_, 2};
    EXPECT_FALSE(sender.finish());
    EXPECT_GE(Duration{paused.load()}, ReplySender::kPatience);
    EXPECT_LT(Duration{paused.load()}, 2 * ReplySender::kPatience);
    EXPECT_THAT(bakes.get(id_).note, HasSubstr("no answer"));
}

TEST_F(ReplySenderTest, AQueueThatIsGoneIsGivenUpAtOnce) {
    queues.destroy("replies");
    store(1, 1);
    ReplySender sender{bakes, queues, reply_to_, pause_, id_, 2};
    EXPECT_FALSE(sender.finish());
    EXPECT_EQ(paused, 0);
}

TEST_F(ReplySenderTest, OneThatIsNotFinishedEndsWithoutWaiting) {
    store(1, 1);
    const ReplySender sender{bakes, queues, reply_to_, pause_, id_, 2};
}

TEST(ReplyMessage, InAFifoQueueABakeIsAGroup) {
    const auto id = BakeId::random();
    ports::BakeEvent event;
    event.sequence = 7;
    event.attempt = 2;
    event.category = "LOG";
    const auto message = reply_message(id, event, true);
    EXPECT_EQ(message.group, id.str());
    EXPECT_EQ(message.deduplication, id.str() + "-2-7");
    EXPECT_EQ(reply_message(id, event, false).group, "");
}

TEST(ReplyMessage, HasNoCharacterThatAQueueRefuses) {
    ports::BakeEvent event;
    event.message = "\x01 \xEF\xBF\xBE \xEF\xBF\xBF \xEF\xBF\xBD";
    const auto body = reply_message(BakeId::random(), event, false).body;
    EXPECT_THAT(body, HasSubstr("\\u0001 \\ufffe \\uffff \xEF\xBF\xBD"));
    EXPECT_EQ(parse_json(body).at("message"), json::value(event.message));
}

}  // namespace
}  // namespace kiln::worker
