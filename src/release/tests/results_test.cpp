#include "release/results.hpp"

#include "release/outcome_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// "STEP VERSION DISTRO STATUS" of each.
std::vector<std::string> lines_of(const std::vector<Outcome>& outcomes) {
    std::vector<std::string> lines;
    for (const auto& outcome : outcomes) {
        lines.push_back(
            outcome.instance.step + "|" + outcome.instance.version + "|" + outcome.instance.distro +
            "|" + std::string{to_string(outcome.status)}
        );
    }
    return lines;
}

const char* const kRaw = R"({
  "release": {"versions": ["1.0.0"]},
  "results": {
    "First": {"skip": true, "reason": "there"},
    "ForEachVersion": [{
      "version": "1.0.0",
      "results": {
        "Source": {"skip": false, "taskInput": {"name": "n"},
                   "success": {"worker": "w", "seconds": 3, "status": 0}},
        "GetDistrosForVersion": {"supported": ["d1"], "not_supported": ["d0"]},
        "ForEachDistro": [{
          "distro": "d1",
          "results": {"Build": {"skip": false, "failure":
            {"Error": "Worker.Failed",
             "Cause": "{\"worker\":\"w\",\"instance\":\"i-1\",\"status\":2,\"log\":\"L\",\"tail\":\"boom\"}"}}}
        }],
        "AAndB": [{"results": {"A": {"skip": true, "blocked": true, "reason": "r"}}},
                  {"results": {"B": {"failure": {"Error": "States.Timeout", "Cause": ""}}}}],
        "C": {"skip": false, "taskInput": {}}
      }
    }],
    "ForEachVersion2": {"failure": {"Error": "States.DataLimitExceeded", "Cause": "too much"}}
  }
})";

TEST(Results, AreFoundInTheDataOfTheMachine) {
    const auto outcomes = collect_outcomes(json::parse(kRaw));
    EXPECT_THAT(
        lines_of(outcomes),
        ElementsAre(
            "First|||skipped",
            "Source|1.0.0||succeeded",
            "|1.0.0|d0|not supported",
            "Build|1.0.0|d1|failed",
            "A|1.0.0||blocked",
            "B|1.0.0||failed",
            "C|1.0.0||running",
            "ForEachVersion2|||failed"
        )
    );
    EXPECT_EQ(outcomes[3].end.at("exit_status").as_int64(), 2);
    EXPECT_EQ(outcomes[3].end.at("instance").as_string(), "i-1");
}

TEST(Results, AreTheSameWhenTheyAreNormalised) {
    const auto raw = collect_outcomes(json::parse(kRaw));
    const auto output = normalize(raw, 1U << 20);
    auto again = collect_outcomes(json::object{{"output", output}});
    auto lines = lines_of(again);
    EXPECT_THAT(lines, testing::UnorderedElementsAreArray(lines_of(raw)));
    EXPECT_EQ(
        output.at("versions").at("1.0.0").at("distros").at("d1").at("Build").at("log").as_string(),
        "L"
    );
    EXPECT_EQ(json::serialize(output.at("versions").at("1.0.0").at("not_supported")), "[\"d0\"]");
}

TEST(Results, OfAVersionAreNormalisedAlone) {
    const auto output = normalize(
        collect_outcomes(json::parse(R"({"S": {"skip": true, "reason": "r"},
            "ForEachDistro": [{"distro": "d", "results": {"B": {"success": {"worker": "w"}}}}]})")),
        1000
    );
    EXPECT_EQ(
        json::serialize(output),
        R"({"steps":{"S":{"status":"skipped","reason":"r"}},)"
        R"("distros":{"d":{"B":{"status":"succeeded","worker":"w"}}}})"
    );
}

TEST(Results, AreCutToFitIntoAStatesData) {
    std::vector<Outcome> outcomes;
    for (int i = 0; i < 40; ++i) {
        Outcome outcome{{"Build", "1.0.0", "d" + std::to_string(i)}, Status::failed};
        outcome.end = {{"log", "the-log"}, {"tail", std::string(20'000, 'x') + "the end"}};
        outcomes.push_back(outcome);
    }
    const auto output = normalize(outcomes, version_limit(4));
    EXPECT_LE(json::serialize(output).size(), version_limit(4));
    const auto& first = output.at("versions").at("1.0.0").at("distros").at("d0").at("Build");
    EXPECT_EQ(first.at("log").as_string(), "the-log");
    EXPECT_THAT(std::string{first.at("tail").as_string()}, testing::EndsWith("xthe end"));
}

TEST(Results, OfAllVersionsHaveRoomTogether) {
    constexpr std::size_t kLimitOfAws = 262'144;
    for (const std::size_t versions : {1, 2, 20, 100}) {
        EXPECT_LT(version_limit(versions) * versions, kLimitOfAws);
    }
}

TEST(Failures, AreListedWithMachineAndLog) {
    EXPECT_EQ(
        failure_message(collect_outcomes(json::parse(kRaw))),
        "The following steps have failed:\n"
        "Build 1.0.0 d1: Worker.Failed, exit status 2, worker w, instance i-1, log L\n"
        "B 1.0.0: States.Timeout\n"
        "ForEachVersion2: States.DataLimitExceeded: too much"
    );
}

TEST(Failures, AreNoneWhereNoneFailed) {
    EXPECT_EQ(failure_message({{{"A", "1.0.0", ""}, Status::blocked}}), std::nullopt);
}

TEST(Failures, AreCountedWhereTheyAreTooManyForACause) {
    std::vector<Outcome> outcomes(
        1000, {{"Step", "1.0.0", std::string(60, 'd')}, Status::failed, "", "E", "cause"}
    );
    const auto message = failure_message(outcomes).value();
    EXPECT_LT(message.size(), 32'768U);
    EXPECT_THAT(message, testing::ContainsRegex("and [0-9]+ more$"));
}

TEST(Results, SayWhatNeedNotBeDoneAgain) {
    const auto done = done_instances(collect_outcomes(json::parse(kRaw)));
    EXPECT_THAT(done, ElementsAre(Instance{"First", "", ""}, Instance{"Source", "1.0.0", ""}));
}

TEST(Results, AreCounted) {
    EXPECT_EQ(
        json::serialize(count_outcomes(collect_outcomes(json::parse(kRaw)))),
        R"({"skipped":1,"succeeded":1,"not supported":1,"failed":3,"blocked":1,"running":1})"
    );
}

TEST(Results, OfAStrangerAreNotLost) {
    const auto outcomes =
        collect_outcomes(json::parse(R"({"results": {"A": {"success": "just text"}}})"));
    EXPECT_THAT(lines_of(outcomes), ElementsAre("A|||succeeded"));
}

}  // namespace
}  // namespace kiln::release
