#include "instances/desk.hpp"

#include "instances/tests/fake_world.hpp"
#include "ports/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ports::testing::kind_of;
using testing::FakeWorld;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string secret_in(const std::string& user_data) {
    const auto begin = user_data.find("x:") + 2;
    return user_data.substr(begin, user_data.find('@') - begin);
}

Desk::Report finished(std::string instance = "") {
    return {.state = "finished", .instance_id = std::move(instance), .slack_channel = ""};
}

TEST(Desk, AcceptsABuildWithItsRecordAndItsJob) {
    FakeWorld world;
    const auto build = world.submit();
    EXPECT_TRUE(is_uuid(build.id));
    EXPECT_EQ(build.state, BuildState::pending);
    EXPECT_EQ(world.desk().find_build(build.id), build);
    ASSERT_THAT(world.jobs.waiting, SizeIs(1));
    EXPECT_EQ(world.jobs.waiting[0].queue, "instance-builds");
    EXPECT_EQ(kind_of([&] { (void)world.desk().find_build("x"); }), ErrorKind::not_found);
}

TEST(Desk, TheChannelOfTheQueryWins) {
    FakeWorld world;
    const json::value body{
        {"site", "org"},
        {"env", "prod"},
        {"queue", "q"},
        {"instance_type", "ct.small"},
        {"count", 1},
        {"slack_channel", "#body"}};
    EXPECT_EQ(world.desk().submit_build(body, "#query").request.slack_channel, "#query");
    EXPECT_EQ(
        kind_of([&] { (void)world.desk().submit_build(body, "a b\r\nX: y"); }), ErrorKind::invalid
    );
}

TEST(Desk, AFinishedBuildHasNoScriptAnyMoreButItsSecretStillSpeaksForItsMachines) {
    FakeWorld world;
    const auto build = world.built();
    const auto secret = secret_in(world.machines.asked()[0].user_data);
    EXPECT_THAT(world.desk().init_script(build.id), HasSubstr("#!/bin/sh"));
    const auto after = world.desk().finish_build(build.id, finished());
    EXPECT_EQ(after.state, BuildState::finished);
    EXPECT_EQ(kind_of([&] { (void)world.desk().init_script(build.id); }), ErrorKind::not_found);
    EXPECT_TRUE(world.desk().admits(build.id, secret));
    EXPECT_EQ(world.notices.count(Notice::Kind::finished), 1U);
    world.desk().finish_build(build.id, finished());
    EXPECT_EQ(world.notices.count(Notice::Kind::finished), 1U);
}

TEST(Desk, ASecretOpensNothingOnceItsMachinesAreGone) {
    FakeWorld world;
    const auto build = world.built();
    const auto secret = secret_in(world.machines.asked()[0].user_data);
    world.desk().terminate(build.instances[0], "");
    world.work_all();
    world.round();
    world.round();
    EXPECT_FALSE(world.desk().admits(build.id, secret));
}

TEST(Desk, OfSeveralMachinesAllHaveToReport) {
    FakeWorld world;
    const auto build = world.built({{"count", 2}});
    EXPECT_EQ(
        kind_of([&] { world.desk().finish_build(build.id, finished()); }), ErrorKind::not_found
    );
    EXPECT_EQ(
        world.desk().finish_build(build.id, finished(build.instances[0])).state, BuildState::started
    );
    EXPECT_THAT(world.desk().init_script(build.id), HasSubstr("#!/bin/sh"));
    EXPECT_EQ(
        world.desk().finish_build(build.id, finished(build.instances[1])).state,
        BuildState::finished
    );
}

TEST(Desk, AReportThatIsNoneIsRefused) {
    FakeWorld world;
    const auto build = world.built();
    const auto kind = [&](Desk::Report report) {
        return kind_of([&] { world.desk().finish_build(build.id, report); });
    };
    EXPECT_EQ(kind({.state = "done"}), ErrorKind::invalid);
    EXPECT_EQ(kind({.state = "finished", .instance_id = "i-1"}), ErrorKind::not_found);
    EXPECT_EQ(kind({.state = "finished", .slack_channel = "a\nb"}), ErrorKind::invalid);
    EXPECT_EQ(kind({.state = "started"}), std::nullopt);
    EXPECT_EQ(world.build(build.id).state, BuildState::started);
    EXPECT_EQ(
        kind_of([&] { world.desk().finish_build("nobody", finished()); }), ErrorKind::not_found
    );
}

/// The machine boots while its launch is still being written down.
TEST(Desk, AMachineMayCallBeforeItsLaunchIsWrittenDown) {
    FakeWorld world;
    const auto asked = world.submit();
    bool called = false;
    world.fuse.on_burn = [&](int) {
        if (called || world.machines.alive().empty()) {
            return;
        }
        called = true;
        const auto instance = world.machines.alive()[0].id.str();
        EXPECT_EQ(
            world.desk().heartbeat(Caller::machine, asked.id, instance)->instance.id.str(), instance
        );
        world.desk().finish_build(asked.id, finished(instance));
    };
    world.work_all();
    ASSERT_TRUE(called);
    EXPECT_EQ(world.build(asked.id).state, BuildState::finished);
    EXPECT_EQ(world.rows.find_script(asked.id)->script, "");
    EXPECT_EQ(world.notices.count(Notice::Kind::started), 1U);
    EXPECT_THAT(world.machines.alive(), SizeIs(1));
}

