#include "cache/demand.hpp"

#include <gmock/gmock.h>

namespace kiln::cache {
namespace {

using std::chrono::hours;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Duration kHalfLife = hours{24};

class DemandOf : public ::testing::Test {
  protected:
    ports::Image& add_image(const std::string& name) {
        ports::Image image;
        image.id = ImageId::random();
        image.name = name;
        image.root_snapshot = SnapshotId::random();
        return images.emplace_back(std::move(image));
    }

    ports::BakeRecord& add_bake(const ImageId& parent, Duration age) {
        ports::BakeRecord bake;
        bake.id = BakeId::random();
        bake.parent = parent;
        bake.created = now - age;
        bake.request = {{"volume", {{"size_gib", nullptr}}}};
        return bakes.emplace_back(std::move(bake));
    }

    std::vector<Demand> measured() { return measure_demand(bakes, images, kHalfLife, now); }

    TimePoint now = parse_time("2026-11-21T12:00:00Z");
    std::vector<ports::Image> images;
    std::vector<ports::BakeRecord> bakes;
};

struct Row {
    std::string name;
    std::vector<Duration> ages;
    double popularity;
};

class Popularity : public DemandOf, public ::testing::WithParamInterface<Row> {};

TEST_P(Popularity, HalvesWithEachHalfLife) {
    const auto image = add_image("base").id;
    for (const auto age : GetParam().ages) {
        add_bake(image, age);
    }
    const auto demands = measured();
    ASSERT_EQ(demands.size(), 1U);
    EXPECT_THAT(demands[0].popularity, DoubleNear(GetParam().popularity, 1e-9));
    EXPECT_EQ(demands[0].bakes, GetParam().ages.size());
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Popularity,
    ::testing::Values(
        Row{"Now", {hours{0}}, 1.0},
        Row{"AHalfLifeAgo", {hours{24}}, 0.5},
        Row{"TwoHalfLivesAgo", {hours{48}}, 0.25},
        Row{"Several", {hours{0}, hours{24}, hours{24}, hours{48}}, 2.25},
        Row{"OfAClockThatWasSetBack", {-hours{5}}, 1.0}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST_F(DemandOf, NothingIsNothing) {
    add_image("base");
    EXPECT_THAT(measured(), IsEmpty());
}

TEST_F(DemandOf, AnImageThatIsGoneIsNotAskedFor) {
    add_bake(ImageId::random(), hours{0});
    EXPECT_THAT(measured(), IsEmpty());
}

TEST_F(DemandOf, EachSizeIsADemandOfItsOwn) {
    const auto image = add_image("base");
    add_bake(image.id, hours{0});
    add_bake(image.id, hours{0}).request = {{"volume", {{"size_gib", 8}}}};
    add_bake(image.id, hours{1}).request = {{"volume", {{"size_gib", 8}}}};
    const auto demands = measured();
    ASSERT_EQ(demands.size(), 2U);
    EXPECT_EQ(demands[0].what, (Wanted{image.root_snapshot, Bytes{std::uint64_t{8} << 30}}));
    EXPECT_EQ(demands[1].what, (Wanted{image.root_snapshot, std::nullopt}));
}

TEST_F(DemandOf, ABakeThatWentOnFromACheckpointDoesNotCount) {
    const auto image = add_image("base").id;
    add_bake(image, hours{0}).result = {{"volume_from", "checkpoint"}};
    EXPECT_THAT(measured(), IsEmpty());
    add_bake(image, hours{0}).result = {{"volume_from", "hot"}};
    EXPECT_EQ(measured().size(), 1U);
}

TEST_F(DemandOf, AParentThatCannotBeMountedIsNotAskedFor) {
    const auto image = add_image("base").id;
    add_bake(image, hours{0}).result = {{"error", {{"step", "mount"}}}};
    add_bake(image, hours{0}).result = {{"error", {{"step", "attach"}}}};
    EXPECT_THAT(measured(), IsEmpty());
    add_bake(image, hours{0}).result = {{"error", {{"step", "run"}}}};
    EXPECT_EQ(measured().size(), 1U);
}

TEST_F(DemandOf, OfEqualsTheOneAskedForLastIsFirstAndThenTheSnapshotDecides) {
    auto& first = add_image("first");
    first.root_snapshot = SnapshotId::trusted("snap-1");
    const auto first_id = first.id;
    auto& second = add_image("second");
    second.root_snapshot = SnapshotId::trusted("snap-2");
    const auto second_id = second.id;
    add_bake(second_id, hours{0});
    add_bake(first_id, hours{0});
    std::vector<std::string> names;
    for (const auto& demand : measured()) {
        names.push_back(demand.name);
    }
    EXPECT_THAT(names, ElementsAre("first", "second"));
}

TEST_F(DemandOf, UsageCountsEachWordAndNothingElse) {
    const auto image = add_image("base").id;
    for (const auto* word : {"hot", "hit", "hit", "miss", "checkpoint"}) {
        add_bake(image, hours{0}).result = {{"volume_from", word}};
    }
    add_bake(image, hours{0});
    const auto usage = measure_usage(bakes);
    EXPECT_EQ(usage.hot, 1U);
    EXPECT_EQ(usage.hits, 2U);
    EXPECT_EQ(usage.misses, 1U);
    EXPECT_DOUBLE_EQ(usage.hit_rate(), 0.75);
    EXPECT_DOUBLE_EQ(measure_usage({}).hit_rate(), 0.0);
}

}  // namespace
}  // namespace kiln::cache
