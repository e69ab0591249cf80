#include "worker/serving.hpp"

#include "worker/tests/bakery_world.hpp"

#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::worker {
namespace {

using namespace std::chrono_literals;
using ports::BakeState;
using ports::testing::kind_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ServingTest : public ::testing::Test, protected BakeryWorld {
  protected:
    void serve(const std::stop_token& abandon = {}) {
        auto message = receive();
        ASSERT_TRUE(message) << "nothing to serve";
        Serving serving{bakery_, leases_, *message};
        serving.serve(abandon);
    }

    /// The message is gone, and nothing is owed.
    void expect_deleted() {
        EXPECT_THAT(queues.sent("bakes"), IsEmpty());
        EXPECT_THAT(ledger.entries(), IsEmpty());
    }

    /// The message waits for another delivery, and nothing is owed.
    void expect_given_back(Duration least, Duration most) {
        ASSERT_EQ(queues.sent("bakes").size(), 1U);
        const auto hidden = queues.hidden_for("bakes", 0).value_or(0s);
        EXPECT_GE(hidden, least);
        EXPECT_LE(hidden, most);
        EXPECT_THAT(ledger.entries(), IsEmpty());
    }

    Bakery bakery_ = bakery();
    LeaseKeeper leases_;
};

TEST_F(ServingTest, ABakeIsToldAndThenItsMessageIsDeleted) {
    const auto id = submitted();
    EXPECT_EQ(bakes.get(id).state, BakeState::queued);
    serve();
    EXPECT_EQ(bakes.get(id).state, BakeState::succeeded);
    EXPECT_THAT(told(), ElementsAre("ACCEPTED 1/1", "LOG 1/2", "END 1/3"));
    expect_deleted();
}

TEST_F(ServingTest, AReplyIsTheEventsJson) {
    const auto id = submitted();
    serve();
    const auto reply = queues.sent("replies").at(0);
    EXPECT_EQ(
        parse_json(reply.body), json::value(ports::to_json(id, bakes.events(id, {}, 1).at(0)))
    );
    EXPECT_EQ(reply.attributes.at("bake").value, id.str());
}

TEST_F(ServingTest, WhileItBakesTheMessageIsHiddenForDeadlineAndMarginAndInTheLedger) {
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto&) {
        EXPECT_EQ(queues.hidden_for("bakes", 0), 590s + 60s);
        EXPECT_EQ(submission.time_left, 590s);
        EXPECT_EQ(submission.queue, "kiln:bakes");
        const auto owed = ledger.entries();
        EXPECT_EQ(owed.size(), 1U);
        EXPECT_EQ(owed.at(0).resource.kind, ports::ResourceKind::message);
        return work.finish(submission, BakeState::succeeded);
    };
    (void)submitted();
    clock.advance(10s);
    serve();
    EXPECT_EQ(work.runs, 1);
}

TEST_F(ServingTest, AMessageOfAnotherProgramIsTheSameBakeAtEachDelivery) {
    const auto message = send(body());
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto&) {
        return work.finish(submission, BakeState::queued);
    };
    serve();
    const auto first = bakes.list({}).at(0);
    EXPECT_EQ(first.state, BakeState::queued);
    EXPECT_EQ(first.attempt, 1);
    work.on_run = {};
    clock.advance(1h - 50min - 40s);
    serve();
    const auto all = bakes.list({});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].id, first.id);
    EXPECT_EQ(all[0].state, BakeState::succeeded);
    EXPECT_EQ(all[0].attempt, 2);
}

TEST_F(ServingTest, TheRepliesOfAFurtherAttemptStartOverAndOnlyItsEndIsFinal) {
    (void)submitted();
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto&) {
        return work.finish(submission, BakeState::queued);
    };
    serve();
    work.on_run = {};
    clock.advance(60s);
    serve();
    const auto replies = told();
    ASSERT_GE(replies.size(), 3U);
    EXPECT_THAT(
        std::vector(replies.end() - 3, replies.end()),
        ElementsAre("ACCEPTED 2/1", "LOG 2/2", "END 2/3")
    );
    EXPECT_EQ(
        std::count_if(
            replies.begin(), replies.end(), [](const auto& one) { return one.starts_with("END"); }
        ),
        1
    );
}

TEST_F(ServingTest, AFailureOfTheWorkIsAnOutcome) {
    const auto id = submitted();
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto&) {
        return work.finish(submission, BakeState::failed);
    };
    serve();
    EXPECT_EQ(bakes.get(id).state, BakeState::failed);
    expect_deleted();
}

TEST_F(ServingTest, WhatFailedForWantOfSomethingIsGivenBackWithADelay) {
    (void)submitted();
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto&) {
        return work.finish(submission, BakeState::queued);
    };
    serve();
    expect_given_back(1s, 10s);
}

