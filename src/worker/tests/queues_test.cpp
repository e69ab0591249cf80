#include "worker/queues.hpp"

#include "worker/tests/bakery_world.hpp"

#include <gtest/gtest.h>

namespace kiln::worker {
namespace {

using namespace std::chrono_literals;
using ports::testing::kind_of;

class QueuesTest : public ::testing::Test, protected BakeryWorld {
  protected:
    ports::QueueReference bakes_queue_ = ports::parse_queue_reference("bakes");
};

TEST(DeadLetterNames, AreDerived) {
    EXPECT_EQ(dead_letters_of("bakes"), "bakes-dead");
    EXPECT_EQ(dead_letters_of("bakes.fifo"), "bakes-dead.fifo");
}

TEST_F(QueuesTest, AMessageOfADeadProcessIsGivenBackAtOnce) {
    send(body());
    const auto message = receive();
    EXPECT_FALSE(receive());
    give_back(reach, message_resource(bakes_queue_, message->receipt));
    EXPECT_EQ(receive()->id, message->id);
}

TEST_F(QueuesTest, ADeliveryThatIsOverIsGivenBackAlready) {
    send(body());
    const auto resource = message_resource(bakes_queue_, receive()->receipt);
    clock.advance(61s);
    const auto again = receive();
    give_back(reach, resource);
    EXPECT_TRUE(queues.hidden_for("bakes", 0)) << "the other delivery was ended";
    queues.remove("bakes", again->receipt);
    give_back(reach, resource);
    queues.destroy("bakes");
    give_back(reach, resource);
}

TEST_F(QueuesTest, AQueueThatDoesNotAnswerKeepsTheEntry) {
    send(body());
    const auto resource = message_resource(bakes_queue_, receive()->receipt);
    queues.fail_with([](const std::string&, const std::string&) {
        throw Error{ErrorKind::unavailable, "no answer"};
    });
    EXPECT_EQ(kind_of([&] { give_back(reach, resource); }), ErrorKind::unavailable);
}

TEST_F(QueuesTest, AConsumerSeesARequestOftenEnoughToReplyBeforeTheQueueMovesItAway) {
    send(body());
    for (int i = 1; i <= 8; ++i) {
        EXPECT_EQ(receive()->receives, i);
        clock.advance(61s);
    }
    EXPECT_FALSE(receive());
    EXPECT_EQ(queues.sent("bakes-dead").size(), 1U);
}

TEST_F(QueuesTest, QueuesThatAreThereStay) {
    queues.create({.name = "own"});
    make_request_queues(queues, "own", 3);
    EXPECT_EQ(queues.list("own").size(), 2U);
}

}  // namespace
}  // namespace kiln::worker
