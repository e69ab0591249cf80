#include "cli/colored_json.hpp"
#include "cli/release_view.hpp"
#include "os/files.hpp"
#include "release/definition.hpp"
#include "verbs_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kPlan = R"(name = "p"
[versions]
release = "{Major}.{Minor}.{Patch}"
nightly = "{Year:4}.{Month:2}.{Day:2}"
[[distros.known]]
name = "debian-12"
[[steps]]
name = "Source"
script = "/s"
[[steps]]
name = "Build"
per = "distro"
after = ["Source"]
script = "/b"
)";

/// The verbs of releases against a server that answers by script.
class ReleaseVerbs : public testing::VerbsTest {
  protected:
    ReleaseVerbs() { write("release.toml", kPlan); }

    std::string write(const std::string& name, const std::string& text) {
        const auto path = folder.path() / name;
        os::write_file_durably(path, text);
        return path.string();
    }

    [[nodiscard]] std::string plan() const { return (folder.path() / "release.toml").string(); }

    void answer(const std::string& operation, const json::value& answered) {
        world.states.answers[operation].push_back(json::serialize(answered));
    }

    /// The machine as `deploy` made it.
    void is_deployed() {
        const auto definition = release::generate(
            release::parse_plan(release::read_document("p", kPlan)),
            {.activities = "arn:aws:states:us-east-1:000000000000:activity:"}
        );
        answer(
            "ListStateMachines",
            {{"stateMachines", {{{"name", "p"}, {"stateMachineArn", "arn:m"}}}}}
        );
        answer("DescribeStateMachine", {{"definition", json::serialize(definition)}});
    }

    std::vector<std::string> operations() {
        std::vector<std::string> all;
        for (const auto& asked : world.states.asked) {
            all.push_back(asked.first);
        }
        return all;
    }

    const json::object& input_of(const std::string& operation) {
        for (auto asked = world.states.asked.rbegin(); asked != world.states.asked.rend();
             ++asked) {
            if (asked->first == operation) {
                return asked->second;
            }
        }
        throw std::logic_error{operation + " was not asked for"};
    }
};

TEST_F(ReleaseVerbs, CheckSaysWhatAPlanHas) {
    EXPECT_EQ(run({"release", "check", plan()}), 0) << err;
    EXPECT_THAT(out, StartsWith("p: 2 steps, 1 distros, a definition of "));
}

TEST_F(ReleaseVerbs, CheckSaysEveryFaultWithItsPlace) {
    const auto bad = write("bad.toml", "name = \"p\"\n[[steps]]\nname = \"A\"\nafter = [\"B\"]\n");
    EXPECT_EQ(run({"release", "check", bad}), 2);
    EXPECT_THAT(
        err,
        AllOf(
            HasSubstr("bad.toml:2:1 steps[0].script"),
            HasSubstr("bad.toml:4:10 steps[0].after[0]: there is no step \"B\"")
        )
    );
}

TEST_F(ReleaseVerbs, PreviewShowsTheDefinition) {
    EXPECT_EQ(run({"release", "preview", "--plan", plan()}), 0) << err;
    EXPECT_TRUE(json::parse(out).at("States").as_object().contains("ParseInput"));
    EXPECT_EQ(run({"release", "preview", "--plan", plan(), "--format", "text", "1.0.0"}), 0);
    EXPECT_THAT(out, HasSubstr("PrepareToBuild"));
    EXPECT_THAT(err, HasSubstr("\"versions\":[\"1.0.0\"]"));
    EXPECT_EQ(run({"release", "preview", "--plan", plan(), "--format", "svg"}), 0);
    EXPECT_THAT(out, StartsWith("<svg"));
}

TEST_F(ReleaseVerbs, PreviewRefusesUnknownWords) {
    EXPECT_EQ(run({"release", "preview", "--plan", plan(), "Biuld"}), 2);
    EXPECT_THAT(err, HasSubstr("did you mean \"Build\"?"));
}

TEST_F(ReleaseVerbs, DeployMakesTheMachineAndItsActivities) {
    answer("CreateActivity", {{"activityArn", "arn:aws:states:r:1:activity:x"}});
    answer("ListStateMachines", {{"stateMachines", json::array{}}});
    answer("CreateStateMachine", {{"stateMachineArn", "arn:m"}});
    EXPECT_EQ(run({"release", "deploy", plan()}), 0) << err;
    EXPECT_EQ(out, "arn:m\n");
    EXPECT_EQ(err, "made, with 4 activities\n");
    EXPECT_EQ(text_in(input_of("CreateStateMachine"), "name"), "p");
    EXPECT_THAT(
        text_in(input_of("CreateStateMachine"), "definition"),
        HasSubstr("arn:aws:states:r:1:activity:p-functions")
    );
}