TEST_F(ServingTest, WhatCouldNotBeginForWantOfSomethingIsGivenBackWithADelay) {
    const auto id = submitted();
    work.on_run = [](const auto&, const auto&, const auto&) -> ports::BakeRecord {
        throw Error{ErrorKind::unavailable, "the bootstrap's server does not answer"};
    };
    serve();
    expect_given_back(1s, 10s);
    EXPECT_EQ(bakes.get(id).state, BakeState::queued);
    EXPECT_THAT(bakes.get(id).note, HasSubstr("does not answer"));
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(ServingTest, AnAskToStopGivesTheMessageBackAtOnce) {
    (void)submitted();
    std::stop_source abandon;
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto& stop) {
        abandon.request_stop();
        EXPECT_TRUE(stop.stop_requested());
        return work.finish(submission, BakeState::queued);
    };
    serve(abandon.get_token());
    expect_given_back(0s, 0s);
}

TEST_F(ServingTest, AfterAnAskToStopNothingBegins) {
    (void)submitted();
    std::stop_source abandon;
    abandon.request_stop();
    serve(abandon.get_token());
    EXPECT_EQ(work.runs, 0);
    expect_given_back(0s, 0s);
}

TEST_F(ServingTest, WhatIsRefusedAtTheDoorEndsAsFailed) {
    const auto id = submitted();
    work.on_run = [](const auto&, const auto&, const auto&) -> ports::BakeRecord {
        throw Error{ErrorKind::not_found, "no image 'base'"};
    };
    serve();
    EXPECT_EQ(bakes.get(id).state, BakeState::failed);
    EXPECT_THAT(told(), ElementsAre("ERROR 1/1", "END 1/2"));
    expect_deleted();
}

TEST_F(ServingTest, AMalformedRequestIsToldAllThatIsWrongAndDeleted) {
    send(R"({"name": "x", "reply_to": "replies", "bootstrap": {"comands": ["true"]}})");
    serve();
    EXPECT_EQ(work.runs, 0);
    EXPECT_THAT(told(), ElementsAre("ERROR 1/1", "END 1/2"));
    const auto error = parse_json(queues.sent("replies").at(0).body);
    EXPECT_GE(error.at("data").at("problems").as_array().size(), 3U);
    const auto record = bakes.list({}).at(0);
    EXPECT_EQ(record.state, BakeState::failed);
    EXPECT_EQ(record.name, "x");
    expect_deleted();
}

TEST_F(ServingTest, WhatIsNoJsonIsFailedAndDeleted) {
    send("bake it");
    serve();
    const auto record = bakes.list({}).at(0);
    EXPECT_EQ(record.state, BakeState::failed);
    EXPECT_EQ(record.request, json::value("bake it"));
    EXPECT_THAT(told(), IsEmpty());
    expect_deleted();
}

TEST_F(ServingTest, AReplyQueueThatNoDriverReachesIsAProblemOfTheRequest) {
    send(R"({"name": "web", "parent": {"name": "base"}, "bootstrap": {"commands": ["true"]},
        "reply_to": "redis://host/0#replies"})");
    serve();
    EXPECT_EQ(work.runs, 0);
    const auto record = bakes.list({}).at(0);
    EXPECT_EQ(record.state, BakeState::failed);
    EXPECT_THAT(json::serialize(record.result), HasSubstr("no driver"));
    expect_deleted();
}

TEST_F(ServingTest, ALateRequestIsRefused) {
    (void)submitted();
    clock.advance(571s);
    serve();
    EXPECT_EQ(work.runs, 0);
    EXPECT_THAT(told(), ElementsAre("ERROR 1/1", "END 1/2"));
    EXPECT_THAT(queues.sent("replies").at(0).body, HasSubstr("29 s of its deadline"));
    expect_deleted();
}

TEST_F(ServingTest, ARequestThatCameTooOftenGoesToTheDeadLettersWithAReply) {
    const auto id = submitted();
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto&) {
        return work.finish(submission, BakeState::queued);
    };
    for (int i = 0; i < 3; ++i) {
        serve();
        clock.advance(61s);
    }
    serve();
    EXPECT_EQ(work.runs, 3);
    const auto record = bakes.get(id);
    EXPECT_EQ(record.state, BakeState::failed);
    EXPECT_EQ(record.attempt, 4);
    const auto replies = told();
    EXPECT_THAT(std::vector(replies.end() - 2, replies.end()), ElementsAre("ERROR 4/1", "END 4/2"));
    EXPECT_THAT(json::serialize(record.result), HasSubstr("no room"));
    expect_deleted();
    const auto letters = queues.sent("bakes-dead");
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].body, body());
    EXPECT_EQ(letters[0].attributes.at("kiln.was").value, id.str());
    EXPECT_THAT(letters[0].attributes.at("kiln.reason").value, HasSubstr("3 times"));
    EXPECT_FALSE(letters[0].attributes.contains("kiln.bake"));
}

TEST_F(ServingTest, WithoutAQueueForThemDeadLettersAreStillTold) {
    const auto id = submitted();
    queues.destroy("bakes-dead");
    for (int i = 0; i < 3; ++i) {
        (void)receive();
        clock.advance(61s);
    }
    serve();
    EXPECT_EQ(bakes.get(id).state, BakeState::failed);
    EXPECT_THAT(bakes.get(id).note, HasSubstr("no queue 'bakes-dead'"));
    expect_deleted();
}

