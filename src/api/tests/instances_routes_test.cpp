#include "api/tests/instances_api.hpp"

namespace kiln::api {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kForm = "application/x-www-form-urlencoded";

class InstanceRoutes : public testing::InstancesApi {
  protected:
    void SetUp() override { world.round(); }

    json::array listed(const std::string& target) {
        return parse_json(get(target).body).at("instances").as_array();
    }
};

TEST_F(InstanceRoutes, AnybodyIsGreeted) {
    const auto response = ask({"GET", "/", "", "", std::nullopt});
    EXPECT_EQ(response.status, 200U);
    EXPECT_TRUE(parse_json(response.body).at("greeting").is_string());
}

TEST_F(InstanceRoutes, TheServerEndsWhenItIsAskedTo) {
    EXPECT_EQ(ask({"DELETE", "/", "", "", std::nullopt}).status, 401U);
    EXPECT_FALSE(world.stopped);
    const auto response = ask({"DELETE", "/"});
    EXPECT_EQ(response.status, 204U);
    EXPECT_EQ(response.body, "");
    EXPECT_TRUE(world.stopped);
}

TEST_F(InstanceRoutes, AFailureOfItsOwnIsAnsweredAndTheNextCallIsServed) {
    const auto response = post("/kaboom", "");
    EXPECT_EQ(response.status, 500U);
    EXPECT_THAT(
        std::string{parse_json(response.body).at("error").as_string()}, HasSubstr("kaboom")
    );
    EXPECT_EQ(get("/instances").status, 200U);
}

TEST_F(InstanceRoutes, InstancesAreListedByTheirTags) {
    world.built();
    world.built({{"site", "com"}, {"count", 2}});
    EXPECT_THAT(listed("/instances"), SizeIs(3));
    EXPECT_THAT(listed("/instances?site=com"), SizeIs(2));
    EXPECT_THAT(listed("/instances?site=com&env=prod&queue=linux&role=worker"), SizeIs(2));
    EXPECT_THAT(listed("/instances?site=com&env=staging"), SizeIs(0));
    EXPECT_EQ(get("/instances?sit=com").status, 400U);
    EXPECT_EQ(get("/instances?site=com&site=org").status, 400U);
}

TEST_F(InstanceRoutes, AnInstanceHasItsFields) {
    const auto build = world.built();
    world.round();
    const auto response = get("/instances/" + build.instances[0]);
    EXPECT_EQ(response.headers.find("Content-Type"), "application/json");
    const auto instance = only(response, "instances");
    for (const auto* key :
         {"id",
          "name",
          "instance_type",
          "image_id",
          "ip",
          "private_ip",
          "launch_time",
          "queue",
          "env",
          "site",
          "role",
          "expected_state"}) {
        EXPECT_TRUE(instance.contains(key)) << key;
    }
    EXPECT_EQ(instance.at("id"), json::value(build.instances[0]));
    EXPECT_EQ(instance.at("expected_state"), json::value("up"));
}

TEST_F(InstanceRoutes, AnUnknownInstanceIsNotFound) {
    for (const auto* id :
         {"i-0", "x", "..%2f..%2fetc%2fpasswd", "%00", "i-1%0d%0aX-Evil:1", "%ff%fe", "i%20"}) {
        const std::string target = std::string{"/instances/"} + id;
        const auto response = get(target);
        EXPECT_EQ(response.status, 404U) << id;
        EXPECT_TRUE(parse_json(response.body).at("error").is_string()) << id;
        EXPECT_EQ(ask({"DELETE", target}).status, 404U) << id;
    }
    EXPECT_THAT(world.jobs.waiting, SizeIs(0));
}

TEST_F(InstanceRoutes, TheEndOfOneIsQueued) {
    const auto build = world.built();
    const auto response = ask({"DELETE", "/instances/" + build.instances[0]});
    EXPECT_EQ(response.status, 202U);
    EXPECT_EQ(
        only(get("/instances/" + build.instances[0]), "instances").at("expected_state"),
        json::value("down")
    );
    world.work_all();
    EXPECT_EQ(get("/instances/" + build.instances[0]).status, 404U);
    EXPECT_THAT(world.machines.alive(), SizeIs(0));
}

TEST_F(InstanceRoutes, AListOfACloudThatDoesNotAnswerIsMarked) {
    world.built();
    EXPECT_EQ(parse_json(get("/instances").body).at("stale"), json::value(false));
    world.machines.reachable(false);
    world.round();
    const auto after = parse_json(get("/instances").body);
    EXPECT_EQ(after.at("stale"), json::value(true));
    EXPECT_THAT(after.at("instances").as_array(), SizeIs(1));
}

TEST_F(InstanceRoutes, AHeartbeatTellsAMachineToDrain) {
    const auto build = world.built();
    const auto id = build.instances[0];
    const auto with = basic(secret());
    const auto beat = [&] {
        return ask({"POST", "/instance-heartbeats/" + build.id, "instance-id=" + id, kForm, with});
    };
    EXPECT_EQ(parse_json(beat().body).at("expected_state"), json::value("up"));
    EXPECT_EQ(ask({"DELETE", "/instances/" + id}).status, 202U);
    const auto down = beat();
    EXPECT_EQ(parse_json(down.body).at("expected_state"), json::value("down"));
    EXPECT_EQ(parse_json(down.body).at("id"), json::value(id));
    const auto gone = ask(
        {"POST",
         "/instance-terminations/" + build.id,
         json::serialize(json::object{{"instance_id", id}}),
         "application/json",
         with}
    );
    EXPECT_EQ(gone.status, 200U);
    EXPECT_EQ(parse_json(gone.body).at("yay"), json::value(id));
}

TEST_F(InstanceRoutes, AMachineSaysThatItIsThere) {
    const auto build = world.built();
    const auto launched =
        post("/instance-launches/" + build.id, R"({"instance_id":")" + build.instances[0] + "\"}");
    EXPECT_EQ(launched.status, 200U);
    EXPECT_EQ(world.notices.count(instances::Notice::Kind::in_service), 1U);
    for (const auto* route :
         {"/instance-launches/", "/instance-terminations/", "/instance-heartbeats/"}) {
        EXPECT_EQ(post(route + build.id, "{}").status, 400U) << route;
        EXPECT_EQ(post(route + build.id, R"({"instance_id":"i-0"})").status, 404U) << route;
        EXPECT_EQ(post(std::string{route} + "x", R"({"instance_id":"i-0"})").status, 404U) << route;
        EXPECT_EQ(post(route + build.id, R"({"instance":"i-0"})").status, 400U) << route;
    }
}