TEST(Desk, AScriptExpires) {
    FakeWorld world;
    const auto build = world.built();
    world.clock.advance(world.settings.scripts.expiry);
    EXPECT_EQ(kind_of([&] { (void)world.desk().init_script(build.id); }), ErrorKind::not_found);
}

TEST(Desk, ShowsABuildWithItsMachinesAndHowLongTheyRan) {
    FakeWorld world;
    const auto build = world.built();
    world.clock.advance(std::chrono::seconds{90});
    const auto shown = world.desk().show_build(build.id);
    const auto& machines = shown.at("instances").as_array();
    ASSERT_THAT(machines, SizeIs(1));
    EXPECT_EQ(machines[0].at("id").as_string(), build.instances[0]);
    EXPECT_EQ(machines[0].at("running_seconds").as_double(), 90.0);
    EXPECT_TRUE(machines[0].at("ended_at").is_null());
    EXPECT_THAT(
        json::serialize(shown),
        ::testing::Not(HasSubstr(secret_in(world.machines.asked()[0].user_data)))
    );
}

TEST(Desk, DoesNotSayThatAnInstanceIsNotThereBeforeItHasLooked) {
    FakeWorld world;
    const auto find = [&] { return kind_of([&] { (void)world.desk().find_instance("i-1"); }); };
    world.machines.reachable(false);
    world.round();
    EXPECT_EQ(find(), ErrorKind::unavailable);
    world.machines.reachable(true);
    world.round();
    EXPECT_EQ(find(), ErrorKind::not_found);
}

TEST(Desk, TerminatesWhatThereIsAndNothingElse) {
    FakeWorld world;
    const auto build = world.built();
    world.round();
    EXPECT_EQ(kind_of([&] { world.desk().terminate("i-1", ""); }), ErrorKind::not_found);
    EXPECT_THAT(world.jobs.waiting, IsEmpty());
    world.desk().terminate(build.instances[0], "");
    EXPECT_EQ(world.desk().find_instance(build.instances[0])->expected_state, "down");
    ASSERT_THAT(world.jobs.waiting, SizeIs(1));
    EXPECT_EQ(world.jobs.waiting[0].queue, "instance-terminations");
    world.work_all();
    EXPECT_THAT(world.machines.alive(), IsEmpty());
    EXPECT_EQ(
        kind_of([&] { (void)world.desk().find_instance(build.instances[0]); }), ErrorKind::not_found
    );
}

TEST(Desk, AMachineSpeaksForInstancesOfItsBuildAlone) {
    FakeWorld world;
    const auto one = world.built();
    const auto other = world.built();
    const auto beat = [&](Caller caller, const std::string& build, const std::string& instance) {
        return kind_of([&] { (void)world.desk().heartbeat(caller, build, instance); });
    };
    EXPECT_EQ(beat(Caller::machine, one.id, one.instances[0]), std::nullopt);
    EXPECT_EQ(beat(Caller::machine, one.id, other.instances[0]), ErrorKind::not_found);
    EXPECT_EQ(beat(Caller::token, one.id, other.instances[0]), std::nullopt);
    EXPECT_EQ(beat(Caller::token, one.id, "i-1"), ErrorKind::not_found);
    EXPECT_EQ(beat(Caller::token, "nobody", one.instances[0]), ErrorKind::not_found);
    EXPECT_EQ(
        kind_of([&] { world.desk().terminated(Caller::machine, one.id, other.instances[0], ""); }),
        ErrorKind::not_found
    );
    EXPECT_THAT(world.jobs.waiting, IsEmpty());
}

TEST(Desk, AHeartbeatIsAnsweredThoughAnotherProcessLaunchedTheMachine) {
    FakeWorld world;
    const auto build = world.built();
    world.start();
    const auto seen = world.desk().heartbeat(Caller::machine, build.id, build.instances[0]);
    EXPECT_EQ(seen->instance.id.str(), build.instances[0]);
    EXPECT_EQ(seen->expected_state, "up");
}

json::object sns(const std::string& transition, const std::string& instance) {
    return {
        {"Type", "Notification"},
        {"TopicArn", "arn:aws:sns:us-east-1:1:t"},
        {"Timestamp", "2026-01-01T00:00:00.000Z"},
        {"Message",
         json::serialize(json::object{
             {"LifecycleTransition", "autoscaling:EC2_INSTANCE_" + transition},
             {"EC2InstanceId", instance},
             {"LifecycleActionToken", "token"},
             {"AutoScalingGroupName", "group"},
             {"LifecycleHookName", "hook"}})}};
}

