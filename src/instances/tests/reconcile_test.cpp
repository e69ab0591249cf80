#include "instances/reconcile.hpp"

#include "instances/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = ports::InstanceState;

constexpr TimePoint kNow{std::chrono::hours{10}};
constexpr auto kOld = kNow - std::chrono::hours{1};
constexpr auto kYoung = kNow - std::chrono::minutes{1};

ports::Instance machine(
    const std::string& build, TimePoint launched = kOld, State state = State::running
) {
    ports::Instance made;
    made.id = InstanceId::trusted("i-1");
    made.state = state;
    made.launched = launched;
    made.tags = {{kOwnerTag, "here"}, {kBuildTag, build}};
    return made;
}

InstanceBuild build(BuildState state, bool launched, std::vector<std::string> instances = {}) {
    InstanceBuild made;
    made.id = "b";
    made.state = state;
    made.queued = true;
    made.launched = launched;
    made.instances = std::move(instances);
    made.created = kOld;
    return made;
}

ReconcileFacts facts() {
    ReconcileFacts made;
    made.now = kNow;
    made.owner = "here";
    made.grace = std::chrono::minutes{10};
    made.lost_job = std::chrono::minutes{2};
    made.keep = std::chrono::hours{5};
    return made;
}

struct Row {
    std::string name;
    ports::Instance machine;
    std::optional<InstanceBuild> build;
    bool stray;
};

ports::Instance of_another() {
    auto made = machine("b");
    made.tags[kOwnerTag] = "there";
    return made;
}

ports::Instance by_hand() {
    auto made = machine("b");
    made.tags.clear();
    return made;
}

class StrayRow : public ::testing::TestWithParam<Row> {};

TEST_P(StrayRow, IsEndedOrNot) {
    const auto& row = GetParam();
    auto all = facts();
    all.machines = {row.machine};
    if (row.build) {
        all.builds.emplace("b", *row.build);
    }
    EXPECT_EQ(!reconcile(all).strays.empty(), row.stray);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    StrayRow,
    ::testing::Values(
        Row{"OfNoRecord", machine("b"), std::nullopt, true},
        Row{"OfNoRecordButYoung", machine("b", kYoung), std::nullopt, false},
        Row{"OfNoRecordButEnding", machine("b", kOld, State::shutting_down), std::nullopt, false},
        Row{"OfAnotherOwner", of_another(), std::nullopt, false},
        Row{"ByHand", by_hand(), std::nullopt, false},
        Row{"Known", machine("b"), build(BuildState::started, true, {"i-1"}), false},
        Row{"BesideTheKnown", machine("b"), build(BuildState::started, true, {"i-2"}), true},
        Row{"OfABuildAtWork", machine("b"), build(BuildState::pending, false), false},
        Row{"OfAFailedBuild", machine("b"), build(BuildState::failed, false), true}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Reconcile, NobodyIsAStrayToAServerWithoutAName) {
    auto all = facts();
    all.owner = "";
    auto nameless = machine("b");
    nameless.tags[kOwnerTag] = "";
    all.machines = {nameless};
    EXPECT_THAT(reconcile(all).strays, IsEmpty());
}

TEST(Reconcile, AMachinePastItsDeadlineIsEnded) {
    auto all = facts();
    all.builds.emplace("b", build(BuildState::started, true, {"i-1"}));
    auto late = machine("b");
    late.deadline = kNow - std::chrono::minutes{1};
    all.machines = {late};
    EXPECT_THAT(reconcile(all).overdue, IsEmpty());
    all.machines[0].deadline = kNow - std::chrono::minutes{3};
    EXPECT_THAT(reconcile(all).overdue, ElementsAre("i-1"));
}

TEST(Reconcile, ANoteWhoseMachineIsNoMoreIsClosedWithItsReason) {
    auto all = facts();
    all.notes = {{.id = "i-1", .build = "b", .launched = kOld}};
    EXPECT_THAT(reconcile(all).gone, ElementsAre(Gone{"i-1", kNow, "it is no more"}));
    auto ended = machine("b", kOld, State::terminated);
    ended.ended = kYoung;
    ended.reason = "Client.InstanceInitiatedShutdown";
    all.machines = {ended};
    EXPECT_THAT(
        reconcile(all).gone, ElementsAre(Gone{"i-1", kYoung, "Client.InstanceInitiatedShutdown"})
    );
    all.notes[0].reason = "it was terminated on request";
    EXPECT_EQ(reconcile(all).gone.at(0).reason, "it was terminated on request");
}

TEST(Reconcile, AMachineThatIsNotToBeSeenYetIsNotGone) {
    auto all = facts();
    all.notes = {{.id = "i-1", .build = "b", .launched = kYoung}};
    EXPECT_THAT(reconcile(all).gone, IsEmpty());
}

struct CloseRow {
    std::string name;
    InstanceBuild build;
    bool machine;
    bool close;
};

InstanceBuild script_only(BuildState state) {
    auto made = build(state, false);
    made.request.boot_instance = false;
    return made;
}

InstanceBuild old_script_only() {
    auto made = script_only(BuildState::started);
    made.created = kNow - std::chrono::hours{5};
    return made;
}

class Close : public ::testing::TestWithParam<CloseRow> {};

TEST_P(Close, IsDecided) {
    auto all = facts();
    all.builds.emplace("b", GetParam().build);
    if (GetParam().machine) {
        all.machines = {machine("b")};
    }
    EXPECT_EQ(!reconcile(all).close.empty(), GetParam().close);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Close,
    ::testing::Values(
        CloseRow{"Pending", build(BuildState::pending, false), false, false},
        CloseRow{"Running", build(BuildState::started, true, {"i-1"}), true, false},
        CloseRow{"FinishedAndRunning", build(BuildState::finished, true, {"i-1"}), true, false},
        CloseRow{"FinishedAndGone", build(BuildState::finished, true, {"i-1"}), false, true},
        CloseRow{"Failed", build(BuildState::failed, false), false, true},
        CloseRow{"ScriptOnly", script_only(BuildState::started), false, false},
        CloseRow{"ScriptOnlyAndOld", old_script_only(), false, true},
        CloseRow{"ScriptOnlyFinished", script_only(BuildState::finished), false, true}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Reconcile, AJobThatNeverCameIntoItsQueueIsPushed) {
    auto all = facts();
    auto lost = build(BuildState::pending, false);
    lost.queued = false;
    all.builds.emplace("b", lost);
    EXPECT_THAT(reconcile(all).push, ElementsAre("b"));
    all.builds.at("b").created = kYoung;
    EXPECT_THAT(reconcile(all).push, IsEmpty());
    all.builds.at("b") = build(BuildState::pending, false);
    EXPECT_THAT(reconcile(all).push, IsEmpty());
}

}  // namespace
}  // namespace kiln::instances
