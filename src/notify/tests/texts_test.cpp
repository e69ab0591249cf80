#include "notify/texts.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

Event event_of(Kind kind) {
    Event event;
    event.kind = kind;
    event.build = "5f0c";
    event.instance = "i-1";
    event.work = "bake";
    event.name = "bake-1";
    return event;
}

struct Row {
    std::string name;
    Kind kind;
    std::string slack, plain;
};

class DefaultText : public ::testing::TestWithParam<Row> {};

TEST_P(DefaultText, IsWhatPeopleAreUsedTo) {
    auto event = event_of(GetParam().kind);
    event.site = "org";
    event.env = "prod";
    event.queue = "docker";
    event.role = "worker";
    event.error = "no room";
    EXPECT_EQ(Texts{}.render(event, Markup::slack), GetParam().slack);
    EXPECT_EQ(Texts{}.render(event, Markup::plain), GetParam().plain);
}

const std::string kSlackWhere = " _(site=*org* env=*prod* queue=*docker* role=*worker*)_";
const std::string kPlainWhere = " (site=org env=prod queue=docker role=worker)";

INSTANTIATE_TEST_SUITE_P(
    Table,
    DefaultText,
    ::testing::Values(
        Row{"Started",
            Kind::instance_started,
            "Started instance `i-1` for instance build *5f0c*" + kSlackWhere,
            "Started instance i-1 for instance build 5f0c" + kPlainWhere},
        Row{"Finished",
            Kind::instance_finished,
            "Finished starting instance `i-1` for instance build *5f0c*" + kSlackWhere,
            "Finished starting instance i-1 for instance build 5f0c" + kPlainWhere},
        Row{"Terminating",
            Kind::instance_terminating,
            "Terminating *i-1* :boom:" + kSlackWhere,
            "Terminating i-1" + kPlainWhere},
        Row{"Failed",
            Kind::instance_failed,
            "Failed to start instances for instance build *5f0c* :scream_cat: _(no room)_" +
                kSlackWhere,
            "Failed to start instances for instance build 5f0c (no room)" + kPlainWhere},
        Row{"FailedToTerminate",
            Kind::instance_failed_to_terminate,
            "Failed to terminate *i-1* :scream_cat: _(no room)_" + kSlackWhere,
            "Failed to terminate i-1 (no room)" + kPlainWhere},
        Row{"InService",
            Kind::instance_in_service,
            "Instance `i-1` is in service :arrow_up:" + kSlackWhere,
            "Instance i-1 is in service" + kPlainWhere},
        Row{"OutOfService",
            Kind::instance_out_of_service,
            "Instance `i-1` is out of service :arrow_down:" + kSlackWhere,
            "Instance i-1 is out of service" + kPlainWhere},
        Row{"WorkFailed",
            Kind::work_failed,
            "Failed: bake *bake-1* :scream_cat: _(no room)_" + kSlackWhere,
            "Failed: bake bake-1 (no room)" + kPlainWhere}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Texts, HaveNoSuffixWhereNothingIsKnown) {
    EXPECT_EQ(
        Texts{}.render(event_of(Kind::instance_started), Markup::slack),
        "Started instance `i-1` for instance build *5f0c*"
    );
    auto event = event_of(Kind::instance_terminating);
    event.role = "web";
    EXPECT_EQ(Texts{}.render(event, Markup::slack), "Terminating *i-1* :boom: _(role=*web*)_");
}

TEST(Texts, ThereIsOneForEveryKindAndMarkup) {
    for (const auto kind : all_kinds()) {
        EXPECT_NE(Texts{}.render(event_of(kind), Markup::slack), "") << to_string(kind);
        EXPECT_NE(Texts{}.render(event_of(kind), Markup::plain), "") << to_string(kind);
    }
}

TEST(Texts, NobodyIsMentionedByWhatStandsInAValue) {
    auto event = event_of(Kind::work_failed);
    event.error = "<!channel> <https://evil.example|a&b> {{.Build}}";
    EXPECT_EQ(
        Texts{}.render(event, Markup::slack),
        "Failed: bake *bake-1* :scream_cat: "
        "_(&lt;!channel&gt; &lt;https://evil.example|a&amp;b&gt; {{.Build}})_"
    );
}

TEST(Texts, OfAnOperatorTakeThePlaceOfKilns) {
    const auto texts = Texts::parse(
        R"({"work.started": {"plain": "{{.Kind}} {{.Name}} {{.Link}}", "slack": "go {{.Name}}"}})"
    );
    auto event = event_of(Kind::work_started);
    event.link = "https://x";
    EXPECT_EQ(texts.render(event, Markup::plain), "work.started bake-1 https://x");
    EXPECT_EQ(texts.render(event, Markup::slack), "go bake-1");
    EXPECT_EQ(texts.render(event_of(Kind::instance_terminating), Markup::plain), "Terminating i-1");
}

TEST(Texts, AreRefusedWithEverythingThatIsWrong) {
    try {
        (void)Texts::parse(
            R"({"work.startd": {"plain": "x"}, "work.failed": {"plain": "{{.Nam}}", "slak": "x"},
                "test": {"slack": "{{if}}"}})"
        );
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        std::vector<std::string> where;
        for (const auto& problem : error.problems()) {
            where.push_back(problem.where);
        }
        EXPECT_THAT(
            where,
            ::testing::ElementsAre(
                "work.startd", "work.failed.plain", "work.failed.slak", "test.slack"
            )
        );
        EXPECT_THAT(
            error.problems()[1].what, ::testing::HasSubstr("line 1, column 1: there is no value")
        );
    }
}

}  // namespace
}  // namespace kiln::notify