TEST_F(ServingTest, ARedeliveryOfWhatIsOverIsToldAgainAndNotBaked) {
    const auto id = submitted();
    (void)work.finish({id, 1, "kiln:bakes", 60s, [] {}}, BakeState::succeeded);
    serve();
    EXPECT_EQ(work.runs, 0);
    EXPECT_THAT(told(), ElementsAre("ACCEPTED 1/1", "LOG 1/2", "END 1/3"));
    expect_deleted();
}

TEST_F(ServingTest, ABakeThatWasCancelledWhileItWaitedIsSkipped) {
    const auto id = submitted();
    bake::refuse(bakes, clock, {id, 1}, "queue", Error{ErrorKind::cancelled, "by wish"});
    serve();
    EXPECT_EQ(work.runs, 0);
    EXPECT_THAT(told(), ElementsAre("ERROR 1/1", "END 1/2"));
    expect_deleted();
}

TEST_F(ServingTest, ABakeThatAnotherProcessRunsIsWaitedFor) {
    const auto id = submitted();
    const bake::Submission other{id, 1, "kiln:bakes", 60s, [] {}};
    work.begin(other);
    work.on_settle = [&](const BakeId&, const std::stop_token&) {
        ports::BakeEvent end;
        end.sequence = 3;
        end.category = "END";
        end.final = true;
        bakes.append(
            id, 1, {end}, ports::BakeStore::Ending{BakeState::succeeded, {}, {}, clock.now()}
        );
    };
    serve();
    EXPECT_EQ(work.settles, 1);
    EXPECT_EQ(work.runs, 0);
    EXPECT_THAT(told(), ElementsAre("ACCEPTED 1/1", "LOG 1/2", "END 1/3"));
    expect_deleted();
}

TEST_F(ServingTest, ADeadProcessesBakeIsTakenOver) {
    const auto id = submitted();
    work.begin({id, 1, "kiln:bakes", 60s, [] {}});
    work.on_settle = [&](const BakeId&, const std::stop_token&) {
        bake::mark_interrupted(bakes, clock, {id, 1});
    };
    serve();
    EXPECT_EQ(work.settles, 1);
    EXPECT_EQ(bakes.get(id).state, BakeState::succeeded);
    EXPECT_EQ(bakes.get(id).attempt, 2);
    expect_deleted();
}

TEST_F(ServingTest, AReplyQueueThatIsGoneDoesNotFailTheBake) {
    const auto id = submitted();
    queues.destroy("replies");
    serve();
    EXPECT_EQ(bakes.get(id).state, BakeState::succeeded);
    EXPECT_THAT(bakes.get(id).note, HasSubstr("replies to kiln:replies were given up"));
    expect_deleted();
}

TEST_F(ServingTest, ALostMessageEndsItsBakeAndIsNotTouched) {
    (void)submitted();
    LeaseKeeper often{600'000};  // of 660 s: each millisecond
    auto message = receive();
    std::latch stopped{1};
    work.on_run = [&](const auto&, const bake::Submission& submission, const auto& stop) {
        queues.fail_with([](const std::string& call, const std::string&) {
            if (call == "extend") {
                throw Error{ErrorKind::conflict, "the delivery is over"};
            }
            EXPECT_NE(call, "remove");
        });
        const std::stop_callback told_to{stop, [&] { stopped.count_down(); }};
        stopped.wait();
        return work.finish(submission, BakeState::queued);
    };
    {
        Serving serving{bakery_, often, *message};
        serving.serve({});
    }
    EXPECT_EQ(queues.sent("bakes").size(), 1U);
    EXPECT_THAT(ledger.entries(), IsEmpty());
}

TEST_F(ServingTest, AnAttemptWhoseEndCouldNotBeWrittenIsMarkedAndGivenBack) {
    const auto id = submitted();
    work.on_run =
        [&](const auto&, const bake::Submission& submission, const auto&) -> ports::BakeRecord {
        work.begin(submission);
        throw Error{ErrorKind::exhausted, "the disk is full"};
    };
    serve();
    EXPECT_EQ(bakes.get(id).state, BakeState::queued);
    expect_given_back(1s, 10s);
}

TEST_F(ServingTest, WhatFailsOnTheWayGivesTheMessageBack) {
    const auto id = submitted();
    bool fail = true;
    queues.fail_with([&](const std::string& call, const std::string&) {
        if (call == "remove" && std::exchange(fail, false)) {
            throw Error{ErrorKind::unavailable, "no answer"};
        }
    });
    EXPECT_EQ(kind_of([&] { serve(); }), ErrorKind::unavailable);
    expect_given_back(0s, 0s);
    serve();
    EXPECT_EQ(bakes.get(id).state, BakeState::succeeded);
    EXPECT_EQ(work.runs, 1);
    expect_deleted();
}

}  // namespace
}  // namespace kiln::worker