TEST_F(ReleaseVerbs, DeployAgainChangesNothing) {
    is_deployed();
    answer("CreateActivity", {{"activityArn", "arn:aws:states:us-east-1:000000000000:activity:x"}});
    EXPECT_EQ(run({"release", "deploy", plan()}), 0) << err;
    EXPECT_EQ(err, "unchanged, with 4 activities\n");
    EXPECT_THAT(operations(), Not(::testing::Contains("UpdateStateMachine")));
}

TEST_F(ReleaseVerbs, DeployChangesAMachineWhosePlanHasChanged) {
    is_deployed();
    answer("CreateActivity", {{"activityArn", "arn:aws:states:us-east-1:000000000000:activity:x"}});
    answer("UpdateStateMachine", json::object{});
    const auto other = write("other.toml", std::string{kPlan} + "timeout = \"10m\"\n");
    EXPECT_EQ(run({"release", "deploy", other, "--json"}), 0) << err;
    EXPECT_EQ(text_in(json::parse(out).as_object(), "what"), "changed");
}

TEST_F(ReleaseVerbs, RunStartsAnExecutionOfTheWords) {
    is_deployed();
    answer("ListExecutions", {{"executions", json::array{}}});
    answer("StartExecution", {{"executionArn", "arn:e"}});
    EXPECT_EQ(run({"release", "debian-12", "1.0.0", "--test", "--plan", plan()}), 2);
    EXPECT_THAT(err, HasSubstr("no steps of test builds"));
    EXPECT_EQ(run({"release", "Build", "1.0.0", "--fake-workers", "--plan", plan()}), 0) << err;
    EXPECT_EQ(out, "arn:e\n");
    const auto& input = input_of("StartExecution");
    EXPECT_EQ(text_in(input, "input"), "\"1.0.0 Build --fake-workers\"");
    EXPECT_THAT(text_in(input, "name"), StartsWith("1.0.0_Build_--fake-workers-"));
}

TEST_F(ReleaseVerbs, RunDoesNotStartTheSameTwiceAtOnce) {
    is_deployed();
    answer("ListExecutions", {{"executions", json::array{}}});
    answer("StartExecution", {{"executionArn", "arn:e"}});
    ASSERT_EQ(run({"release", "1.0.0", "--plan", plan()}), 0);
    const auto name = text_in(input_of("StartExecution"), "name");
    world.states.answers["ListExecutions"].clear();
    answer("ListExecutions", {{"executions", {{{"name", name}, {"executionArn", "arn:old"}}}}});
    EXPECT_EQ(run({"release", "run", "1.0.0", "--plan", plan()}), 0);
    EXPECT_EQ(out, "arn:old\n");
    EXPECT_THAT(err, HasSubstr("runs already"));
    EXPECT_EQ(run({"release", "1.0.0", "--again", "--plan", plan()}), 0);
    EXPECT_EQ(out, "arn:e\n");
    EXPECT_NE(text_in(input_of("StartExecution"), "name"), name);
}

TEST_F(ReleaseVerbs, RunRefusesUnknownWordsBeforeAnythingStarts) {
    is_deployed();
    EXPECT_EQ(run({"release", "debian-21", "--plan", plan()}), 2);
    EXPECT_THAT(err, HasSubstr("unknown distro \"debian-21\"; did you mean \"debian-12\"?"));
}

TEST_F(ReleaseVerbs, RunSaysHowAMachineIsMade) {
    answer("ListStateMachines", {{"stateMachines", json::array{}}});
    EXPECT_EQ(run({"release", "1.0.0", "--plan", plan()}), 4);
    EXPECT_THAT(err, HasSubstr("kiln release deploy"));
}

/// An event of a history.
json::value event(std::int64_t id, const char* type, const char* details, json::object of) {
    return {{"id", id}, {"type", type}, {"previousEventId", id - 1}, {details, std::move(of)}};
}

TEST_F(ReleaseVerbs, WatchShowsEachStepAndTheEnd) {
    is_deployed();
    answer("ListExecutions", {{"executions", json::array{}}});
    answer("StartExecution", {{"executionArn", "arn:e"}});
    answer(
        "GetExecutionHistory",
        {{"events",
          {event(
              1,
              "TaskStateEntered",
              "stateEnteredEventDetails",
              {{"name", "Build"}, {"input", R"({"version":"1.0.0","distro":"debian-12"})"}}
          )}}}
    );
    answer(
        "DescribeExecution",
        {{"name", "n"},
         {"status", "SUCCEEDED"},
         {"output",
          R"({"versions":{"1.0.0":{"distros":{"debian-12":{"Build":{"status":"succeeded"}}}}}})"}}
    );
    EXPECT_EQ(run({"release", "1.0.0", "--watch", "--plan", plan()}), 0) << err;
    EXPECT_THAT(err, HasSubstr("Build 1.0.0 debian-12: running: waits for a worker\n"));
    EXPECT_THAT(
        out, AllOf(HasSubstr("1.0.0    debian-12  -       done"), HasSubstr("n: SUCCEEDED"))
    );
}

