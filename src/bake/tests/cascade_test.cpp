#include "bake/cascade.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>

namespace kiln::bake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Images by name; each is a day younger than the one before.
class World {
  public:
    World& image(const std::string& name, const std::string& parent = "", bool recorded = true) {
        ports::Image image;
        image.id = ImageId::random();
        image.name = name;
        image.owner = "000000000000";
        image.architecture = "x86_64";
        image.created =
            TimePoint{Duration{1'767'225'600'000'000}} + std::chrono::days{images.size()};
        if (!parent.empty()) {
            image.parent = find(parent).id;
            image.bake = BakeId::random();
            if (recorded) {
                bakes.insert(*image.bake);
            }
        }
        images.push_back(image);
        return *this;
    }

    [[nodiscard]] const ports::Image& find(const std::string& name) const {
        return *std::find_if(images.begin(), images.end(), [&](const auto& i) {
            return i.name == name;
        });
    }

    [[nodiscard]] CascadePlan plan(const std::string& base, std::set<ImageId> also = {}) const {
        return plan_cascade(find(base), images, also, bakes);
    }

    /// "web@1 on base@2", in order.
    [[nodiscard]] std::vector<std::string> steps(const CascadePlan& plan) const {
        std::vector<std::string> lines;
        for (const auto& step : plan.steps) {
            const auto* id = std::get_if<ImageId>(&step.parent);
            lines.push_back(
                step.image.name + " on " +
                (id != nullptr ? name_of(*id)
                               : plan.steps[std::get<std::size_t>(step.parent)].new_name)
            );
        }
        return lines;
    }

    [[nodiscard]] std::string name_of(const ImageId& id) const {
        return std::find_if(
                   images.begin(), images.end(), [&](const auto& i) { return i.id == id; }
        )->name;
    }

    std::vector<ports::Image> images;
    std::set<BakeId> bakes;
};

TEST(CascadePlan, WhatStandsOnAnOlderVersionIsBakedOnTheNewOne) {
    const auto world = World{}.image("base@1").image("web@1", "base@1").image("base@2");
    const auto plan = world.plan("base@2");
    EXPECT_THAT(world.steps(plan), ElementsAre("web@1 on base@2"));
    EXPECT_EQ(plan.steps[0].new_name, "web@1.r1");
    ASSERT_EQ(plan.replaced.size(), 1U);
    EXPECT_EQ(plan.replaced[0].name, "base@1");
}

TEST(CascadePlan, AStepComesAfterWhatItStandsOn) {
    const auto world =
        World{}.image("base@1").image("web@1", "base@1").image("shop@1", "web@1").image("base@2");
    EXPECT_THAT(
        world.steps(world.plan("base@2")), ElementsAre("web@1 on base@2", "shop@1 on web@1.r1")
    );
}

TEST(CascadePlan, AChildOlderThanItsParentsNewestVersionStillComesAfterIt) {
    const auto world = World{}
                           .image("base@1")
                           .image("web@1", "base@1")
                           .image("shop@1", "web@1")
                           .image("web@2", "base@1")
                           .image("base@2");
    EXPECT_THAT(
        world.steps(world.plan("base@2")), ElementsAre("web@2 on base@2", "shop@1 on web@2.r1")
    );
}

TEST(CascadePlan, OnlyTheNewestVersionIsBaked) {
    const auto world =
        World{}.image("base@1").image("web@1", "base@1").image("web@2", "base@1").image("base@2");
    EXPECT_THAT(world.steps(world.plan("base@2")), ElementsAre("web@2 on base@2"));
}

TEST(CascadePlan, AnImageWithAVersionOnTheNewBaseIsLeftAlone) {
    const auto world =
        World{}.image("base@1").image("web@1", "base@1").image("base@2").image("web@2", "base@2");
    EXPECT_THAT(world.steps(world.plan("base@2")), IsEmpty());
}

TEST(CascadePlan, AChildOfAnUpToDateImagesOlderVersionMovesToItsNewest) {
    const auto world = World{}
                           .image("base@1")
                           .image("web@1", "base@1")
                           .image("shop@1", "web@1")
                           .image("base@2")
                           .image("web@2", "base@2");
    EXPECT_THAT(world.steps(world.plan("base@2")), ElementsAre("shop@1 on web@2"));
}

TEST(CascadePlan, TheBaseItselfIsNotBakedThoughItDescendsFromItsOlderVersion) {
    const auto world = World{}.image("base@1").image("web@1", "base@1").image("base@2", "base@1");
    EXPECT_THAT(world.steps(world.plan("base@2")), ElementsAre("web@1 on base@2"));
}

TEST(CascadePlan, ImagesOfOtherLineagesAreLeftAlone) {
    const auto world = World{}
                           .image("base@1")
                           .image("other@1")
                           .image("web@1", "other@1")
                           .image("debian-11")
                           .image("old@1", "debian-11")
                           .image("base@2");
    EXPECT_THAT(world.steps(world.plan("base@2")), IsEmpty());
}

TEST(CascadePlan, AnImageOfAnotherNameIsReplacedWhereItIsNamed) {
    const auto world = World{}.image("debian-11").image("web@1", "debian-11").image("debian-12");
    EXPECT_THAT(world.steps(world.plan("debian-12")), IsEmpty());
    EXPECT_THAT(
        world.steps(world.plan("debian-12", {world.find("debian-11").id})),
        ElementsAre("web@1 on debian-12")
    );
}

TEST(CascadePlan, AVersionOfAnotherArchitectureIsNotAnOlderVersion) {
    auto world = World{}.image("base@1").image("web@1", "base@1").image("base@2");
    world.images[0].architecture = "arm64";
    EXPECT_THAT(world.steps(world.plan("base@2")), IsEmpty());
}

TEST(CascadePlan, WithoutItsRequestABranchIsSkippedWithTheReason) {
    const auto world = World{}
                           .image("base@1")
                           .image("web@1", "base@1", false)
                           .image("shop@1", "web@1")
                           .image("base@2");
    const auto plan = world.plan("base@2");
    EXPECT_THAT(world.steps(plan), IsEmpty());
    ASSERT_EQ(plan.skipped.size(), 2U);
    EXPECT_THAT(plan.skipped[0].why, HasSubstr("no longer known"));
    EXPECT_EQ(plan.skipped[1].image.name, "shop@1");
}

TEST(CascadePlan, FamiliesThatStandOnEachOtherEnd) {
    const auto world = World{}
                           .image("base@1")
                           .image("a@1", "base@1")
                           .image("b@1", "a@1")
                           .image("a@2", "b@1")
                           .image("base@2");
    const auto plan = world.plan("base@2");
    EXPECT_THAT(world.steps(plan), IsEmpty());
    EXPECT_EQ(plan.skipped.size(), 2U);
}

TEST(CascadePlan, ANewNameIsNeverOneThatIsTaken) {
    const auto world = World{}
                           .image("base@1")
                           .image("web@1.r1", "base@1")
                           .image("web@1", "base@1")
                           .image("base@2");
    EXPECT_EQ(world.plan("base@2").steps.at(0).new_name, "web@1.r2");
}

TEST(CascadeProgress, AFailureEndsItsBranchOnly) {
    const auto world = World{}
                           .image("base@1")
                           .image("web@1", "base@1")
                           .image("db@1", "base@1")
                           .image("shop@1", "web@1")
                           .image("till@1", "shop@1")
                           .image("base@2");
    const auto plan = world.plan("base@2");
    ASSERT_THAT(
        world.steps(plan),
        ElementsAre(
            "web@1 on base@2", "db@1 on base@2", "shop@1 on web@1.r1", "till@1 on shop@1.r1"
        )
    );
    CascadeProgress progress{plan};
    EXPECT_EQ(progress.start_next(), 0U);
    EXPECT_EQ(progress.start_next(), 1U);
    EXPECT_EQ(progress.start_next(), std::nullopt) << "shop waits for web";
    progress.failed(0, "exit 3");
    EXPECT_EQ(progress.start_next(), std::nullopt);
    EXPECT_FALSE(progress.over()) << "db runs";
    progress.made(1, ImageId::random());
    EXPECT_TRUE(progress.over());
    using enum CascadeProgress::State;
    EXPECT_EQ(progress.results()[0].state, failed);
    EXPECT_EQ(progress.results()[1].state, made);
    EXPECT_EQ(progress.results()[2].state, skipped);
    EXPECT_EQ(progress.results()[3].state, skipped);
}

TEST(CascadeRun, EachStepStandsOnWhatWasMadeForIt) {
    const auto world =
        World{}.image("base@1").image("web@1", "base@1").image("shop@1", "web@1").image("base@2");
    const auto plan = world.plan("base@2");
    const auto web = ImageId::random();
    std::vector<std::pair<std::string, ImageId>> baked;
    const auto results = run_cascade(
        plan,
        1,
        [&](const CascadeStep& step, const ImageId& parent) {
            baked.emplace_back(step.new_name, parent);
            return step.new_name == "web@1.r1" ? web : ImageId::random();
        },
        {}
    );
    EXPECT_THAT(
        baked,
        ElementsAre(
            std::pair<std::string, ImageId>{"web@1.r1", world.find("base@2").id},
            std::pair<std::string, ImageId>{"shop@1.r1", web}
        )
    );
    EXPECT_EQ(results[0].image, web);
}

TEST(CascadeRun, StopsWithACancelledError) {
    const auto world = World{}.image("base@1").image("web@1", "base@1").image("base@2");
    std::stop_source source;
    source.request_stop();
    int baked = 0;
    try {
        (void)run_cascade(
            world.plan("base@2"),
            2,
            [&](const CascadeStep&, const ImageId&) {
                ++baked;
                return ImageId::random();
            },
            source.get_token()
        );
        FAIL() << "went on";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    }
    EXPECT_EQ(baked, 0);
}

TEST(CascadeRequest, HasTheNewNameAndParentAndAllElseAsItWas) {
    const auto parent = ImageId::random();
    const auto recorded = parse_json(
        R"({"name":"web@1","parent":{"name":"base@1"},"bootstrap":{"commands":["true"]}})"
    );
    const auto request = request_for(recorded, "web@1.r1", parent);
    EXPECT_EQ(request.at("name"), json::value("web@1.r1"));
    EXPECT_EQ(request.at("parent"), (json::value{{"id", parent.str()}}));
    EXPECT_EQ(request.at("bootstrap"), recorded.at("bootstrap"));
}

}  // namespace
}  // namespace kiln::bake
