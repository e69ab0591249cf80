#include "cache/plan.hpp"

#include <gmock/gmock.h>

namespace kiln::cache {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What there is of one image: how popular, how many volumes stand ready, how large each is.
struct Parent {
    std::string name;
    double popularity = 0.0;
    std::size_t cached = 0;
    Bytes stored = kUsualSize;
};

struct Row {
    std::string name;
    std::vector<Parent> parents;
    Budget budget;
    std::string make;  ///< names, most useful first
    std::string keep;  ///< names, sorted
    std::string drop;
};

SnapshotId snapshot_of(const std::string& name) {
    return SnapshotId::trusted("snap-" + name);
}

Scene scene_of(const std::vector<Parent>& parents) {
    Scene scene;
    const auto now = parse_time("2026-11-21T12:00:00Z");
    for (const auto& [name, popularity, cached, stored] : parents) {
        const Wanted what{snapshot_of(name), std::nullopt};
        scene.parents.insert(what.snapshot);
        if (popularity > 0) {
            scene.demands.push_back({what, ImageId::random(), name, popularity, 1, now});
        }
        for (std::size_t i = 0; i < cached; ++i) {
            const auto id = VolumeId::trusted("vol-" + name + std::to_string(i));
            scene.cached.push_back(
                {id, what.snapshot, std::nullopt, stored, "", now + std::chrono::seconds{i}}
            );
            scene.volumes.insert(id);
        }
    }
    return scene;
}

std::string names_of(const std::vector<Plan::Held>& held) {
    std::vector<std::string> names;
    for (const auto& [volume, why] : held) {
        names.push_back(volume.snapshot.str().substr(5));
    }
    std::sort(names.begin(), names.end());
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : " ") + name;
    }
    return text;
}

class PlanOf : public ::testing::TestWithParam<Row> {};

TEST_P(PlanOf, MakesKeepsAndDrops) {
    const auto& row = GetParam();
    const auto plan = plan_cache(scene_of(row.parents), row.budget);
    std::string make;
    for (const auto& one : plan.make) {
        make += (make.empty() ? "" : " ") + one.name;
    }
    EXPECT_EQ(make, row.make);
    EXPECT_EQ(names_of(plan.keep), row.keep);
    EXPECT_EQ(names_of(plan.drop), row.drop);
}

constexpr Bytes kRoom{std::uint64_t{1} << 30};
constexpr Bytes kMiB{std::uint64_t{1} << 20};

INSTANTIATE_TEST_SUITE_P(
    Table,
    PlanOf,
    ::testing::Values(
        Row{"NothingAskedFor", {{"a"}}, {4, kRoom}, "", "", ""},
        Row{"OneBakeOneVolume", {{"a", 1.0}}, {4, kRoom}, "a", "", ""},
        Row{"AFreshBakeIsNotEnoughForTwo", {{"a", 1.4}}, {4, kRoom}, "a", "", ""},
        Row{"MoreAskedForMoreReady", {{"a", 2.6}}, {4, kRoom}, "a a a", "", ""},
        Row{"TheBudgetOfVolumesHolds", {{"a", 9.0}}, {2, kRoom}, "a a", "", ""},
        Row{"WhatIsThereIsKept", {{"a", 2.0, 1}}, {4, kRoom}, "a", "a", ""},
        Row{"SurplusGoes", {{"a", 1.0, 3}}, {4, kRoom}, "", "a", "a a"},
        Row{"HardlyAskedForGoes", {{"a", 0.04, 1}}, {4, kRoom}, "", "", "a"},
        Row{"JustAskedForEnoughStays", {{"a", 0.05, 1}}, {4, kRoom}, "", "a", ""},
        Row{"OffDropsAll", {{"a", 9.0, 2}}, {0, kRoom}, "", "", "a a"},
        Row{"PlacesAreShared", {{"a", 4.0}, {"b", 1.9}}, {3, kRoom}, "a a b", "", ""},
        Row{"ThePopularCrowdTheRareOut", {{"a", 9.0, 1}, {"b", 0.5, 1}}, {2, kRoom}, "a", "a", "b"},
        Row{"ALargeOneIsPassedOverForSmallOnes",
            {{"a", 9.0, 1, Bytes{kMiB * 10}}, {"b", 1.0}},
            {4, Bytes{kMiB * 5}},
            "b",
            "",
            "a"},
        Row{"TheBudgetOfBytesHolds", {{"a", 9.0}}, {9, Bytes{kMiB * 3}}, "a a a", "", ""},
        Row{"NoRoomNoVolumes", {{"a", 9.0}}, {9, Bytes{1}}, "", "", ""},
        Row{"OfEqualsTheFirstInTheList", {{"a", 1.0}, {"b", 1.0}}, {1, kRoom}, "a", "", ""}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(PlanReasons, AVolumeThatIsGoneIsForgottenAndMadeAnew) {
    auto scene = scene_of({{"a", 1.0, 1}});
    scene.volumes.clear();
    const auto plan = plan_cache(scene, {4, kRoom});
    ASSERT_EQ(plan.drop.size(), 1U);
    EXPECT_EQ(plan.drop[0].why, "the volume is gone");
    EXPECT_EQ(plan.make.size(), 1U);
}

TEST(PlanReasons, OfTooManyTheOnesThatWaitedLongestGo) {
    const auto plan = plan_cache(scene_of({{"a", 1.0, 2}}), {4, kRoom});
    ASSERT_EQ(plan.keep.size(), 1U);
    EXPECT_EQ(plan.keep[0].volume.volume.str(), "vol-a1");
}

TEST(PlanReasons, AnotherSizeIsAnotherVolume) {
    auto scene = scene_of({{"a", 1.0, 1}});
    scene.cached[0].size = Bytes{std::uint64_t{8} << 30};
    const auto plan = plan_cache(scene, {4, kRoom});
    EXPECT_EQ(plan.drop.size(), 1U);
    ASSERT_EQ(plan.make.size(), 1U);
    EXPECT_EQ(plan.make[0].what.size, std::nullopt);
}

TEST(PlanReasons, EachDecisionSaysWhy) {
    auto scene = scene_of({{"a", 3.0, 1}, {"b", 0.01, 1}, {"c", 1.0, 1}, {"gone", 0.0, 1}});
    scene.parents.erase(snapshot_of("gone"));
    const auto plan = plan_cache(scene, {2, kRoom});
    ASSERT_EQ(plan.make.size(), 1U);
    EXPECT_EQ(plan.make[0].why, "1 bake, popularity 3.00; number 2 of 2");
    ASSERT_EQ(plan.keep.size(), 1U);
    EXPECT_EQ(plan.keep[0].why, "1 bake, popularity 3.00");
    std::map<std::string, std::string> why;
    for (const auto& [volume, reason] : plan.drop) {
        why[volume.snapshot.str()] = reason;
    }
    EXPECT_THAT(why["snap-b"], HasSubstr("hardly asked for"));
    EXPECT_THAT(why["snap-c"], HasSubstr("others are asked for more"));
    EXPECT_EQ(why["snap-gone"], "its image is gone");
    EXPECT_EQ(plan_cache(scene, {0, kRoom}).drop.size(), 4U);
}

TEST(PlanReasons, ADemandThatNobodyRecordedIsSaid) {
    const auto plan = plan_cache(scene_of({{"a", 0.0, 1}}), {2, kRoom});
    ASSERT_EQ(plan.drop.size(), 1U);
    EXPECT_EQ(plan.drop[0].why, "no bake on record asked for one like it");
    EXPECT_THAT(plan.make, IsEmpty());
}

}  // namespace
}  // namespace kiln::cache
