#include "api/tests/instances_api.hpp"

namespace kiln::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class InstancesAuth : public testing::InstancesApi {
  protected:
    unsigned status(const std::string& target, std::optional<std::string> authorization) {
        return ask({"GET", target, "", "", std::move(authorization)}).status;
    }
};

TEST_F(InstancesAuth, TheTokenIsTakenInEachOfItsForms) {
    for (const auto* header :
         {"token t0ken", "token=t0ken", "Bearer t0ken", "Token t0ken", "bearer  t0ken"}) {
        EXPECT_EQ(status("/instances", header), 200U) << header;
    }
}

TEST_F(InstancesAuth, WithoutItTheAnswerSaysWhatIsWanted) {
    const auto response = ask({"GET", "/instances", "", "", std::nullopt});
    EXPECT_EQ(response.status, 401U);
    EXPECT_EQ(response.headers.find("WWW-Authenticate"), "Bearer realm=\"kiln\"");
    EXPECT_TRUE(parse_json(response.body).at("error").is_string());
}

/// pudding, since 2016-05-17: its comparison in constant time was the wrong way round, and any
/// header that was not empty opened every route.
TEST_F(InstancesAuth, AHeaderThatIsOnlyNotEmptyOpensNothing) {
    for (const auto* header :
         {"x",
          "token",
          "token ",
          "token=",
          "token wrong",
          "token=wrong",
          "token t0ke",
          "token t0kenn",
          "token T0KEN",
          "token t0ken ",
          "Bearer ",
          "Basic eDp0MGtlbg==",
          "t0ken"}) {
        for (const auto* route : {"/instances", "/instance-builds", "/images", "/instances/i-1"}) {
            EXPECT_EQ(status(route, header), 401U) << header << ' ' << route;
        }
    }
}

/// And so was the comparison of a build's secret: every secret was right but the right one.
TEST_F(InstancesAuth, ABuildsSecretOpensItsRoutesAndNoOtherDoes) {
    const auto build = world.built();
    const auto own = secret();
    const auto script = "/init-scripts/" + build.id;
    EXPECT_EQ(status(script, basic(own)), 200U);
    EXPECT_EQ(status(script, basic(own, "anybody")), 200U);
    for (const auto& wrong :
         {std::string{"x"}, own + "x", own.substr(1), std::string(own.size(), 'A')}) {
        EXPECT_EQ(status(script, basic(wrong)), 401U) << wrong;
    }
    EXPECT_EQ(status(script, "Basic " + to_base64("x:")), 401U);
    EXPECT_EQ(status(script, "Basic " + to_base64(own)), 401U) << "no user";
    EXPECT_EQ(status(script, "Basic " + own), 401U) << "not base64";
    EXPECT_EQ(status(script, "Bearer " + own), 401U) << "a secret is no token";
}

TEST_F(InstancesAuth, ASecretOpensNothingOfAnotherBuild) {
    const auto first = world.built();
    const auto of_first = secret();
    const auto second = world.built();
    EXPECT_EQ(status("/init-scripts/" + second.id, basic(of_first)), 401U);
    EXPECT_EQ(status("/init-scripts/" + first.id, basic(secret())), 401U);
    const auto beat = ask(
        {"POST",
         "/instance-heartbeats/" + first.id,
         "instance-id=" + second.instances[0],
         "application/x-www-form-urlencoded",
         basic(of_first)}
    );
    EXPECT_EQ(beat.status, 404U) << "nor does it speak for machines of another";
}

TEST_F(InstancesAuth, ASecretOpensOnlyWhatMachinesNeed) {
    const auto build = world.built();
    const auto with = basic(secret());
    for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
             {"GET", "/instances"},
             {"GET", "/instances/" + build.instances[0]},
             {"DELETE", "/instances/" + build.instances[0]},
             {"GET", "/instance-builds/" + build.id},
             {"POST", "/instance-builds"},
             {"GET", "/images"},
             {"DELETE", "/"},
             {"POST", "/kaboom"}}) {
        EXPECT_EQ(ask({method, target, "", "", with}).status, 401U) << method << ' ' << target;
    }
    EXPECT_FALSE(world.stopped);
}

TEST_F(InstancesAuth, AMachinesRouteAsksForEitherOfBoth) {
    const auto response = ask({"GET", "/init-scripts/nobody", "", "", std::nullopt});
    EXPECT_EQ(response.status, 401U);
    std::vector<std::string> challenges;
    for (const auto& [name, value] : response.headers.all()) {
        if (net::same_name(name, "WWW-Authenticate")) {
            challenges.push_back(value);
        }
    }
    EXPECT_THAT(
        challenges, ::testing::ElementsAre("Bearer realm=\"kiln\"", "Basic realm=\"kiln\"")
    );
}

TEST_F(InstancesAuth, AScriptIsGoneOnceItsBuildIsFinishedAndWhenItExpired) {
    const auto build = world.built();
    const auto path = "/init-scripts/" + build.id;
    const auto finished = ask(
        {"PATCH",
         "/instance-builds/" + build.id,
         "state=finished&instance-id=" + build.instances[0],
         "application/x-www-form-urlencoded",
         basic(secret())}
    );
    EXPECT_EQ(finished.status, 200U);
    EXPECT_EQ(status(path, basic(secret())), 404U);
    EXPECT_EQ(status(path, "token t0ken"), 404U);

    const auto other = world.built();
    world.clock.advance(world.settings.scripts.expiry);
    EXPECT_EQ(status("/init-scripts/" + other.id, basic(secret())), 404U);
}

TEST_F(InstancesAuth, AnUnknownBuildIsToldFromAWrongSecretByThoseWithTheTokenAlone) {
    EXPECT_EQ(status("/init-scripts/2d9f5d6e-0000-4000-8000-000000000000", basic("x")), 401U);
    EXPECT_EQ(status("/init-scripts/2d9f5d6e-0000-4000-8000-000000000000", "token t0ken"), 404U);
}

TEST_F(InstancesAuth, NoticesOfSnsComeWithTheTokenAsPasswordWhichIsAllThatSnsCanSend) {
    const Sent message{"POST", "/sns-messages", "{}", "text/plain", basic("t0ken", "sns")};
    EXPECT_EQ(ask(message).status, 400U) << "let in, and no message of SNS";
    auto wrong = message;
    wrong.authorization = basic("t0kenn", "sns");
    EXPECT_EQ(ask(wrong).status, 401U);
}

TEST_F(InstancesAuth, NoSecretIsInAnyAnswer) {
    const auto build = world.built();
    for (const auto& target :
         {std::string{"/instances"},
          "/instances/" + build.instances[0],
          std::string{"/instance-builds"},
          "/instance-builds/" + build.id}) {
        const auto response = get(target);
        EXPECT_EQ(response.status, 200U) << target;
        EXPECT_THAT(response.body, Not(HasSubstr(secret()))) << target;
    }
}

}  // namespace
}  // namespace kiln::api
