#include "gc/retention.hpp"

#include <gmock/gmock.h>

namespace kiln::gc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TimePoint kNow{Duration{1'767'225'600'000'000}};

ports::Image image(const std::string& name, std::chrono::days age) {
    ports::Image image;
    image.id = ImageId::random();
    image.name = name;
    image.created = kNow - age;
    return image;
}

std::vector<std::string> names(const std::vector<Verdict>& verdicts) {
    std::vector<std::string> all;
    for (const auto& verdict : verdicts) {
        all.push_back(verdict.image.name);
    }
    return all;
}

/// web@1 is 40 days old, web@2 30, web@3 20, web@4 10, db@1 50.
std::vector<ports::Image> some_images() {
    using std::chrono::days;
    return {
        image("web@4", days{10}),
        image("web@3", days{20}),
        image("web@2", days{30}),
        image("web@1", days{40}),
        image("db@1", days{50}),
    };
}

struct Row {
    std::string name;
    Retention retention;
    std::vector<std::string> removed;
};

class ImageRetention : public ::testing::TestWithParam<Row> {};

TEST_P(ImageRetention, LetsGoWhatHadItsTimeOldestFirst) {
    const auto plan = plan_images(some_images(), GetParam().retention, kNow);
    EXPECT_EQ(names(plan.remove), GetParam().removed);
}

INSTANTIATE_TEST_SUITE_P(
    Gc,
    ImageRetention,
    ::testing::Values(
        Row{"NoRule", {}, {}},
        Row{"KeepTwoOfEach", {2, {}}, {"web@1", "web@2"}},
        Row{"KeepOneOfEach", {1, {}}, {"web@1", "web@2", "web@3"}},
        Row{"KeepMoreThanThereAre", {9, {}}, {}},
        Row{"OlderThan", {{}, std::chrono::days{25}}, {"db@1", "web@1", "web@2"}},
        Row{"ExactlyThatOldStays", {{}, std::chrono::days{30}}, {"db@1", "web@1"}},
        Row{"BothMustLetGo", {2, std::chrono::days{35}}, {"web@1"}},
        Row{"YoungVersionsStayThoughTheyAreMany", {1, std::chrono::days{100}}, {}}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(ImageRetention, AParentStays) {
    auto images = some_images();
    images[0].parent = images[3].id;
    const auto plan = plan_images(images, {1, {}}, kNow);
    EXPECT_THAT(names(plan.remove), ElementsAre("web@2", "web@3"));
    ASSERT_EQ(plan.spared.size(), 1U);
    EXPECT_EQ(plan.spared[0].why, "parent of \"web@4\"");
}

TEST(ImageRetention, ASharedImageStays) {
    auto images = some_images();
    images[3].shared_with = {"111122223333"};
    const auto plan = plan_images(images, {1, {}}, kNow);
    EXPECT_THAT(names(plan.spared), ElementsAre("web@1"));
    EXPECT_THAT(plan.spared[0].why, HasSubstr("111122223333"));
}

TEST(ImageRetention, AnImageTaggedKeepStays) {
    auto images = some_images();
    images[3].tags["keep"] = "";
    EXPECT_THAT(names(plan_images(images, {1, {}}, kNow).remove), ElementsAre("web@2", "web@3"));
}

ports::Checkpoint checkpoint(const std::string& key, std::uint64_t stored) {
    ports::Checkpoint one;
    one.key = key;
    one.snapshot = SnapshotId::random();
    one.stored = Bytes{stored};
    return one;
}

TEST(CheckpointBudget, TheLeastRecentlyUsedGoUntilTheRestFits) {
    const std::vector<ports::Checkpoint> all{
        checkpoint("a", 10), checkpoint("b", 20), checkpoint("c", 30)};
    const auto remove = plan_checkpoints(all, Bytes{50});
    ASSERT_EQ(remove.size(), 1U);
    EXPECT_EQ(remove[0].key, "a");
    EXPECT_EQ(plan_checkpoints(all, Bytes{49}).size(), 2U);
    EXPECT_THAT(plan_checkpoints(all, Bytes{60}), IsEmpty());
    EXPECT_EQ(plan_checkpoints(all, Bytes{0}).size(), 3U);
}

TEST(RecordAge, OnlyBakesThatEndedBeforeAreForgotten) {
    const auto record = [](ports::BakeState state, std::optional<std::chrono::days> ended_ago) {
        ports::BakeRecord one;
        one.state = state;
        if (ended_ago) {
            one.ended = kNow - *ended_ago;
        }
        return one;
    };
    using std::chrono::days;
    const std::vector<ports::BakeRecord> records{
        record(ports::BakeState::succeeded, days{31}),
        record(ports::BakeState::failed, days{29}),
        record(ports::BakeState::running, std::nullopt),
        record(ports::BakeState::interrupted, days{40}),
    };
    const auto old = plan_records(records, {}, kNow - days{30});
    ASSERT_EQ(old.size(), 2U);
    EXPECT_EQ(old[0].state, ports::BakeState::succeeded);
    EXPECT_EQ(old[1].state, ports::BakeState::interrupted);
}

TEST(RecordAge, TheBakeOfAnImageThatStillIsStays) {
    ports::BakeRecord record;
    record.id = BakeId::random();
    record.state = ports::BakeState::succeeded;
    record.ended = kNow - std::chrono::days{31};
    auto made = image("web@1", std::chrono::days{31});
    made.bake = record.id;
    EXPECT_THAT(plan_records({record}, {made}, kNow - std::chrono::days{30}), IsEmpty());
    EXPECT_EQ(plan_records({record}, {}, kNow - std::chrono::days{30}).size(), 1U);
}

}  // namespace
}  // namespace kiln::gc
