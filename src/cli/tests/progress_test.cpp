#include "cli/progress.hpp"

#include "cli/display.hpp"
#include "cli/table.hpp"
#include "ports/testing/fake_clock.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TimePoint kStart{Duration{1'767'225'600'000'000}};  // 2026-01-01T00:00:00Z
const BakeId kBake = BakeId::trusted("bake-0123456789abcdef0");

ports::BakeEvent event(
    const std::string& category,
    const std::string& step,
    const std::string& message,
    json::value data = nullptr
) {
    ports::BakeEvent one;
    one.category = category;
    one.time = kStart;
    one.step = step;
    one.message = message;
    one.data = std::move(data);
    return one;
}

ports::BakeEvent began(const std::string& step) {
    return event("STEP", step, "began", {{"state", "began"}});
}

ports::BakeEvent ended(const std::string& step, double seconds, const char* state = "ended") {
    return event("STEP", step, "", {{"state", state}, {"seconds", seconds}});
}

ports::BakeEvent finale(const std::string& state) {
    auto one = event("END", "", state, {{"state", state}});
    one.final = true;
    return one;
}

BakeView view(const std::vector<ports::BakeEvent>& events) {
    BakeView one;
    one.name = "web";
    for (const auto& happened : events) {
        one.apply(kBake, happened);
    }
    return one;
}

Terminal plain_terminal(std::size_t width = 80, std::size_t height = 24) {
    Terminal terminal;
    terminal.live = true;
    terminal.width = width;
    terminal.height = height;
    return terminal;
}

TEST(LiveLines, OfOneBakeHaveEachStepAndTheLastOutput) {
    const auto bake =
        view({began("check"), ended("check", 0.02), began("run"), event("LOG", "run", "one\ntwo")});
    EXPECT_THAT(
        live_lines({bake}, kStart + std::chrono::seconds{3}, 0, plain_terminal()),
        ElementsAre("+ check            20 ms", "| run              3.0 s", "  | one", "  | two")
    );
}

TEST(LiveLines, ShowAFailedStep) {
    const auto bake = view({began("run"), ended("run", 1.0, "failed")});
    EXPECT_THAT(
        live_lines({bake}, kStart, 0, plain_terminal()), ElementsAre("x run              1.0 s")
    );
}

TEST(LiveLines, NeverAreWiderThanTheTerminal) {
    const auto bake = view({began("run"), event("LOG", "run", std::string(200, 'x'))});
    for (const auto& line : live_lines({bake, bake}, kStart, 0, plain_terminal(40))) {
        EXPECT_LT(columns(line), 60U);
    }
    EXPECT_EQ(columns(live_lines({bake}, kStart, 0, plain_terminal(40)).back()), 39U);
}

TEST(LiveLines, NeverAreMoreThanTheTerminalHas) {
    std::vector<ports::BakeEvent> events{began("run")};
    for (int i = 0; i < 30; ++i) {
        events.push_back(event("LOG", "run", "line"));
    }
    EXPECT_LE(live_lines({view(events)}, kStart, 0, plain_terminal(80, 5)).size(), 4U);
    std::vector<BakeView> many(50, view({began("run")}));
    EXPECT_LE(live_lines(many, kStart, 0, plain_terminal(80, 10)).size(), 9U);
}

TEST(LiveLines, OfSeveralBakesHaveALineForEachThatRunsAndACount) {
    const auto running = view({began("run"), event("LOG", "run", "working")});
    const auto done = view({began("run"), ended("run", 1), finale("succeeded")});
    const auto failed = view({began("run"), ended("run", 1, "failed"), finale("failed")});
    BakeView waiting;
    waiting.name = "db";
    const auto lines = live_lines({running, done, failed, waiting}, kStart, 0, plain_terminal());
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_THAT(lines[0], HasSubstr("web  run"));
    EXPECT_THAT(lines[0], HasSubstr("working"));
    EXPECT_EQ(lines[1], "1 done, 1 failed, 1 running, 1 waiting");
}

