#include "worker/submit.hpp"

#include "worker/tests/bakery_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::worker {
namespace {

using namespace std::chrono_literals;
using ports::BakeState;
using ports::testing::kind_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SubmitTest : public ::testing::Test, protected BakeryWorld {
  protected:
    ports::BakeRecord submit(
        const std::string& text, const std::optional<std::string>& key = std::nullopt
    ) {
        return worker::submit(
            {reach, bakes, clock, {}}, ports::parse_queue_reference("bakes"), text, key
        );
    }

    std::vector<std::string> problems_of(const std::string& text) {
        try {
            (void)submit(text);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            std::vector<std::string> places;
            for (const auto& problem : error.problems()) {
                places.push_back(problem.where);
            }
            return places;
        }
        return {};
    }
};

TEST_F(SubmitTest, TheMessageIsTheRequestAsItIsAndTheRecordWaits) {
    const auto record = submit(body());
    EXPECT_EQ(record.state, BakeState::queued);
    EXPECT_EQ(record.name, "web");
    EXPECT_EQ(record.queue, "kiln:bakes");
    EXPECT_EQ(record.attempt, 0);
    EXPECT_EQ(record.created, clock.now());
    EXPECT_EQ(record.request, parse_json(body()));
    const auto sent = queues.sent("bakes").at(0);
    EXPECT_EQ(sent.body, body());
    EXPECT_EQ(sent.attributes.at("kiln.bake").value, record.id.str());
}

TEST_F(SubmitTest, TheConsumerOfItsMessageFindsTheSameBake) {
    const auto record = submit(body());
    EXPECT_EQ(bake_of(*receive()), record.id);
}

TEST_F(SubmitTest, ABadRequestIsRefusedWithAllThatIsWrongAndNothingIsSent) {
    const auto places = problems_of(
        R"({"name": "x", "bootstrap": {"source": "boot", "commands": ["true"]},
            "logs": {"destination": "logs"}, "reply_to": "no queue"})"
    );
    EXPECT_THAT(
        places,
        ::testing::UnorderedElementsAre(
            "bootstrap.source", "logs.destination", "name", "parent", "reply_to"
        )
    );
    EXPECT_THAT(queues.sent("bakes"), IsEmpty());
    EXPECT_THAT(bakes.list({}), IsEmpty());
}

TEST_F(SubmitTest, AReplyQueueWithoutADriverIsAProblem) {
    EXPECT_THAT(
        problems_of(R"({"name": "web", "parent": {"name": "base"},
            "bootstrap": {"commands": ["true"]}, "reply_to": "amqp://host/v#q"})"),
        ::testing::ElementsAre("reply_to")
    );
}

TEST_F(SubmitTest, AFailedSendLeavesNoRecord) {
    queues.destroy("bakes");
    EXPECT_EQ(kind_of([&] { (void)submit(body()); }), ErrorKind::not_found);
    EXPECT_THAT(bakes.list({}), IsEmpty());
}

TEST_F(SubmitTest, TheSameKeyIsTheSameBakeAndIsSentOnce) {
    const auto first = submit(body(), "build 42");
    EXPECT_EQ(submit(body(), "build 42").id, first.id);
    EXPECT_EQ(queues.sent("bakes").size(), 1U);
    EXPECT_NE(submit(body(), "build 43").id, first.id);
    EXPECT_NE(submit(body()).id, submit(body()).id);
}

TEST_F(SubmitTest, SettingsFillInWhatARequestLeavesOut) {
    const RequestDefaults defaults{.deadline = 77s, .hang_after = 33s};
    const auto request = read_request(
        R"({"name": "web", "parent": {"name": "base"}, "bootstrap": {"commands": ["true"]}})",
        defaults
    );
    EXPECT_EQ(request.deadline, 77s);
    EXPECT_EQ(request.limits.idle, 33s);
    const auto own = read_request(
        R"({"name": "web", "parent": {"name": "base"}, "deadline_seconds": 5,
            "bootstrap": {"commands": ["true"], "limits": {"idle_seconds": 6}}})",
        defaults
    );
    EXPECT_EQ(own.deadline, 5s);
    EXPECT_EQ(own.limits.idle, 6s);
}

TEST(BakeOfMessage, IsDerivedWhereNoneOrNonsenseIsNamed) {
    ports::ReceivedMessage message;
    message.id = "7d6c7e3a-0000-4000-8000-000000000001";
    const auto derived = bake_of(message);
    EXPECT_TRUE(is_id("bake-", derived.str()));
    message.attributes["kiln.bake"] = {"String", "bake-'; DROP TABLE bakes"};
    EXPECT_EQ(bake_of(message), derived);
    message.attributes["kiln.bake"] = {"String", "bake-0123456789abcdef0"};
    EXPECT_EQ(bake_of(message).str(), "bake-0123456789abcdef0");
    ports::ReceivedMessage other;
    other.id = "7d6c7e3a-0000-4000-8000-000000000002";
    EXPECT_NE(bake_of(other), derived);
}

TEST(QueuedRecord, OfWhatIsNoJsonKeepsTheText) {
    const auto record =
        queued_record(BakeId::random(), ports::parse_queue_reference("bakes"), "bake it", {});
    EXPECT_EQ(record.request, json::value("bake it"));
    EXPECT_EQ(record.name, "");
}

}  // namespace
}  // namespace kiln::worker
