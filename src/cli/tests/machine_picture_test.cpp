#include "cli/machine_picture.hpp"

#include "asl/parse.hpp"
#include "base/error.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::HasSubstr;

constexpr const char* kOrders = R"({
    "Comment": "Orders", "StartAt": "Check",
    "States": {
        "Reject": {"Type": "Fail"},
        "Check": {"Type": "Choice", "Choices": [
            {"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Ship"}],
            "Default": "Reject"},
        "Ship": {"Type": "Parallel", "End": true,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Reject"}],
            "Branches": [
                {"StartAt": "Pack", "States": {"Pack": {"Type": "Task", "End": true,
                    "Resource": "arn:aws:states:us-east-1:000000000000:activity:pack"}}},
                {"StartAt": "Bill <&>", "States": {"Bill <&>": {"Type": "Pass", "End": true}}}]}
    }})";

asl::StateMachinePtr orders() {
    auto parsed = asl::parse_definition(kOrders);
    KILN_CHECK(parsed.machine != nullptr);
    return parsed.machine;
}

TEST(MachineText, HasAStateAndItsTransitionsInTheirOrder) {
    EXPECT_EQ(
        machine_text(*orders()),
        "Orders\n"
        "start -> Check\n"
        "Check (Choice)\n"
        "  1 -> Ship\n"
        "  Default -> Reject\n"
        "Ship (Parallel)\n"
        "  branch 1\n"
        "    Pack (Task arn:aws:states:us-east-1:000000000000:activity:pack)\n"
        "      -> end\n"
        "  branch 2\n"
        "    Bill <&> (Pass)\n"
        "      -> end\n"
        "  -> end\n"
        "  catch States.ALL -> Reject\n"
        "Reject (Fail)\n"
    );
}

TEST(MachineSvg, DrawsEveryStateWithItsNameEscaped) {
    const auto svg = machine_svg(*orders());
    for (const auto* name : {">Check<", ">Ship<", ">Pack<", ">Bill &lt;&amp;&gt;<", ">Reject<"}) {
        EXPECT_THAT(svg, HasSubstr(name));
    }
    EXPECT_THAT(svg, HasSubstr("class=\"caught\""));
}

TEST(MachineRows, HaveEachStateOnceAlsoInALoop) {
    const auto parsed = asl::parse_definition(R"({"StartAt": "A", "States": {
        "B": {"Type": "Pass", "Next": "A"}, "A": {"Type": "Choice", "Choices": [
            {"Variable": "$.x", "IsPresent": true, "Next": "B"}], "Default": "C"},
        "C": {"Type": "Succeed"}}})");
    ASSERT_NE(parsed.machine, nullptr);
    const auto& group = parsed.machine->top;
    std::vector<std::vector<std::string>> names;
    for (const auto& row : rows_of(group)) {
        auto& line = names.emplace_back();
        for (const auto index : row) {
            line.push_back(group.states[index].name);
        }
    }
    const std::vector<std::vector<std::string>> expected{{"A"}, {"B", "C"}};
    EXPECT_EQ(names, expected);
}

}  // namespace
}  // namespace kiln::cli
