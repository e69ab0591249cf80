#include "bake/baker.hpp"
#include "bake/tests/fake_cloud.hpp"
#include "os/files.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"
#include "ports/testing/memory_bakes.hpp"
#include "ports/testing/memory_ledger.hpp"

#include <future>
#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::bake {
namespace {

using ports::BakeState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Attempts at bakes that come through a queue, as far as they come without a kernel: to the
/// volume.
class AttemptTest : public ::testing::Test {
  protected:
    AttemptTest() {
        parent_.id = ImageId::random();
        parent_.name = "base";
        parent_.state = ports::ImageState::available;
        cloud_.add(parent_);
    }

    static Request request(const std::string& name) {
        const json::object document{
            {"name", name},
            {"parent", {{"name", "base"}}},
            {"bootstrap", {{"commands", json::array{"true"}}}}};
        return parse_request(document, "/");
    }

    Submission submission(const BakeId& id, std::int64_t attempt) {
        return {id, attempt, "kiln:bakes", std::chrono::seconds{60}, [] {}};
    }

    BakeId queued() {
        ports::BakeRecord record;
        record.id = BakeId::random();
        record.state = BakeState::queued;
        record.attempt = 0;
        record.queue = "kiln:bakes";
        record.created = clock_.now();
        bakes_.submit(record);
        return record.id;
    }

    ports::BakeRecord run(const BakeId& id, std::int64_t attempt, const std::string& name = "web") {
        return baker_.run(request(name), submission(id, attempt), {});
    }

    /// "ACCEPTED 1/1" of all events.
    std::vector<std::string> told(const BakeId& id) {
        std::vector<std::string> told;
        for (const auto& event : bakes_.events(id, {}, 1000)) {
            told.push_back(
                event.category + " " + std::to_string(event.attempt) + "/" +
                std::to_string(event.sequence)
            );
        }
        return told;
    }

    void undo(const JobId& job) {
        for (const auto& entry : ledger_.entries()) {
            if (entry.job == job && entry.resource.kind == ports::ResourceKind::bake) {
                mark_interrupted(bakes_, clock_, Attempt::parse(entry.resource.name));
            }
        }
        ledger_.release_all(job);
    }

