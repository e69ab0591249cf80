#include "bake/submission.hpp"

#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"
#include "ports/testing/memory_bakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::bake {
namespace {

using ports::BakeState;

class SubmissionTest : public ::testing::Test {
  protected:
    ports::BakeRecord queued(std::int64_t attempt = 0) {
        ports::BakeRecord record;
        record.id = BakeId::random();
        record.name = "web";
        record.state = BakeState::queued;
        record.attempt = attempt;
        record.queue = "kiln:bakes";
        record.created = clock_.now();
        bakes_.submit(record);
        return record;
    }

    ports::BakeRecord running(std::string queue) {
        ports::BakeRecord record;
        record.id = BakeId::random();
        record.key = record.id.str();
        record.attempt = 2;
        record.queue = std::move(queue);
        (void)bakes_.begin(record, false);
        ports::BakeEvent event;
        event.sequence = 1;
        event.category = "ACCEPTED";
        bakes_.append(record.id, 2, {event}, std::nullopt);
        return record;
    }

    std::vector<ports::BakeEvent> events(const BakeId& id) { return bakes_.events(id, {}, 100); }

    ports::testing::FakeClock clock_;
    ports::testing::MemoryBakeStore bakes_;
};

TEST_F(SubmissionTest, AnAttemptIsReadBack) {
    const Attempt attempt{BakeId::random(), 12};
    EXPECT_EQ(attempt.str(), attempt.bake.str() + "/12");
    EXPECT_EQ(Attempt::parse(attempt.str()).bake, attempt.bake);
    EXPECT_EQ(Attempt::parse(attempt.str()).number, 12);
}

TEST_F(SubmissionTest, ANameWithoutANumberIsTheFirstAttempt) {
    EXPECT_EQ(Attempt::parse("bake-0123456789abcdef0").number, 1);
    EXPECT_EQ(
        ports::testing::kind_of([] { (void)Attempt::parse("bake-0123456789abcdef0/x"); }),
        ErrorKind::corrupt
    );
}

TEST_F(SubmissionTest, ARefusedBakeSaysWhyAndEnds) {
    const auto record = queued();
    Error error{"bad request", {{"name", "must be given"}}};
    refuse(bakes_, clock_, {record.id, 3}, "check", error);
    const auto got = bakes_.get(record.id);
    EXPECT_EQ(got.state, BakeState::failed);
    EXPECT_EQ(got.attempt, 3);
    EXPECT_EQ(got.ended, clock_.now());
    EXPECT_EQ(got.result.at("state"), "failed");
    const auto told = events(record.id);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].category, "ERROR");
    EXPECT_EQ(told[0].sequence, 1);
    EXPECT_EQ(told[0].data.at("attempt"), 3);
    EXPECT_EQ(told[0].data.at("kind"), "invalid");
    EXPECT_EQ(told[0].data.at("problems").at(0).at("where"), "name");
    EXPECT_EQ(told[1].category, "END");
    EXPECT_EQ(told[1].sequence, 2);
    EXPECT_TRUE(told[1].final);
    EXPECT_EQ(told[1].data.at("error").at("kind"), "invalid");
}

TEST_F(SubmissionTest, ACancelledBakeIsCancelled) {
    const auto record = queued();
    refuse(bakes_, clock_, {record.id, 1}, "queue", Error{ErrorKind::cancelled, "by wish"});
    EXPECT_EQ(bakes_.get(record.id).state, BakeState::cancelled);
}

TEST_F(SubmissionTest, WhatIsToldOfVeryManyProblemsFitsAMessage) {
    const auto record = queued();
    std::vector<Problem> problems(5000, {"bootstrap.commands[1]", std::string(500, 'x')});
    refuse(bakes_, clock_, {record.id, 1}, "check", Error{"bad request", std::move(problems)});
    for (const auto& event : events(record.id)) {
        EXPECT_LT(json::serialize(ports::to_json(record.id, event)).size(), 200U << 10);
    }
}

TEST_F(SubmissionTest, ABakeThatIsOverIsNotRefusedAgain) {
    const auto record = queued();
    const Error error{ErrorKind::timed_out, "late"};
    refuse(bakes_, clock_, {record.id, 1}, "check", error);
    refuse(bakes_, clock_, {record.id, 2}, "check", error);
    EXPECT_EQ(events(record.id).size(), 2U);
}

TEST_F(SubmissionTest, ADeadAttemptOfAQueuedBakeWaitsAgainWithoutAnEnd) {
    const auto record = running("kiln:bakes");
    mark_interrupted(bakes_, clock_, {record.id, 2});
    const auto got = bakes_.get(record.id);
    EXPECT_EQ(got.state, BakeState::queued);
    EXPECT_EQ(got.attempt, 2);
    const auto told = events(record.id);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[1].category, "LOG");
    EXPECT_EQ(told[1].place(), (ports::EventPlace{2, 2}));
    EXPECT_FALSE(told[1].final);
    EXPECT_THAT(told[1].message, ::testing::HasSubstr("attempt 2 died"));
}

TEST_F(SubmissionTest, ADeadBakeOfNoQueueIsInterrupted) {
    const auto record = running("");
    mark_interrupted(bakes_, clock_, {record.id, 2});
    EXPECT_EQ(bakes_.get(record.id).state, BakeState::interrupted);
    EXPECT_TRUE(events(record.id).back().final);
}

TEST_F(SubmissionTest, AnEarlierAttemptsDeathDoesNotTouchALaterOne) {
    const auto record = running("kiln:bakes");
    mark_interrupted(bakes_, clock_, {record.id, 1});
    EXPECT_EQ(bakes_.get(record.id).state, BakeState::running);
    mark_interrupted(bakes_, clock_, {BakeId::random(), 1});
}

}  // namespace
}  // namespace kiln::bake
