#include "release/prepare.hpp"

#include "release/tests/plans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

/// What of a plan "A; D per distro after A; P after D; R per run after P" is to be done.
class Prepare : public ::testing::Test {
  protected:
    std::optional<NotDone> decide_on(
        const char* step, const char* version, const char* distro = ""
    ) {
        const auto& found = *plan.find(step);
        return decide({
            .step = found,
            .instance = {step, version, distro},
            .versions = plan.versions,
            .order = order,
            .outcomes = outcomes,
            .done = done,
            .steps = {"A", "D", "P", "R"},
        });
    }

    void went(const char* step, const char* version, const char* distro, Status status) {
        outcomes.push_back({{step, version, distro}, status});
    }

    Plan plan = steps_plan("A; D per distro after A; P after D; R per run after P");
    Order order{.versions = {"1.0.0"}};
    std::vector<Outcome> outcomes;
    std::vector<Instance> done;
};

TEST_F(Prepare, DoesWhatNothingSpeaksAgainst) {
    went("A", "", "", Status::succeeded);
    EXPECT_FALSE(decide_on("D", "1.0.0", "debian-12"));
}

TEST_F(Prepare, SkipsWhatWasNotAskedFor) {
    order.steps = {"D"};
    const auto why = decide_on("A", "1.0.0");
    ASSERT_TRUE(why);
    EXPECT_EQ(why->reason, "not asked for");
    EXPECT_FALSE(why->blocked);
    EXPECT_FALSE(decide_on("D", "1.0.0", "debian-12"));
}

TEST_F(Prepare, SkipsWhatIsDoneAlready) {
    done = {{"D", "1.0.0", "debian-12"}};
    EXPECT_TRUE(decide_on("D", "1.0.0", "debian-12"));
    EXPECT_FALSE(decide_on("D", "1.0.0", "debian-13"));
}

TEST_F(Prepare, LooksAgainAtWhatIsDoneWhenSomethingBeforeItIsNew) {
    done = {{"P", "1.0.0", ""}};
    went("D", "", "debian-12", Status::skipped);
    EXPECT_TRUE(decide_on("P", "1.0.0"));
    went("D", "", "debian-13", Status::succeeded);
    EXPECT_FALSE(decide_on("P", "1.0.0"));
}

TEST_F(Prepare, GoesOnAfterWhatWasSkipped) {
    went("A", "", "", Status::skipped);
    EXPECT_FALSE(decide_on("D", "1.0.0", "debian-12"));
}

TEST_F(Prepare, IsBlockedByAFailure) {
    went("A", "", "", Status::failed);
    const auto why = decide_on("D", "1.0.0", "debian-12");
    ASSERT_TRUE(why);
    EXPECT_TRUE(why->blocked);
    EXPECT_EQ(why->reason, "A has failed");
}

TEST_F(Prepare, IsBlockedByWhatIsBlocked) {
    went("D", "", "debian-12", Status::blocked);
    EXPECT_EQ(decide_on("P", "1.0.0").value().reason, "D debian-12 was not done either");
}

TEST_F(Prepare, NeedsAllDistrosUnlessAnyIsEnough) {
    went("D", "", "debian-12", Status::succeeded);
    went("D", "", "debian-13", Status::failed);
    EXPECT_EQ(decide_on("P", "1.0.0").value().reason, "D debian-13 has failed");
    plan.steps[2].needs = Needs::any;
    EXPECT_FALSE(decide_on("P", "1.0.0"));
    outcomes[0].status = Status::blocked;
    EXPECT_TRUE(decide_on("P", "1.0.0").value().blocked);
}

TEST_F(Prepare, LooksAtItsOwnDistroAlone) {
    plan = steps_plan("D per distro; E per distro after D");
    went("D", "", "debian-12", Status::failed);
    EXPECT_TRUE(decide_on("E", "1.0.0", "debian-12"));
    EXPECT_FALSE(decide_on("E", "1.0.0", "debian-13"));
}

TEST_F(Prepare, LooksAtItsOwnVersionAlone) {
    went("P", "1.0.0", "", Status::failed);
    went("P", "2.0.0", "", Status::succeeded);
    EXPECT_TRUE(decide_on("R", "").value().blocked);
    plan = steps_plan("P; Q after P");
    EXPECT_TRUE(decide_on("Q", "1.0.0"));
    EXPECT_FALSE(decide_on("Q", "2.0.0"));
}

TEST_F(Prepare, IsBlockedWhenTheDistrosAreNotKnown) {
    went("GetDistrosForVersion", "", "", Status::failed);
    EXPECT_EQ(decide_on("P", "1.0.0").value().reason, "GetDistrosForVersion has failed");
}

TEST_F(Prepare, GoesOnWhenAVersionHasNoDistros) {
    went("A", "", "", Status::failed);
    EXPECT_FALSE(decide_on("P", "1.0.0"));
}

TEST_F(Prepare, KeepsToReleasesOrNightlies) {
    plan.versions.nightly = VersionPattern::parse("{Year:4}.{Month:2}.{Day:2}");
    plan.steps[0].only_for = OnlyFor::releases;
    EXPECT_FALSE(decide_on("A", "1.0.0"));
    EXPECT_EQ(decide_on("A", "2026.11.25").value().reason, "for releases only");
    plan.steps[0].only_for = OnlyFor::nightlies;
    EXPECT_TRUE(decide_on("A", "1.0.0"));
    EXPECT_FALSE(decide_on("A", "2026.11.25"));
}

TEST_F(Prepare, SkipsWhatComesAfterNothingNew) {
    plan.steps[3].should_run.changed = {"P"};
    went("P", "1.0.0", "", Status::skipped);
    EXPECT_EQ(decide_on("R", "").value().reason, "nothing new from P");
    went("P", "2.0.0", "", Status::succeeded);
    EXPECT_FALSE(decide_on("R", ""));
}

TEST(Modes, AskWhatIsDoneWhereWorkersAreReal) {
    EXPECT_TRUE(asks(Mode::normal));
    EXPECT_TRUE(asks(Mode::test));
    EXPECT_FALSE(asks(Mode::fake_workers));
    EXPECT_FALSE(asks(Mode::skip_workers));
}

}  // namespace
}  // namespace kiln::release::testing
