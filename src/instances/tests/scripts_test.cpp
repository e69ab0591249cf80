#include "base/testing/kind_of.hpp"
#include "instances/init_scripts.hpp"
#include "instances/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ::testing::HasSubstr;

InstanceBuild build() {
    InstanceBuild made;
    made.id = uuid_of("b");
    made.image = "ami-7";
    made.request.site = "org";
    made.request.env = "prod";
    made.request.queue = "linux";
    made.request.role = "worker";
    made.request.instance_type = "ct.small";
    made.request.count = 3;
    made.request.slack_channel = "#ops";
    made.request.name_template = "{{.Role}}-{{.Site}}-{{.InstanceIDWithoutPrefix}}";
    return made;
}

ScriptSettings settings(std::string source) {
    return {
        .base_url = "https://kiln.example:8743",
        .source = std::move(source),
        .variables = {{"Region", "local"}, {"Site", "hidden"}},
        .expiry = std::chrono::minutes{10}};
}

TEST(InitScript, HasEveryVariableThatIsPromised) {
    const auto text = render_script(
        build(),
        "s3cret",
        settings("{{.Env}} {{.Site}} {{.Queue}} {{.Role}} {{.AMI}} {{.Count}} {{.InstanceType}} "
                 "{{.InstanceBuildID}} {{.InstanceBuildURL}} {{.InstanceLaunchURL}} "
                 "{{.InstanceTerminateURL}} {{.InstanceHeartbeatURL}} {{.SlackChannel}} {{.Region}}"
        )
    );
    const auto id = uuid_of("b");
    const std::string base = "https://x:s3cret@kiln.example:8743/instance-";
    EXPECT_EQ(
        text,
        "prod org linux worker ami-7 3 ct.small " + id + " " + base + "builds/" + id + " " + base +
            "launches/" + id + " " + base + "terminations/" + id + " " + base + "heartbeats/" + id +
            " #ops local"
    );
}

TEST(InitScript, AMissingVariableIsNamed) {
    const auto error =
        error_of([] { (void)render_script(build(), "s", settings("a {{.Colour}} b")); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    EXPECT_THAT(error->message(), HasSubstr("Colour"));
}

TEST(InitScript, LeavesPercentSignsAndValuesAsTheyAre) {
    auto of = settings("printf '%s %d\\n' {{.Region}}");
    of.variables["Region"] = "{{.Env}}";
    EXPECT_EQ(render_script(build(), "s", of), "printf '%s %d\\n' {{.Env}}");
}

TEST(UserData, IsOneIncludeWithTheSecretOfTheBuild) {
    EXPECT_EQ(
        user_data("ID", "SECRET", settings("")),
        "#include https://x:SECRET@kiln.example:8743/init-scripts/ID\n"
    );
    EXPECT_EQ(
        kind_of([] { (void)user_data("ID", "S", {.base_url = "kiln"}); }), ErrorKind::invalid
    );
}

TEST(Secret, IsLongGoodInAUrlAndNeverTheSame) {
    const auto secret = random_secret();
    EXPECT_EQ(secret.size(), 43U);
    EXPECT_EQ(
        secret.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        ),
        std::string::npos
    );
    EXPECT_NE(secret, random_secret());
}

TEST(Secret, OpensItsOwnBuildAlone) {
    const auto now = TimePoint{std::chrono::hours{1}};
    const auto row = make_script(build(), settings("x"), "right", now);
    EXPECT_TRUE(secret_matches(row, "right"));
    EXPECT_FALSE(secret_matches(row, "wrong"));
    EXPECT_FALSE(secret_matches(row, ""));
    EXPECT_FALSE(secret_matches(std::nullopt, "right"));
    EXPECT_FALSE(secret_matches(std::nullopt, ""));
}

TEST(InitScriptRow, IsReadableUntilItExpiresOrIsTakenAway) {
    const auto now = TimePoint{std::chrono::hours{1}};
    auto row = make_script(build(), settings("x"), "s", now);
    EXPECT_EQ(readable_script(row, now), "x");
    EXPECT_EQ(readable_script(row, now + std::chrono::minutes{10} - Duration{1}), "x");
    EXPECT_EQ(readable_script(row, now + std::chrono::minutes{10}), std::nullopt);
    row.script = "";
    EXPECT_EQ(readable_script(row, now), std::nullopt);
    EXPECT_EQ(readable_script(std::nullopt, now), std::nullopt);
}

TEST(Name, HasTheBuildsIdBeforeTheLaunchAndTheMachinesAfterIt) {
    EXPECT_EQ(name_before_launch(build()), "worker-org-" + uuid_of("b").substr(0, 8));
    EXPECT_EQ(name_of(build(), "i-0123456789abcdef0"), "worker-org-0123456789abcdef0");
}

TEST(Name, IsNeverLongerThanATagMayBe) {
    auto long_one = build();
    long_one.request.name_template = std::string(200, 'a') + "{{.Site}}";
    long_one.request.site = std::string(64, 's');
    EXPECT_EQ(name_of(long_one, "i-1").size(), 255U);
}

}  // namespace
}  // namespace kiln::instances
