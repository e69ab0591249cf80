#include "release/graph.hpp"

#include "release/tests/plans.hpp"

#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

/// "A > (B | C) > versions(D)".
std::string text_of(const Flow& flow) {
    std::string parts;
    for (const auto& part : flow.parts) {
        const bool side_by_side = flow.kind == Flow::Kind::parallel;
        parts += (parts.empty() ? "" : side_by_side ? " | " : " > ") + text_of(part);
    }
    switch (flow.kind) {
        case Flow::Kind::step:
            return flow.name;
        case Flow::Kind::series:
            return parts;
        case Flow::Kind::parallel:
            return "(" + parts + ")";
        case Flow::Kind::versions:
            return "V[" + parts + "]";
        case Flow::Kind::distros:
            break;
    }
    return "D[" + parts + "]";
}

struct Row {
    const char* name;
    const char* steps;
    const char* flow;
};

class Arranged : public ::testing::TestWithParam<Row> {};

TEST_P(Arranged, AsAfterAsks) {
    EXPECT_EQ(text_of(arrange(steps_plan(GetParam().steps))), GetParam().flow);
}

INSTANTIATE_TEST_SUITE_P(
    Graph,
    Arranged,
    ::testing::Values(
        Row{"one", "A", "V[A]"},
        Row{"chain", "B after A; A", "V[A > B]"},
        Row{"no_order", "A; B", "V[(A | B)]"},
        Row{"fork", "A; B after A; C after A", "V[A > (B | C)]"},
        Row{"join", "A; B; C after A B", "V[(A | B) > C]"},
        Row{"diamond", "A; B after A; C after A; D after B C", "V[A > (B | C) > D]"},
        Row{"branch_goes_on", "A; B after A; C after A; D after B", "V[A > (B > D | C)]"},
        Row{"more_than_nesting_can_say", "A; B; C after A; D after A B", "V[(A | B) > (C | D)]"},
        Row{"by_distro", "A; B per distro after A; C after B", "V[A > D[B] > C]"},
        Row{"two_by_distro", "A per distro; B per distro after A", "V[D[A > B]]"},
        Row{"two_rounds",
            "A per distro; B after A; C per distro after B; D after C",
            "V[D[A] > B > D[C] > D]"},
        Row{"run_first", "R per run; A after R", "R > V[A]"},
        Row{"run_last", "A; R per run after A; S per run after A", "V[A] > (R | S)"},
        Row{"run_between", "A; R per run after A; B after R", "V[A] > R > V[B]"},
        Row{"run_beside", "A; R per run", "(R | V[A])"},
        Row{"distros_without_versions", "A per distro", "V[D[A]]"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Graph, GivesEachStateANameOfItsOwn) {
    const auto flow =
        arrange(steps_plan("A per distro; B after A; C per distro after B; AAndB; X; Y after X"));
    const auto& inside = flow.parts.front();
    EXPECT_EQ(flow.name, "ForEachVersion");
    EXPECT_EQ(inside.kind, Flow::Kind::parallel);
    EXPECT_EQ(inside.parts[0].parts[0].name, "ForEachDistro");
    EXPECT_EQ(inside.parts[0].parts[2].name, "ForEachDistro2");
    EXPECT_EQ(inside.name, "ForEachDistroAndBAndForEachDistro2AndAAndBAndXAndY");
}

TEST(Graph, DoesNotTakeAStepsNameForAGroup) {
    const auto flow = arrange(steps_plan("R per run; S per run; RAndS per run after R S"));
    EXPECT_EQ(flow.parts[0].name, "RAndS2");
}

TEST(Graph, KeepsLongNamesWithinAwsLimit) {
    std::string steps;
    for (char letter = 'A'; letter < 'F'; ++letter) {
        steps += fmt::format("{}{}; ", letter, std::string(30, 'x'));
    }
    steps.resize(steps.size() - 2);
    const auto name = arrange(steps_plan(steps)).parts.front().name;
    EXPECT_EQ(name, "A" + std::string(30, 'x') + "And4More");
}

}  // namespace
}  // namespace kiln::release::testing
