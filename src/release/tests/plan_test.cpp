#include "release/plan.hpp"

#include "release/tests/plans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Plan, ReadsTheExample) {
    const auto plan = example_plan();
    EXPECT_EQ(plan.name, "hhvm");
    EXPECT_EQ(plan.steps.size(), 7U);
    const auto& publish = *plan.find("PublishBinaryPackages");
    EXPECT_EQ(publish.needs, Needs::any);
    EXPECT_EQ(publish.timeout, std::chrono::hours{4});
    EXPECT_EQ(publish.worker.at("max_workers").as_int64(), 1);
    EXPECT_EQ(plan.find("PublishSourceTarball")->only_for, OnlyFor::releases);
    EXPECT_EQ(plan.find("UpdateIndices")->should_run.changed.size(), 2U);
}

TEST(Plan, IsReadAgainFromWhatItIsWrittenAs) {
    const auto plan = example_plan();
    const auto text = json::serialize(to_json(plan));
    EXPECT_EQ(parse_plan(read_document("plan.json", text)), plan);
}

TEST(Plan, TellsEveryFaultAtOnceWithItsPlace) {
    const auto problems = problems_of([] {
        static_cast<void>(plan_of(R"(nam = "x"
[[steps]]
name = "lower"
per = "distros"
script = "make.sh"
timeout = "5"
after = ["Publsh"]

[[steps]]
name = "Publish"
script = "/p"
environment = { X = "{{.Versoin}}" }
worker = { typ = "a" }
)"));
    });
    for (const auto* expected :
         {"release.toml:1:1 nam: ",
          "release.toml:1:1 name: ",
          "release.toml:3:1 steps[0].name: must be a capital letter",
          "release.toml:4:1 steps[0].per: \"distros\" is none of run, version, distro; did you "
          "mean "
          "\"distro\"?",
          "release.toml:5:1 steps[0].script: ",
          "release.toml:6:1 steps[0].timeout: ",
          "steps[0].after[0]: there is no step \"Publsh\"; did you mean \"Publish\"?",
          "steps[1].environment.X: there is no value \"Versoin\" for this template; did you mean "
          "\"Version\"?",
          "steps[1].worker.image: ",
          "steps[1].worker.typ: "}) {
        EXPECT_THAT(problems, Contains(HasSubstr(expected)));
    }
}

struct Row {
    const char* name;
    const char* text;
    const char* fault;
};

class Faulty : public ::testing::TestWithParam<Row> {};

TEST_P(Faulty, IsRefused) {
    const auto problems = problems_of([] {
        static_cast<void>(plan_of(std::string{"name = \"p\"\n"} + GetParam().text));
    });
    EXPECT_THAT(problems, ElementsAre(HasSubstr(GetParam().fault)));
}

constexpr auto kStep = "[[steps]]\nname = \"A\"\nscript = \"/a\"\n";
#define STEP "[[steps]]\nname = \"A\"\nscript = \"/a\"\n"
#define DISTRO "[[distros.known]]\nname = \"d-1\"\n"

INSTANTIATE_TEST_SUITE_P(
    Plan,
    Faulty,
    ::testing::Values(
        Row{"itself", STEP "after = [\"A\"]", "cannot wait for itself"},
        Row{"cycle",
            STEP "after = [\"B\"]\n[[steps]]\nname = \"B\"\nscript = \"/b\"\nafter = [\"A\"]",
            "each waits for the next: A -> B -> A"},
        Row{"no_distros", STEP "per = \"distro\"", "there are no distros"},
        Row{"step_twice", STEP STEP, "the state A would be there twice"},
        Row{"states_collide",
            STEP "[[steps]]\nname = \"PrepareToA\"\nscript = \"/b\"",
            "the state PrepareToA would be there twice"},
        Row{"machines_own", "[[steps]]\nname = \"Root\"\nscript = \"/b\"", "the machine's own"},
        Row{"end", "[[steps]]\nname = \"TheEnd\"\nscript = \"/b\"", "end with End"},
        Row{"activity_of_functions",
            "[[steps]]\nname = \"Functions\"\nscript = \"/b\"",
            "its activity p-functions"},
        Row{"name_too_long",
            "[[steps]]\nname = "
            "\"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\nscript = "
            "\"/b\"",
            "up to 63 letters"},
        Row{"heartbeat", STEP "timeout = \"30s\"", "shorter than the timeout"},
        Row{"two_conditions",
            STEP "should_run = { command = \"x\", missing = \"s3://b/k\" }",
            "has one of command"},
        Row{"no_condition", STEP "should_run = {}", "has one of command"},
        Row{"changed_unknown", STEP "should_run = { changed = [\"B\"] }", "there is no step \"B\""},
        Row{"changed_at_the_same_time",
            STEP "should_run = { changed = [\"B\"] }\n[[steps]]\nname = \"B\"\nscript = \"/b\"",
            "name it in `after`"},
        Row{"statuses", STEP "should_run = { http = \"http://a\", statuses = [7] }", "100 to 599"},
        Row{"one_writer", STEP "only_one_writer = true", "needs `worker`"},
        Row{"run_only_for", STEP "per = \"run\"\nonly_for = \"releases\"", "all versions at once"},
        Row{"nightly_variables", STEP "[versions.nightly_variables]\nA = \"b\"", "no nightlies"},
        Row{"later_variable",
            STEP "[versions.variables]\nA = \"{{.B}}\"\nB = \"b\"",
            "there is no value \"B\""},
        Row{"template", STEP "environment = { A = \"{{.B\" }", "steps[0].environment.A"},
        Row{"variable_name", STEP "environment = { \"A-B\" = \"\" }", "no variable's name"},
        Row{"pattern", STEP "[versions]\nrelease = \"{A}{B}\"", "no pattern of versions"},
        Row{"distro_twice", STEP DISTRO DISTRO, "is there twice"},
        Row{"distro_like_a_version",
            STEP "[[distros.known]]\nname = \"1.2.3\"",
            "looks like a version"},
        Row{"distro_like_a_step", STEP "[[distros.known]]\nname = \"A\"", "a step's name"},
        Row{"retry", STEP "retry = { factor = 0.5 }", "from 1 to 10"},
        Row{"digest", STEP "script_sha256 = \"abc\"", "64 lower-case"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Plan, ReadsRetriesAndConditions) {
    const auto plan = plan_of(
        std::string{"name = \"p\"\n"} + kStep +
        "retry = { attempts = 4, wait = \"10s\", factor = 1.5 }\n"
        "should_run = { http = \"http://a/{{.Version}}\", statuses = [404, 410] }\n"
    );
    EXPECT_EQ(plan.steps[0].retry, (Retry{4, std::chrono::seconds{10}, 1.5}));
    EXPECT_THAT(plan.steps[0].should_run.statuses, ElementsAre(404, 410));
}

TEST(Plan, RefusesANameThatNoActivityMayHave) {
    EXPECT_THAT(
        problems_of([] { static_cast<void>(plan_of(std::string{"name = \"A b\"\n"} + kStep)); }),
        ElementsAre(HasSubstr("a-z, 0-9 and -"))
    );
}

}  // namespace
}  // namespace kiln::release::testing