TEST(LiveLines, SayWhatABakeWaitsFor) {
    BakeView bake;
    bake.name = "web";
    bake.waiting = "other bakes to end";
    EXPECT_THAT(
        live_lines({bake}, kStart, 1, plain_terminal()),
        ElementsAre("/ web waiting for other bakes to end")
    );
}

TEST(LiveLines, AreTonedWhereThereIsColourAndDrawnInUtf8WhereItIsUnderstood) {
    auto terminal = plain_terminal();
    terminal.color = true;
    terminal.utf8 = true;
    const auto lines = live_lines(
        {view({began("check"), ended("check", 0.02), event("LOG", "", "x")})}, kStart, 0, terminal
    );
    EXPECT_THAT(lines[0], HasSubstr("\x1b[32m✓\x1b[0m check"));
    EXPECT_EQ(lines[1], "\x1b[2m  | x\x1b[0m");
}

TEST(BakeView, StartsAnewWhenAnotherBakeStandsForIt) {
    BakeView bake;
    bake.name = "web";
    bake.apply(BakeId::random(), began("check"));
    bake.apply(kBake, event("IMAGE", "register", "web", {{"id", "ami-0123456789abcdef0"}}));
    bake.apply(kBake, finale("succeeded"));
    EXPECT_THAT(bake.steps, IsEmpty());
    EXPECT_THAT(
        closing_lines(bake, plain_terminal()),
        ElementsAre("+ web was made before: ami-0123456789abcdef0")
    );
}

struct Row {
    std::string name;
    ports::BakeEvent event;
    std::string label;
    std::vector<std::string> lines;
};

class PlainLines : public ::testing::TestWithParam<Row> {};

TEST_P(PlainLines, StandForThemselves) {
    EXPECT_EQ(plain_lines(GetParam().event, GetParam().label), GetParam().lines);
}

