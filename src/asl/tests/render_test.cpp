#include "asl/render.hpp"

#include "asl/parse.hpp"

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

StateMachinePtr machine() {
    return parse_definition(
               R"({"Comment":"Orders","StartAt":"Ask","States":{)"
               R"("Ask":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Next":"Check",)"
               R"("Retry":[{"ErrorEquals":["x"]}],"Catch":[{"ErrorEquals":["a","b"],"Next":"Bad"}]},)"
               R"("Check":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.n","NumericLessThan":5},)"
               R"({"Not":{"Variable":"$.m","IsPresent":true}}],"Next":"Ask"}],"Default":"All"},)"
               R"("All":{"Type":"Parallel","End":true,"Branches":[)"
               R"({"StartAt":"P","States":{"P":{"Type":"Wait","Seconds":5,"End":true}}},)"
               R"({"StartAt":"Q","States":{"Q":{"Type":"Succeed"}}}]},)"
               R"("Bad":{"Type":"Fail","Error":"<E&>"}}})"
    )
        .machine;
}

TEST(Rendering, AsTextShowsStatesAndWhereTheyLead) {
    ASSERT_NE(machine(), nullptr);
    EXPECT_EQ(
        render_text(*machine()),
        "Orders\n"
        "\n"
        "▶ Ask  Task sqs:sendMessage.waitForTaskToken, 1 retrier\n"
        "  ├ → Check\n"
        "  └ on a, b → Bad\n"
        "• Check  Choice\n"
        "  ├ $.n < 5 and not ($.m is present) → Ask\n"
        "  └ otherwise → All\n"
        "• All  Parallel  ■\n"
        "  ├ branch 1\n"
        "  │ ▶ P  Wait 5 s  ■\n"
        "  ├ branch 2\n"
        "  │ ▶ Q  Succeed\n"
        "• Bad  Fail <E&>\n"
    );
}

TEST(Rendering, AsPictureHasEveryStateAndArrow) {
    const auto svg = render_svg(*machine());
    for (const auto* const name : {"Ask", "Check", "All", "Bad", "P", "Q"}) {
        EXPECT_THAT(svg, HasSubstr(std::string{">"} + name + "<"));
    }
    std::size_t arrows = 0;
    for (auto at = svg.find("marker-end"); at != std::string::npos;
         at = svg.find("marker-end", at + 1)) {
        ++arrows;
    }
    EXPECT_EQ(arrows, 4U);
    EXPECT_THAT(svg, HasSubstr("Fail &lt;E&amp;>"));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Rendering, CutsLongNamesInThePicture) {
    const auto name = std::string(80, 'n');
    const auto parsed = parse_definition(
        R"({"StartAt":")" + name + R"(","States":{")" + name + R"(":{"Type":"Succeed"}}})"
    );
    ASSERT_NE(parsed.machine, nullptr);
    EXPECT_THAT(render_svg(*parsed.machine), HasSubstr(std::string(40, 'n') + "…<"));
}

}  // namespace
}  // namespace kiln::asl