TEST_F(InstanceRoutes, ImagesAreListedAndOneOfARoleIsActive) {
    const auto list = [&](const std::string& query) {
        return parse_json(get("/images" + query).body).at("images").as_array();
    };
    ASSERT_THAT(list(""), SizeIs(1));
    EXPECT_THAT(list("?active=true"), SizeIs(0));
    const auto put = ask({"PUT", std::string{"/images/"} + instances::testing::kImage + "/active"});
    EXPECT_EQ(put.status, 200U) << put.body;
    EXPECT_EQ(only(put, "images").at("active"), json::value(true));
    const auto active = list("?active&role=worker");
    ASSERT_THAT(active, SizeIs(1));
    for (const auto* key : {"image_id", "ami", "role", "active", "name", "state"}) {
        EXPECT_TRUE(active[0].as_object().contains(key)) << key;
    }
    EXPECT_THAT(list("?active=false"), SizeIs(0));
    EXPECT_EQ(get("/images?active=perhaps").status, 400U);
    EXPECT_EQ(ask({"PUT", "/images/ami-00000000000000099/active"}).status, 404U);
}

TEST_F(InstanceRoutes, AGroupIsMadeResizedAndRemoved) {
    const auto build = world.built();
    const json::object group{
        {"autoscaling_group_builds",
         {{"instance_id", build.instances[0]},
          {"site", "org"},
          {"env", "prod"},
          {"queue", "linux"},
          {"role", "worker"},
          {"role_arn", "arn:aws:iam::000000000000:role/kiln"},
          {"topic_arn", "arn:aws:sns:us-east-1:000000000000:kiln"},
          {"min_size", 1},
          {"max_size", 3},
          {"desired_capacity", 2}}}};
    const auto made = post("/autoscaling-group-builds", json::serialize(group));
    ASSERT_EQ(made.status, 202U) << made.body;
    const auto path = "/autoscaling-group-builds/" +
                      std::string{only(made, "autoscaling_group_builds").at("id").as_string()};
    EXPECT_EQ(get(path).status, 200U);
    const auto resized =
        ask({"PATCH", path, R"({"autoscaling_group_builds":{"desired_capacity":3}})"});
    EXPECT_EQ(only(resized, "autoscaling_group_builds").at("desired_capacity"), json::value(3));
    EXPECT_EQ(ask({"PATCH", path, R"({"autoscaling_group_builds":{}})"}).status, 400U);
    EXPECT_EQ(ask({"PATCH", path, R"({"autoscaling_group_builds":{"max_size":1}})"}).status, 400U);
    EXPECT_EQ(ask({"DELETE", path}).status, 202U);
    EXPECT_EQ(
        parse_json(get("/autoscaling-group-builds").body)
            .at("autoscaling_group_builds")
            .as_array()
            .size(),
        1U
    );
    EXPECT_EQ(get("/autoscaling-group-builds/x").status, 404U);
    EXPECT_EQ(post("/autoscaling-group-builds", "{}").status, 400U);
}

TEST_F(InstanceRoutes, WhatItDoesNotKnowIsToldInItsOwnShape) {
    const auto method = ask({"PUT", "/instances"});
    EXPECT_EQ(method.status, 405U);
    EXPECT_EQ(method.headers.find("Allow"), "GET, HEAD");
    EXPECT_TRUE(parse_json(method.body).at("error").is_string());
    const auto query = get("/instances/i-1?x=1&y=2");
    EXPECT_EQ(query.status, 400U);
    EXPECT_THAT(errors_in(query), SizeIs(2));
}

}  // namespace
}  // namespace kiln::api
