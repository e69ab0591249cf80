#include "api/tests/instances_api.hpp"

namespace kiln::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kForm = "application/x-www-form-urlencoded";

class InstanceBuilds : public testing::InstancesApi {
  protected:
    static std::string request(json::object build) {
        return json::serialize(json::object{{"instance_builds", std::move(build)}});
    }

    static json::object good() {
        return {
            {"site", "org"},
            {"env", "prod"},
            {"queue", "linux"},
            {"role", "worker"},
            {"instance_type", "ct.small"},
            {"count", 2}};
    }
};

TEST_F(InstanceBuilds, OneIsAcceptedAndShown) {
    const auto response = post("/instance-builds", request(good()));
    EXPECT_EQ(response.status, 202U);
    const auto build = only(response, "instance_builds");
    const std::string id{build.at("id").as_string()};
    EXPECT_EQ(response.headers.find("Location"), "/instance-builds/" + id);
    EXPECT_EQ(build.at("href"), json::value("/instance-builds/" + id));
    EXPECT_EQ(build.at("state"), json::value("pending"));
    world.work_all();
    const auto shown = only(get("/instance-builds/" + id), "instance_builds");
    EXPECT_EQ(shown.at("state"), json::value("started"));
    EXPECT_THAT(shown.at("instances").as_array(), SizeIs(2));
}

TEST_F(InstanceBuilds, EveryFaultIsToldAtOnce) {
    const auto response =
        post("/instance-builds", request({{"count", 0}, {"env", ""}, {"sise", "org"}}));
    EXPECT_EQ(response.status, 400U);
    const auto errors = errors_in(response);
    for (const auto* word : {"site", "env", "queue", "instance_type", "count", "sise"}) {
        EXPECT_THAT(errors, Contains(HasSubstr(word))) << word;
    }
    EXPECT_THAT(world.jobs.waiting, SizeIs(0));
}

TEST_F(InstanceBuilds, WhatIsNoRequestIsRefused) {
    for (const auto* body :
         {"",
          "{",
          "[]",
          "{}",
          "null",
          "\"x\"",
          R"({"instance_builds": []})",
          R"({"instance_builds": [1, 2]})",
          R"({"instance_builds": 7})",
          R"({"instance_builds": {}, "more": 1})",
          R"({"instance_builds": {}, "instance_builds": {}})"}) {
        const auto response = post("/instance-builds", body);
        EXPECT_EQ(response.status, 400U) << body;
    }
}

TEST_F(InstanceBuilds, ABodyThatIsTooLargeIsRefusedUnread) {
    auto build = good();
    build["site"] = std::string(std::size_t{300} << 10, 's');
    const auto response = post("/instance-builds", request(std::move(build)));
    EXPECT_EQ(response.status, 400U);
    EXPECT_THAT(response.body, HasSubstr("262144"));
    std::string deep(10'000, '[');
    EXPECT_EQ(post("/instance-builds", "{\"instance_builds\":" + deep).status, 400U);
}

TEST_F(InstanceBuilds, WhatCouldBreakOutOfAHeaderOrATemplateIsRefused) {
    for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
             {"site", "org\r\nX-Evil: 1"},
             {"queue", "{{.InstanceBuildURL}}"},
             {"role", "../../etc"},
             {"env", "$(reboot)"},
             {"slack_channel", "a\nb"},
             {"security_group_id", "sg-1; rm"},
             {"ami", "../x"},
             {"name_template", "{{.Nothing}}"}}) {
        auto build = good();
        build[key] = value;
        const auto response = post("/instance-builds", request(std::move(build)));
        EXPECT_EQ(response.status, 400U) << key;
        EXPECT_THAT(response.body, HasSubstr(key));
    }
}

TEST_F(InstanceBuilds, TheQuerysChannelWins) {
    auto build = good();
    build["slack_channel"] = "#body";
    const auto response =
        post("/instance-builds?slack-channel=%23query", request(std::move(build)));
    EXPECT_EQ(only(response, "instance_builds").at("slack_channel"), json::value("#query"));
    EXPECT_EQ(post("/instance-builds?slack-channel=a%0d%0ab", request(good())).status, 400U);
}

TEST_F(InstanceBuilds, TheyAreListedInPagesNewestFirst) {
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) {
        world.clock.advance(std::chrono::seconds{1});
        ids.push_back(world.submit().id);
    }
    const auto first = parse_json(get("/instance-builds?limit=2").body);
    ASSERT_THAT(first.at("instance_builds").as_array(), SizeIs(2));
    EXPECT_EQ(first.at("instance_builds").at(0).at("id"), json::value(ids[2]));
    EXPECT_EQ(first.at("next"), json::value(ids[1]));
    const auto second = parse_json(get("/instance-builds?limit=2&after=" + ids[1]).body);
    ASSERT_THAT(second.at("instance_builds").as_array(), SizeIs(1));
    EXPECT_TRUE(second.at("next").is_null());
    EXPECT_EQ(get("/instance-builds?state=done").status, 400U);
    EXPECT_EQ(get("/instance-builds?limit=0").status, 400U);
    EXPECT_EQ(get("/instance-builds?after=x").status, 404U);
}

TEST_F(InstanceBuilds, AReportIsAFormOrJson) {
    for (const auto& [body, type] : std::vector<std::pair<std::string, std::string>>{
             {"state=finished&instance-id=", kForm},
             {R"({"state":"finished","instance_id":")", ""}}) {
        const auto build = world.built();
        const auto whole = body + build.instances[0] + (type.empty() ? "\"}" : "");
        const auto response =
            ask({"PATCH", "/instance-builds/" + build.id, whole, type.empty() ? kForm : type});
        EXPECT_EQ(response.status, 200U) << response.body;
        EXPECT_EQ(only(response, "instance_builds").at("state"), json::value("finished"));
    }
}

TEST_F(InstanceBuilds, AReportThatIsNoneIsRefused) {
    const auto build = world.built();
    const auto status = [&](const std::string& body) {
        return ask({"PATCH", "/instance-builds/" + build.id, body, kForm}).status;
    };
    EXPECT_EQ(status(""), 400U);
    EXPECT_EQ(status("state=done"), 400U);
    EXPECT_EQ(status("state=finished&instance-id=i-0"), 404U);
    EXPECT_EQ(status("state=finished&stat=x"), 400U);
    EXPECT_EQ(status("state=finished&state=finished"), 400U);
    EXPECT_EQ(status(R"({"state": 7})"), 400U);
    EXPECT_EQ(status("state=pending"), 200U) << "changes nothing";
    EXPECT_EQ(ask({"PATCH", "/instance-builds/x", "state=finished", kForm}).status, 404U);
}

/// pudding wrote scripts through a printf.
TEST_F(InstanceBuilds, AScriptComesAsItIs) {
    world.settings.scripts.source = "#!/bin/sh\nprintf '%s %d%% %n' {{.Site}}\n";
    const auto build = world.built();
    const auto response = get("/init-scripts/" + build.id);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.headers.find("Content-Type"), "text/x-shellscript; charset=utf-8");
    EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
    EXPECT_EQ(response.body, "#!/bin/sh\nprintf '%s %d%% %n' org\n");
}

TEST_F(InstanceBuilds, WhenTooMuchWaitsTheyAreToldToComeAgain) {
    busy = true;
    const auto response = post("/instance-builds", request(good()));
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.headers.find("Retry-After"), "1");
    EXPECT_EQ(get("/instances").status, 200U);
}

}  // namespace
}  // namespace kiln::api