TEST_F(ReleaseVerbs, StatusDigsResultsOutOfAReleaseThatFailed) {
    is_deployed();
    answer("ListExecutions", {{"executions", {{{"name", "n"}, {"executionArn", "arn:e"}}}}});
    answer(
        "GetExecutionHistory",
        {{"events",
          {event(
              9,
              "TaskStateEntered",
              "stateEnteredEventDetails",
              {{"name", "CheckForFailures"},
               {"input",
                R"({"output":{"versions":{"1.0.0":{"steps":{"Source":{"status":"failed","error":"E"}}}}}})"}}
          )}}}
    );
    answer(
        "DescribeExecution",
        {{"name", "n"}, {"status", "FAILED"}, {"error", "Release.StepsFailed"}, {"cause", "c"}}
    );
    EXPECT_EQ(run({"release", "status", "--plan", plan(), "--json"}), 0) << err;
    const auto document = json::parse(out);
    EXPECT_EQ(json::serialize(document.at("summary")), R"({"failed":1})");
    EXPECT_EQ(
        document.at("results").at("versions").at("1.0.0").at("steps").at("Source").at("error"), "E"
    );
    EXPECT_EQ(run({"release", "status", "n", "--follow", "--plan", plan()}), 1);
    EXPECT_THAT(err, HasSubstr("kiln: Release.StepsFailed: c\n"));
}

TEST_F(ReleaseVerbs, RetryAndStopAreForTheNamedOne) {
    is_deployed();
    answer(
        "ListExecutions",
        {{"executions",
          {{{"name", "new"}, {"executionArn", "arn:new"}},
           {{"name", "old"}, {"executionArn", "arn:old"}}}}}
    );
    answer("RedriveExecution", {{"redriveDate", 1}});
    answer("StopExecution", {{"stopDate", 1}});
    EXPECT_EQ(run({"release", "retry", "--plan", plan()}), 0) << err;
    EXPECT_EQ(text_in(input_of("RedriveExecution"), "executionArn"), "arn:new");
    EXPECT_EQ(run({"release", "stop", "old", "--machine", "p"}), 0) << err;
    EXPECT_EQ(text_in(input_of("StopExecution"), "executionArn"), "arn:old");
    EXPECT_EQ(run({"release", "stop", "other", "--machine", "p"}), 4);
    EXPECT_EQ(run({"release", "list", "--machine", "p"}), 0);
    EXPECT_THAT(out, HasSubstr("old"));
}

TEST(ReleaseTable, HasARowForEachDistroAndWhatIsForAllAtItsEnd) {
    using release::Status;
    const ReleaseView view{
        {"Source", "Build", "Site"},
        {{{"Site", "", ""}, Status::waiting},
         {{"Source", "1.0.0", ""}, Status::succeeded},
         {{"Build", "1.0.0", "b"}, Status::running, "runs"},
         {{"Build", "1.0.0", "a"}, Status::failed},
         {{"", "1.0.0", "c"}, Status::not_supported}}};
    EXPECT_EQ(
        release_table(view, {}),
        "VERSION  DISTRO  Source         Build          Site\n"
        "1.0.0    -       done           -              -\n"
        "1.0.0    a       -              failed         -\n"
        "1.0.0    b       -              runs           -\n"
        "1.0.0    c       not supported  not supported  not supported\n"
        "all      -       -              -              waiting\n"
    );
}

TEST(ColoredJson, IsTheSameTextInColours) {
    const json::value value{{"a", {"x\"y", 1, true}}, {"b", nullptr}};
    EXPECT_EQ(colored_json(value, {}), pretty_json(value));
    auto colored = colored_json(value, {.color = true});
    EXPECT_THAT(colored, HasSubstr("\x1b["));
    std::string plain;
    for (std::size_t at = 0; at < colored.size(); ++at) {
        if (colored[at] == '\x1b') {
            at = colored.find('m', at);
        } else {
            plain += colored[at];
        }
    }
    EXPECT_EQ(plain, pretty_json(value));
}

}  // namespace
}  // namespace kiln::cli