    os::TempDir folder_ = os::TempDir::unique("/tmp", "kiln-attempt");
    ports::testing::FakeClock clock_;
    FakeCloud cloud_;
    ports::Cloud roles_ = cloud_.cloud();
    ports::testing::MemoryBakeStore bakes_;
    ports::testing::MemoryCheckpointStore checkpoints_;
    HolderId holder_ = HolderId::random();
    ports::testing::MemoryLedger ledger_{holder_, clock_};
    Baker baker_{World{
        .cloud = roles_,
        .ledger = ledger_,
        .bakes = bakes_,
        .checkpoints = checkpoints_,
        .clock = clock_,
        .run_folder = folder_.path(),
        .holder = holder_,
        .log_folder = folder_.path(),
        .undo_job = [this](const JobId& job) { undo(job); },
        .holder_alive = [this](const HolderId& id) { return id == holder_; },
        .boot_test = {},
        .account = "000000000000",
        .kiln_version = "test",
    }};
    ports::Image parent_;
};

TEST_F(AttemptTest, AcceptedIsTheFirstOfItsEventsAndHasTheAttempt) {
    const auto id = queued();
    const auto record = run(id, 3);
    EXPECT_EQ(record.id, id);
    EXPECT_EQ(record.state, BakeState::failed);
    EXPECT_EQ(record.attempt, 3);
    const auto events = bakes_.events(id, {}, 1000);
    EXPECT_EQ(events.front().category, "ACCEPTED");
    EXPECT_EQ(events.front().place(), (ports::EventPlace{3, 1}));
    EXPECT_EQ(events.front().data.at("attempt"), 3);
    EXPECT_EQ(events.back().category, "END");
    EXPECT_EQ(events.back().data.at("attempt"), 3);
    EXPECT_TRUE(ledger_.entries().empty());
}

TEST_F(AttemptTest, ALackOfRoomIsNoOutcome) {
    cloud_.on_create = [] { throw Error{ErrorKind::exhausted, "the disk is full"}; };
    const auto id = queued();
    const auto record = run(id, 1);
    EXPECT_EQ(record.state, BakeState::queued);
    EXPECT_EQ(record.attempt, 1);
    EXPECT_EQ(record.result.at("error").at("kind"), "exhausted");
    const auto events = bakes_.events(id, {}, 1000);
    EXPECT_EQ(events.back().category, "LOG");
    EXPECT_THAT(events.back().message, HasSubstr("the disk is full"));
    for (const auto& event : events) {
        EXPECT_FALSE(event.final);
        EXPECT_NE(event.category, "ERROR");
    }
}

TEST_F(AttemptTest, TheNextAttemptNumbersFromOneAgain) {
    cloud_.on_create = [] { throw Error{ErrorKind::unavailable, "not now"}; };
    const auto id = queued();
    (void)run(id, 1);
    cloud_.on_create = [] { throw Error{ErrorKind::denied, "never"}; };
    EXPECT_EQ(run(id, 2).state, BakeState::failed);
    const auto second = bakes_.events(id, {2, 0}, 1000);
    EXPECT_EQ(second.front().category, "ACCEPTED");
    EXPECT_EQ(second.front().sequence, 1);
    EXPECT_TRUE(second.back().final);
}

TEST_F(AttemptTest, AProcessThatIsAskedToStopGivesTheBakeBack) {
    std::stop_source stop;
    cloud_.on_create = [&] {
        stop.request_stop();
        throw Error{ErrorKind::cancelled, "stopped"};
    };
    const auto id = queued();
    const auto record = baker_.run(request("web"), submission(id, 1), stop.get_token());
    EXPECT_EQ(record.state, BakeState::queued);
    EXPECT_FALSE(bakes_.events(id, {}, 1000).back().final);
}

TEST_F(AttemptTest, WhatIsRefusedAtTheDoorStillWaits) {
    const auto id = queued();
    auto wrong = request("web");
    wrong.parent.name = "nobody";
    EXPECT_EQ(
        kind_of([&] { (void)baker_.run(wrong, submission(id, 1), {}); }), ErrorKind::not_found
    );
    EXPECT_EQ(bakes_.get(id).state, BakeState::queued);
    EXPECT_TRUE(told(id).empty());
    EXPECT_TRUE(ledger_.entries().empty());
}

TEST_F(AttemptTest, ALateAttemptIsAConflict) {
    cloud_.on_create = [] { throw Error{ErrorKind::unavailable, "not now"}; };
    const auto id = queued();
    (void)run(id, 2);
    EXPECT_EQ(kind_of([&] { (void)run(id, 2); }), ErrorKind::conflict);
    EXPECT_EQ(bakes_.get(id).state, BakeState::queued);
}

TEST_F(AttemptTest, AnImageMadeBeforeIsToldUnderItsOwnId) {
    const auto first = run(queued(), 1);
    ports::Image image = parent_;
    image.id = ImageId::random();
    image.name = "web";
    image.bake = first.id;
    image.bake_key = first.key;
    cloud_.add(image);
    const auto id = queued();
    const auto record = run(id, 2);
    EXPECT_EQ(record.state, BakeState::succeeded);
    EXPECT_EQ(record.image, image.id);
    EXPECT_EQ(record.same_as, first.id);
    EXPECT_THAT(told(id), ElementsAre("ACCEPTED 2/1", "IMAGE 2/2", "END 2/3"));
    const auto events = bakes_.events(id, {}, 10);
    EXPECT_EQ(events[0].data.at("same_as"), json::value(json::string{first.id.str()}));
    EXPECT_EQ(events[1].data.at("id"), json::value(json::string{image.id.str()}));
    EXPECT_EQ(events[2].data.at("bake"), json::value(json::string{id.str()}));
}

TEST_F(AttemptTest, AnImageThatItsOwnDeadAttemptMadeIsItsOutcome) {
    cloud_.on_create = [] { throw Error{ErrorKind::unavailable, "not now"}; };
    const auto id = queued();
    const auto key = run(id, 1).key;
    ports::Image image = parent_;
    image.id = ImageId::random();
    image.name = "web";
    image.bake = id;
    image.bake_key = key;
    cloud_.add(image);
    auto again = request("web");
    again.rebake = true;
    const auto record = baker_.run(again, submission(id, 2), {});
    EXPECT_EQ(record.state, BakeState::succeeded);
    EXPECT_EQ(record.image, image.id);
    const auto events = bakes_.events(id, {2, 0}, 10);
    EXPECT_EQ(events.size(), 3U);
    EXPECT_FALSE(events[0].data.as_object().contains("same_as"));
}

/// A bake runs; others of the same key come.
class SameKeyTest : public AttemptTest {
  protected:
    SameKeyTest() {
        cloud_.on_create = [this] {
            runs_.count_down();
            go_on_.wait();
            throw Error{fails_with_, "the other failed"};
        };
        other_run_ = std::async(std::launch::async, [this] {
            return baker_.run(request("web"), submission(other_, 1), other_stop_.get_token());
        });
        runs_.wait();
    }

    ~SameKeyTest() override {
        if (!go_on_.try_wait()) {
            go_on_.count_down();
        }
    }

    /// Our own, following; returns when its ACCEPTED is in the store.
    std::future<ports::BakeRecord> follow(const BakeId& id, const std::stop_token& stop = {}) {
        auto followed = std::async(std::launch::async, [this, id, stop] {
            auto mine = submission(id, 1);
            mine.stored = [this] {
                if (!follows_.try_wait()) {
                    follows_.count_down();
                }
            };
            return baker_.run(request("web"), mine, stop);
        });
        follows_.wait();
        return followed;
    }