TEST(Sns, AMessageIsTakenOnlyWhenItIsSignedAndOfATopicOfOurs) {
    FakeWorld world;
    const auto build = world.built();
    const auto body = json::serialize(sns("TERMINATING", build.instances[0]));
    const auto kind = [&] { return kind_of([&] { (void)world.desk().sns_message(body); }); };
    EXPECT_EQ(kind(), ErrorKind::denied);
    bool genuine = false;
    world.world().aws.verify = [&](const json::object&) {
        if (!genuine) {
            throw Error{ErrorKind::denied, "not signed by SNS"};
        }
    };
    world.settings.sns_topics = {"arn:aws:sns:us-east-1:1:t"};
    EXPECT_EQ(kind(), ErrorKind::denied);
    genuine = true;
    world.settings.sns_topics = {};
    EXPECT_EQ(kind(), ErrorKind::denied);
    EXPECT_EQ(world.cache().find(build.instances[0])->expected_state, "up");
    world.settings.sns_topics = {"arn:aws:sns:us-east-1:1:t"};
    EXPECT_EQ(kind(), std::nullopt);
    EXPECT_EQ(world.cache().find(build.instances[0])->expected_state, "down");
    world.clock.advance(std::chrono::minutes{61});
    EXPECT_EQ(kind(), ErrorKind::denied);
}

TEST(Sns, AMachineThatHasDrainedLetsItsGroupGoOn) {
    FakeWorld world;
    const auto build = world.built();
    const auto& instance = build.instances[0];
    world.settings.sns_topics = {"arn:aws:sns:us-east-1:1:t"};
    std::vector<LifeCycleAction> completed;
    world.world().aws.verify = [](const json::object&) {};
    world.world().aws.complete = [&](const LifeCycleAction& action) {
        completed.push_back(action);
    };
    (void)world.desk().sns_message(json::serialize(sns("TERMINATING", instance)));
    world.desk().terminated(Caller::machine, build.id, instance, "");
    world.work_all();
    EXPECT_THAT(
        completed,
        ::testing::ElementsAre(LifeCycleAction{
            Transition::terminating, instance, "token", "group", "hook"})
    );
    EXPECT_EQ(world.rows.find_instance(instance)->life_cycle, "");
    EXPECT_THAT(world.machines.alive(), SizeIs(1));
}

TEST(Sns, ASubscriptionIsConfirmedForATopicOfOurs) {
    FakeWorld world;
    world.settings.sns_topics = {"arn:aws:sns:us-east-1:1:t"};
    std::vector<std::string> fetched;
    world.world().aws.verify = [](const json::object&) {};
    world.world().aws.confirm = [&](const std::string& url) { fetched.push_back(url); };
    json::object message{
        {"Type", "SubscriptionConfirmation"},
        {"TopicArn", "arn:aws:sns:us-east-1:1:t"},
        {"Timestamp", "2026-01-01T00:00:00.000Z"},
        {"SubscribeURL", "https://sns.us-east-1.amazonaws.com/?x"}};
    (void)world.desk().sns_message(json::serialize(message));
    EXPECT_THAT(fetched, ::testing::ElementsAre("https://sns.us-east-1.amazonaws.com/?x"));
    message["TopicArn"] = "arn:aws:sns:us-east-1:2:t";
    EXPECT_EQ(
        kind_of([&] { (void)world.desk().sns_message(json::serialize(message)); }),
        ErrorKind::denied
    );
    EXPECT_THAT(fetched, SizeIs(1));
}

struct SnsRow {
    std::string name, text;
    std::optional<ErrorKind> kind;
};

class SnsText : public ::testing::TestWithParam<SnsRow> {};

TEST_P(SnsText, IsIgnoredOrRefused) {
    const auto read = [] { return read_sns(parse_json(GetParam().text)); };
    EXPECT_EQ(kind_of([&] { (void)read(); }), GetParam().kind);
    if (!GetParam().kind) {
        EXPECT_TRUE(std::holds_alternative<Ignored>(read()));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    SnsText,
    ::testing::Values(
        SnsRow{"NoObject", "[]", ErrorKind::invalid},
        SnsRow{"NoType", "{}", ErrorKind::invalid},
        SnsRow{"UnknownType", R"({"Type":"X"})", ErrorKind::invalid},
        SnsRow{"NoMessage", R"({"Type":"Notification"})", ErrorKind::invalid},
        SnsRow{"NoJson", R"({"Type":"Notification","Message":"hello"})", std::nullopt},
        SnsRow{"NoNotice", R"({"Type":"Notification","Message":"{}"})", std::nullopt},
        SnsRow{
            "Test",
            R"({"Type":"Notification","Message":"{\"Event\":\"autoscaling:TEST_NOTIFICATION\"}"})",
            std::nullopt},
        SnsRow{"Unsubscribed", R"({"Type":"UnsubscribeConfirmation"})", std::nullopt}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Desk, StopsTheServer) {
    FakeWorld world;
    world.desk().shutdown();
    EXPECT_TRUE(world.stopped);
}

}  // namespace
}  // namespace kiln::instances
