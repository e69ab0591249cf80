#include "compute/life.hpp"

#include "base/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::compute {
namespace {

using ports::Change;
using ports::Force;
using ports::InstanceRecord;
using ports::InstanceState;
using ports::ShutdownBehaviour;
using ports::Wish;
using What = GuestEnd::What;

const TimePoint kNow{std::chrono::seconds{1'800'000'000}};

InstanceRecord record(InstanceState state, Wish wish = Wish::none) {
    InstanceRecord one;
    one.instance.id = InstanceId::random();
    one.instance.state = state;
    one.instance.launched = kNow - std::chrono::hours{1};
    one.instance.root_volume = VolumeId::random();
    one.keeper = HolderId::random();
    one.job = JobId::random();
    one.wish = wish;
    return one;
}

struct EndRow {
    const char* name;
    Wish wish;
    What what;
    ShutdownBehaviour shutdown;
    AfterEnd then;
    InstanceState state;
    const char* reason;
};

class GuestEnds : public ::testing::TestWithParam<EndRow> {};

TEST_P(GuestEnds, SettleTheInstance) {
    const auto& row = GetParam();
    auto before =
        record(row.wish == Wish::stop ? InstanceState::stopping : InstanceState::running, row.wish);
    before.instance.shutdown = row.shutdown;
    const auto ended = after_end(before, {row.what, "why"}, kNow);
    EXPECT_EQ(ended.then, row.then);
    EXPECT_EQ(ended.record.instance.state, row.state);
    EXPECT_THAT(ended.record.instance.reason, ::testing::StartsWith(row.reason));
    EXPECT_EQ(ended.record.instance.root_volume, before.instance.root_volume);
    EXPECT_EQ(ended.record.first_process, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    GuestEnds,
    ::testing::Values(
        EndRow{
            "PoweredOffIsStopped",
            Wish::none,
            What::powered_off,
            ShutdownBehaviour::stop,
            AfterEnd::let_go,
            InstanceState::stopped,
            "Client.InstanceInitiatedShutdown"},
        EndRow{
            "PoweredOffIsTerminated",
            Wish::none,
            What::powered_off,
            ShutdownBehaviour::terminate,
            AfterEnd::remove,
            InstanceState::shutting_down,
            "Client.InstanceInitiatedShutdown"},
        EndRow{
            "CrashIsStopped",
            Wish::none,
            What::failed,
            ShutdownBehaviour::stop,
            AfterEnd::let_go,
            InstanceState::stopped,
            "Server.InternalError: why"},
        EndRow{
            "RebootStartsAgain",
            Wish::none,
            What::rebooted,
            ShutdownBehaviour::terminate,
            AfterEnd::start_again,
            InstanceState::running,
            ""},
        EndRow{
            "KilledForARebootStartsAgain",
            Wish::reboot,
            What::failed,
            ShutdownBehaviour::stop,
            AfterEnd::start_again,
            InstanceState::running,
            ""},
        EndRow{
            "WishedStopKeepsItsVolume",
            Wish::stop,
            What::failed,
            ShutdownBehaviour::terminate,
            AfterEnd::let_go,
            InstanceState::stopped,
            "Client.UserInitiatedShutdown"},
        EndRow{
            "WishedEndWinsOverReboot",
            Wish::terminate,
            What::rebooted,
            ShutdownBehaviour::stop,
            AfterEnd::remove,
            InstanceState::shutting_down,
            "Client.UserInitiatedShutdown"}
    ),
    [](const auto& row) { return row.param.name; }
);

struct OrphanRow {
    const char* name;
    InstanceState state;
    bool keeper_lives;
    std::int64_t starts;
    Orphan what;
    InstanceState after;
};

class Orphans : public ::testing::TestWithParam<OrphanRow> {};

TEST_P(Orphans, GetWhatTheyNeed) {
    const auto& row = GetParam();
    auto before = record(row.state);
    before.starts = row.starts;
    const auto verdict = judge(before, row.keeper_lives, kNow);
    EXPECT_EQ(verdict.what, row.what);
    EXPECT_EQ(verdict.record.instance.state, row.after);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    Orphans,
    ::testing::Values(
        OrphanRow{
            "KeptIsLeftAlone",
            InstanceState::running,
            true,
            1,
            Orphan::none,
            InstanceState::running},
        OrphanRow{
            "PendingIsKept",
            InstanceState::pending,
            false,
            0,
            Orphan::keep,
            InstanceState::pending},
        OrphanRow{
            "PendingThatNeverComesUpIsStopped",
            InstanceState::pending,
            false,
            3,
            Orphan::finish,
            InstanceState::stopped},
        OrphanRow{
            "RunningIsStopped",
            InstanceState::running,
            false,
            1,
            Orphan::finish,
            InstanceState::stopped},
        OrphanRow{
            "StoppingIsStopped",
            InstanceState::stopping,
            false,
            1,
            Orphan::finish,
            InstanceState::stopped},
        OrphanRow{
            "ShuttingDownLosesItsVolume",
            InstanceState::shutting_down,
            false,
            1,
            Orphan::remove,
            InstanceState::shutting_down},
        OrphanRow{
            "StoppedNeedsNobody",
            InstanceState::stopped,
            false,
            1,
            Orphan::none,
            InstanceState::stopped},
        OrphanRow{
            "TerminatedNeedsNobody",
            InstanceState::terminated,
            false,
            1,
            Orphan::none,
            InstanceState::terminated}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Life, ALauncherThatLivesIsNoKeeper) {
    auto launched = record(InstanceState::pending);
    launched.job.reset();
    launched.instance.launched = kNow - std::chrono::seconds{5};
    EXPECT_EQ(judge(launched, true, kNow).what, Orphan::none) << "its keeper is on its way";
    launched.instance.launched = kNow - std::chrono::seconds{31};
    EXPECT_EQ(judge(launched, true, kNow).what, Orphan::keep) << "it never came";
    launched.instance.state = InstanceState::shutting_down;
    EXPECT_EQ(judge(launched, true, kNow).what, Orphan::remove);
    launched.instance.state = InstanceState::stopping;
    EXPECT_EQ(judge(launched, true, kNow).what, Orphan::finish);
}

TEST(Life, AnOverdueEndSaysSo) {
    auto before = record(InstanceState::running);
    before.instance.deadline = kNow;
    const auto ended = after_end(before, {What::powered_off, ""}, kNow);
    EXPECT_THAT(ended.record.instance.reason, ::testing::HasSubstr("lifetime"));
    EXPECT_FALSE(ended.record.instance.deadline.has_value());
}

TEST(Life, ABootWithoutItsUserDataWasNotTheFirst) {
    auto before = record(InstanceState::running);
    before.starts = 1;
    const auto once = after_end(before, {What::powered_off, "", true}, kNow);
    EXPECT_EQ(once.record.starts, 0);
    EXPECT_EQ(after_end(before, {What::powered_off, ""}, kNow).record.starts, 1);
}

TEST(Life, AStartCountsItsLifetimeAnew) {
    auto before = record(InstanceState::stopped);
    before.lifetime = std::chrono::hours{2};
    const auto started = wished(before, Change::start, Force::no, kNow);
    ASSERT_TRUE(started.has_value());
    EXPECT_EQ(started->instance.state, InstanceState::pending);
    EXPECT_EQ(started->instance.deadline, kNow + std::chrono::hours{2});
}

TEST(Life, AStopMayBeAskedForHarder) {
    const auto stopping = record(InstanceState::stopping, Wish::stop);
    EXPECT_FALSE(wished(stopping, Change::stop, Force::no, kNow).has_value());
    const auto harder = wished(stopping, Change::stop, Force::yes, kNow);
    ASSERT_TRUE(harder.has_value());
    EXPECT_EQ(harder->force, Force::yes);
}

TEST(Life, ADoomedOneIsDoomedOnce) {
    const auto once = doomed(record(InstanceState::stopped));
    ASSERT_TRUE(once.has_value());
    EXPECT_EQ(once->instance.state, InstanceState::shutting_down);
    EXPECT_FALSE(doomed(*once).has_value());
}

TEST(Life, WhatIsStoppedIsNotTakenOver) {
    EXPECT_FALSE(
        taken_over(record(InstanceState::stopped), HolderId::random(), JobId::random()).has_value()
    );
}

TEST(Life, AGuestThatRunsAfterAnEndWasWishedForIsNotRunning) {
    const auto doomed_one = *doomed(record(InstanceState::pending));
    EXPECT_EQ(begun(doomed_one, 17, {}).instance.state, InstanceState::shutting_down);
    const auto up = begun(record(InstanceState::pending), 17, {});
    EXPECT_EQ(up.instance.state, InstanceState::running);
    EXPECT_EQ(up.starts, 1);
}

}  // namespace
}  // namespace kiln::compute