INSTANTIATE_TEST_SUITE_P(
    Cli,
    PlainLines,
    ::testing::Values(
        Row{"Began", began("run"), "", {}},
        Row{"Ended", ended("run", 2.1), "", {"00:00:00 run        2.1 s"}},
        Row{"FailedStep",
            ended("run", 2.1, "failed"),
            "",
            {"00:00:00 run        failed after 2.1 s"}},
        Row{"Output",
            event("LOG", "run", "a\nb"),
            "",
            {"00:00:00 run        | a", "00:00:00 run        | b"}},
        Row{"EmptyLine",
            event("LOG", "run", "a\n\nb"),
            "",
            {"00:00:00 run        | a", "00:00:00 run        | ", "00:00:00 run        | b"}},
        Row{"Labelled", event("LOG", "run", "a"), "web", {"00:00:00 web run        | a"}},
        Row{"EscapesAreTakenOut",
            event("LOG", "run", "\x1b[31mred\x1b[0m\a"),
            "",
            {"00:00:00 run        | red"}},
        Row{"Image",
            event("IMAGE", "register", "web", {{"id", "ami-1"}}),
            "",
            {"00:00:00 register   image ami-1"}},
        Row{"Cause",
            event("ERROR", "run", "r", {{"step", "run"}, {"reason", "exit 3"}}),
            "",
            {"00:00:00 run        ! step run failed: exit 3"}},
        Row{"Accepted", event("ACCEPTED", "check", "the request is accepted"), "", {}}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(ClosingLines, OfASuccessHaveTheTimeLine) {
    const auto bake = view(
        {began("check"),
         ended("check", 0.02),
         began("run"),
         ended("run", 0.1),
         event("IMAGE", "register", "web", {{"id", "ami-1"}}),
         finale("succeeded")}
    );
    EXPECT_THAT(
        closing_lines(bake, plain_terminal()),
        ElementsAre("+ web made ami-1 in 120 ms", "  check 20 ms, run 100 ms")
    );
}

TEST(ClosingLines, OfAFailureSayWhereWhyAndHowToLookCloser) {
    const json::object error{
        {"step", "run"},
        {"reason", "command './i' failed: exit 3"},
        {"last_lines", json::array{"no such file"}},
        {"look_closer", json::array{"kiln bake shell bake-1"}},
        {"command", "./i"},
    };
    const auto bake = view({event("ERROR", "run", "", error), finale("failed")});
    EXPECT_THAT(
        closing_lines(bake, plain_terminal()),
        ElementsAre(
            "x web: step run failed: command './i' failed: exit 3",
            "  command: ./i",
            "  | no such file",
            "  look closer: kiln bake shell bake-1"
        )
    );
}

TEST(ClosingLines, OfACancelledBakeIsNoFailure) {
    const auto bake =
        view({event("ERROR", "run", "", {{"reason", "stopped"}}), finale("cancelled")});
    EXPECT_THAT(
        closing_lines(bake, plain_terminal()),
        ElementsAre("x web: cancelled; what it had made is undone")
    );
}

class DisplayTest : public ::testing::Test {
  protected:
    std::string shown(Style style, const std::vector<ports::BakeEvent>& events) {
        std::string text;
        const Output output{
            [](std::string_view) { FAIL() << "progress on stdout"; },
            [&](std::string_view part) { text += part; },
            {},
            plain_terminal()};
        Display display{output, clock_, style, {"web"}};
        for (const auto& one : events) {
            display.event(0, kBake, one);
        }
        display.close();
        return text;
    }

    ports::testing::FakeClock clock_;
};

TEST_F(DisplayTest, PlainLinesStayAndTheCauseComesLastAndOnce) {
    const auto text = shown(
        Style::plain,
        {event("LOG", "run", "hello"),
         event("ERROR", "run", "", {{"step", "run"}, {"reason", "exit 3"}}),
         finale("failed")}
    );
    EXPECT_EQ(text, "00:00:00 run        | hello\nx web: step run failed: exit 3\n");
}

TEST_F(DisplayTest, QuietShowsOnlyFailures) {
    EXPECT_EQ(shown(Style::quiet, {event("LOG", "run", "hello"), finale("succeeded")}), "");
    EXPECT_THAT(
        shown(
            Style::quiet,
            {event("ERROR", "run", "", {{"step", "run"}, {"reason", "exit 3"}}), finale("failed")}
        ),
        HasSubstr("exit 3")
    );
}

TEST_F(DisplayTest, ALiveDisplayTakesItsLinesAwayAtTheEnd) {
    const auto text = shown(
        Style::live,
        {began("check"),
         ended("check", 0.1),
         began("run"),
         ended("run", 0.1),
         event("IMAGE", "register", "web", {{"id", "ami-1"}}),
         finale("succeeded")}
    );
    EXPECT_TRUE(text.ends_with("+ web made ami-1 in 200 ms\n  check 100 ms, run 100 ms\n")) << text;
}

TEST(Table, ColumnsAreAsWideAsWhatStandsInThem) {
    Table table{{{"ID"}, {"SIZE", true}, {"NAME"}}};
    table.add({"a", "1", "x"});
    table.add({"bbb", "10000", "y"});
    EXPECT_EQ(table.text({}), "ID    SIZE  NAME\na        1  x\nbbb  10000  y\n");
}

TEST(Table, OnANarrowTerminalWhatMayShrinkIsCut) {
    Table table{{{"ID"}, {"NAME", false, true}}};
    table.add({"0123456789", std::string(40, 'n')});
    auto terminal = plain_terminal(30);
    EXPECT_EQ(
        table.text(terminal), "ID          NAME\n0123456789  " + std::string(17, 'n') + "~\n"
    );
    terminal.utf8 = true;
    EXPECT_THAT(table.text(terminal), HasSubstr("…"));
    EXPECT_THAT(table.text({}), HasSubstr(std::string(40, 'n'))) << "a pipe has no width";
}

TEST(Table, AHostileNameCannotMoveTheCursor) {
    Table table{{{"NAME"}}};
    table.add({"a\x1b[2Jb\r\nc"});
    EXPECT_EQ(table.text({}), "NAME\nabc\n");
}

}  // namespace
}  // namespace kiln::cli