    BakeId other_ = queued();
    ErrorKind fails_with_ = ErrorKind::denied;
    std::stop_source other_stop_;
    std::latch runs_{1};
    std::latch go_on_{1};
    std::latch follows_{1};
    std::future<ports::BakeRecord> other_run_;
};

TEST_F(SameKeyTest, ItsEventsAreToldUnderOurIdWithoutGaps) {
    const auto id = queued();
    auto followed = follow(id);
    go_on_.count_down();
    const auto record = followed.get();
    EXPECT_EQ(record.state, BakeState::failed);
    EXPECT_EQ(record.same_as, other_);
    EXPECT_EQ(record.result.at("bake"), json::value(json::string{id.str()}));
    const auto events = bakes_.events(id, {}, 1000);
    EXPECT_EQ(events.size(), bakes_.events(other_, {}, 1000).size());
    std::int64_t expected = 0;
    std::size_t accepted = 0;
    std::size_t errors = 0;
    for (const auto& event : events) {
        EXPECT_EQ(event.sequence, ++expected);
        accepted += event.category == "ACCEPTED" ? 1 : 0;
        errors += event.category == "ERROR" ? 1 : 0;
        EXPECT_EQ(event.final, &event == &events.back());
    }
    EXPECT_EQ(accepted, 1U);
    EXPECT_EQ(errors, 1U);
    EXPECT_TRUE(ledger_.entries().empty());
}

TEST_F(SameKeyTest, OneThatIsGivenUpIsNoOutcomeOfOurs) {
    fails_with_ = ErrorKind::unavailable;
    const auto id = queued();
    auto followed = follow(id);
    go_on_.count_down();
    EXPECT_EQ(followed.get().state, BakeState::queued);
    for (const auto& event : bakes_.events(id, {}, 1000)) {
        EXPECT_FALSE(event.final);
        EXPECT_NE(event.category, "ERROR");
    }
}

TEST_F(SameKeyTest, AFollowerCanBeCancelledAlone) {
    const auto id = queued();
    auto followed = follow(id);
    baker_.cancel(id, {});
    const auto record = followed.get();
    EXPECT_EQ(record.state, BakeState::cancelled);
    EXPECT_TRUE(bakes_.events(id, {}, 1000).back().final);
    EXPECT_EQ(bakes_.get(other_).state, BakeState::running);
}

TEST_F(SameKeyTest, AFollowerThatIsAskedToStopWaitsAgain) {
    std::stop_source stop;
    const auto id = queued();
    auto followed = follow(id, stop.get_token());
    stop.request_stop();
    EXPECT_EQ(followed.get().state, BakeState::queued);
    EXPECT_FALSE(bakes_.events(id, {}, 1000).back().final);
}

TEST_F(SameKeyTest, SettleReturnsWhenNobodyIsAtWork) {
    auto settled = std::async(std::launch::async, [this] { return baker_.settle(other_, {}); });
    go_on_.count_down();
    EXPECT_EQ(settled.get().state, BakeState::failed);
}

TEST_F(AttemptTest, ADeadHoldersBakeIsSettledByUndoingIt) {
    ports::BakeRecord record;
    record.id = queued();
    record.key = "key";
    record.queue = "kiln:bakes";
    record.holder = HolderId::random();
    record.job = JobId::random();
    record.attempt = 1;
    (void)bakes_.begin(record, false);
    EXPECT_EQ(baker_.settle(record.id, {}).state, BakeState::queued);
}

TEST_F(AttemptTest, ABakeThatWaitsIsCancelledAtOnce) {
    const auto id = queued();
    baker_.cancel(id, {});
    EXPECT_EQ(bakes_.get(id).state, BakeState::cancelled);
    EXPECT_THAT(told(id), ElementsAre("ERROR 1/1", "END 1/2"));
    EXPECT_EQ(kind_of([&] { baker_.cancel(id, {}); }), ErrorKind::conflict);
    EXPECT_EQ(kind_of([&] { (void)run(id, 2); }), ErrorKind::conflict);
}

TEST_F(AttemptTest, AFollowerSeesEveryAttempt) {
    cloud_.on_create = [] { throw Error{ErrorKind::unavailable, "not now"}; };
    const auto id = queued();
    std::latch saw_first{1};
    auto seen = std::async(std::launch::async, [&] {
        std::vector<ports::EventPlace> places;
        baker_.replay(
            id,
            {},
            Baker::Follow::yes,
            [&](const BakeId&, const ports::BakeEvent& event) {
                places.push_back(event.place());
                if (event.place() == ports::EventPlace{1, 1}) {
                    saw_first.count_down();
                }
            },
            {}
        );
        return places;
    });
    (void)run(id, 1);
    saw_first.wait();
    cloud_.on_create = [] { throw Error{ErrorKind::denied, "never"}; };
    (void)run(id, 2);
    const auto places = seen.get();
    EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
    EXPECT_EQ(places.size(), told(id).size());
    EXPECT_EQ(places.back().attempt, 2);
}

}  // namespace
}  // namespace kiln::bake
