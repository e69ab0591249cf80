#include "ledger/job.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"
#include "ports/testing/memory_ledger.hpp"

#include <barrier>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ledger {
namespace {

using ports::LedgerEntry;
using ports::Resource;
using ports::ResourceKind;
using ports::testing::kind_of;
using ::testing::ElementsAre;

class SweeperTest : public ::testing::Test {
  protected:
    static Resource folder(const std::string& name) { return {ResourceKind::folder, name}; }

    /// Undoes by noting the name; names in `stubborn_` cannot be undone.
    Undo noting() {
        return [this](const Resource& resource) {
            if (stubborn_.contains(resource.name)) {
                throw Error{ErrorKind::unavailable, "it will not go"};
            }
            undone_.push_back(resource.name);
        };
    }

    std::vector<std::string> left() {
        std::vector<std::string> names;
        for (const auto& entry : ledger_.entries()) {
            names.push_back(entry.resource.name);
        }
        return names;
    }

    /// Leaves the lock file of a holder that was killed.
    HolderId killed_holder() const {
        const auto id = HolderId::random();
        std::ofstream{holders() / (id.str() + ".lock")};
        return id;
    }

    [[nodiscard]] const std::filesystem::path& holders() const { return folder_.path(); }

    os::TempDir folder_ = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-hold");
    ports::testing::FakeClock clock_;
    Holder me_{holders()};
    ports::testing::MemoryLedger ledger_{me_.id(), clock_};
    std::set<std::string> stubborn_;
    std::vector<std::string> undone_;
    Sweeper sweeper_{ledger_, holders(), {{ResourceKind::folder, noting()}}};
    JobId job_ = JobId::random();
    JobId other_job_ = JobId::random();
};

TEST_F(SweeperTest, PlanTakesTheDeadsOnlyNewestFirst) {
    const auto dead = HolderId::random();
    const auto living = HolderId::random();
    std::vector<LedgerEntry> entries;
    for (std::int64_t i = 1; i <= 4; ++i) {
        entries.push_back({i, folder(std::to_string(i)), job_, i == 2 ? living : dead, {}});
    }
    int asked = 0;
    const auto plan = Sweeper::plan(entries, [&](const HolderId& id) {
        ++asked;
        return id == living;
    });
    std::vector<std::int64_t> order;
    for (const auto& entry : plan) {
        order.push_back(entry.sequence);
    }
    EXPECT_THAT(order, ElementsAre(4, 3, 1));
    EXPECT_EQ(asked, 2);
}

TEST_F(SweeperTest, TheLivingKeepWhatTheyHave) {
    ledger_.intend(job_, {folder("/mine")});
    const Holder other{holders()};
    ledger_.other_holder(other.id()).intend(other_job_, {folder("/theirs")});
    const auto report = sweeper_.sweep();
    EXPECT_TRUE(report.undone.empty());
    EXPECT_THAT(left(), ElementsAre("/mine", "/theirs"));
}

TEST_F(SweeperTest, WhatTheDeadOwnedIsUndoneNewestFirstAndReleased) {
    ledger_.other_holder(killed_holder()).intend(other_job_, {folder("/a"), folder("/b")});
    ledger_.intend(job_, {folder("/mine")});
    const auto report = sweeper_.sweep();
    EXPECT_THAT(undone_, ElementsAre("/b", "/a"));
    EXPECT_EQ(report.undone.size(), 2U);
    EXPECT_TRUE(report.failed.empty());
    EXPECT_THAT(left(), ElementsAre("/mine"));
}

TEST_F(SweeperTest, AHolderWithoutAFileIsDead) {
    ledger_.other_holder(HolderId::random()).intend(other_job_, {folder("/a")});
    sweeper_.sweep();
    EXPECT_THAT(undone_, ElementsAre("/a"));
}

TEST_F(SweeperTest, ADryRunTellsAndDoesNothing) {
    const auto dead = killed_holder();
    ledger_.other_holder(dead).intend(other_job_, {folder("/a"), folder("/b")});
    const auto report = sweeper_.sweep(Sweeper::DryRun::yes);
    ASSERT_EQ(report.undone.size(), 2U);
    EXPECT_EQ(report.undone[0].resource.name, "/b");
    EXPECT_TRUE(undone_.empty());
    EXPECT_THAT(left(), ElementsAre("/a", "/b"));
    EXPECT_THAT(Holder::dead(holders()), ElementsAre(dead));
}

TEST_F(SweeperTest, AFailingUndoKeepsItsEntryAndTheRestGoesOn) {
    stubborn_ = {"/b"};
    ledger_.other_holder(killed_holder())
        .intend(other_job_, {folder("/a"), folder("/b"), folder("/c")});
    const auto report = sweeper_.sweep();
    EXPECT_THAT(undone_, ElementsAre("/c", "/a"));
    ASSERT_EQ(report.failed.size(), 1U);
    EXPECT_EQ(report.failed[0].first.resource.name, "/b");
    EXPECT_EQ(report.failed[0].second, "it will not go");
    EXPECT_THAT(left(), ElementsAre("/b"));
    stubborn_.clear();
    sweeper_.sweep();
    EXPECT_THAT(left(), ElementsAre());
}

TEST_F(SweeperTest, AKindThatNobodyUndoesIsReported) {
    ledger_.other_holder(killed_holder()).intend(other_job_, {{ResourceKind::volume, "vol-1"}});
    const auto report = sweeper_.sweep();
    ASSERT_EQ(report.failed.size(), 1U);
    EXPECT_THAT(report.failed[0].second, ::testing::HasSubstr("volume"));
    EXPECT_THAT(left(), ElementsAre("vol-1"));
}

TEST_F(SweeperTest, FilesOfTheDeadGoWithTheSweep) {
    killed_holder();
    EXPECT_EQ(Holder::dead(holders()).size(), 1U);
    sweeper_.sweep();
    EXPECT_TRUE(Holder::dead(holders()).empty());
    EXPECT_TRUE(Holder::alive(holders(), me_.id()));
}

TEST_F(SweeperTest, NothingToDoLeavesNoTrace) {
    sweeper_.sweep();
    EXPECT_FALSE(std::filesystem::exists(holders() / "sweep.lock"));
}

TEST_F(SweeperTest, WhoEndsWellWhileASweepStartsLosesNothing) {
    /// Releases what is to stay and ends, at the moment between the sweep's two reads.
    class Ending final : public ports::Ledger {
      public:
        Ending(ports::Ledger& ledger, std::function<void()> between)
            : ledger_{ledger}, between_{std::move(between)} {}

        void intend(const JobId& job, const std::vector<Resource>& resources) override {
            ledger_.intend(job, resources);
        }

        void release(const JobId& job, const std::vector<Resource>& resources) override {
            ledger_.release(job, resources);
        }

        void release_all(const JobId& job) override { ledger_.release_all(job); }

        std::vector<LedgerEntry> entries() override {
            auto entries = ledger_.entries();
            between_();
            return entries;
        }

        std::vector<HolderId> holders() override {
            auto holders = ledger_.holders();
            between_();
            return holders;
        }

      private:
        ports::Ledger& ledger_;
        std::function<void()> between_;
    };

    std::optional<Holder> other{std::in_place, holders()};
    auto theirs = ledger_.other_holder(other->id());
    theirs.intend(other_job_, {folder("/to-stay")});
    ledger_.other_holder(killed_holder()).intend(job_, {folder("/dead")});
    Ending ending{ledger_, [&] {
                      theirs.release_all(other_job_);
                      other.reset();
                  }};
    Sweeper sweeper{ending, holders(), {{ResourceKind::folder, noting()}}};
    sweeper.sweep();
    EXPECT_THAT(undone_, ElementsAre("/dead"));
}

TEST_F(SweeperTest, OfTwoSweepsAtOnceEachThingIsUndoneByOne) {
    ledger_.other_holder(killed_holder()).intend(other_job_, {folder("/a"), folder("/b")});
    std::atomic<int> undone{0};
    std::atomic<int> inside{0};
    std::atomic<bool> overlapped{false};
    std::barrier together{2};
    const Undo undo = [&](const Resource&) {
        overlapped = overlapped || ++inside > 1;
        std::this_thread::yield();
        --inside;
        ++undone;
    };
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            Sweeper sweeper{ledger_, holders(), {{ResourceKind::folder, undo}}};
            together.arrive_and_wait();
            sweeper.sweep();
        });
    }
    threads.clear();
    EXPECT_EQ(undone, 2);
    EXPECT_FALSE(overlapped);
    EXPECT_TRUE(left().empty());
}

TEST_F(SweeperTest, AJobIsUndoneWholeAndNoOther) {
    ledger_.intend(job_, {folder("/a"), folder("/b")});
    ledger_.intend(other_job_, {folder("/c")});
    sweeper_.undo_job(job_);
    EXPECT_THAT(undone_, ElementsAre("/b", "/a"));
    EXPECT_THAT(left(), ElementsAre("/c"));
}

TEST_F(SweeperTest, AJobThatCannotBeUndoneSaysWhatIsLeft) {
    stubborn_ = {"/b"};
    ledger_.intend(job_, {folder("/a"), folder("/b")});
    try {
        sweeper_.undo_job(job_);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "undo folder '/b': it will not go");
    }
    EXPECT_THAT(undone_, ElementsAre("/a"));
    EXPECT_THAT(left(), ElementsAre("/b"));
}

}  // namespace
}  // namespace kiln::ledger
