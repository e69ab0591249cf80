#include "instances/build.hpp"

#include "base/testing/kind_of.hpp"
#include "instances/build_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ::testing::HasSubstr;

json::object good() {
    return {
        {"site", "org"},
        {"env", "prod"},
        {"queue", "linux"},
        {"instance_type", "ct.small"},
        {"count", 2}};
}

BuildRequest parse(json::object body) {
    const json::value value = std::move(body);
    return parse_build(value, {});
}

TEST(BuildRequest, IsFilledInWithDefaults) {
    const auto request = parse(good());
    EXPECT_EQ(request.role, "worker");
    EXPECT_EQ(
        request.name_template,
        "{{.Role}}-{{.Site}}-{{.Env}}-{{.Queue}}-{{.InstanceIDWithoutPrefix}}"
    );
    EXPECT_TRUE(request.boot_instance);
    EXPECT_EQ(request.count, 2);
    EXPECT_THAT(request.alternatives, ::testing::ElementsAre(Alternative{"ct.small", "", false}));
}

TEST(BuildRequest, TellsEveryFaultAtOnce) {
    const json::value body{{"env", ""}, {"count", 0}, {"colour", "red"}, {"boot_instance", "yes"}};
    const auto error = error_of([&] { (void)parse_build(body, {}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    std::vector<std::string> where;
    for (const auto& problem : error->problems()) {
        where.push_back(problem.where);
    }
    EXPECT_THAT(
        where,
        ::testing::UnorderedElementsAre(
            "instance_builds.site",
            "instance_builds.env",
            "instance_builds.queue",
            "instance_builds.instance_type",
            "instance_builds.count",
            "instance_builds.boot_instance",
            "instance_builds.colour"
        )
    );
}

TEST(BuildRequest, ThatIsNoObjectIsRefused) {
    EXPECT_EQ(kind_of([] { (void)parse_build(json::value{3}, {}); }), ErrorKind::invalid);
}

struct Bad {
    std::string name, key;
    json::value value;
};

class BadField : public ::testing::TestWithParam<Bad> {};

TEST_P(BadField, IsRefusedByItsName) {
    auto body = good();
    body[GetParam().key] = GetParam().value;
    EXPECT_THAT(message_of([&] { (void)parse(std::move(body)); }), HasSubstr(GetParam().key));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadField,
    ::testing::Values(
        Bad{"ShellInSite", "site", "org; rm -rf /"},
        Bad{"LineBreakInQueue", "queue", "a\nb"},
        Bad{"TemplateInEnv", "env", "{{.Site}}"},
        Bad{"QuoteInRole", "role", "a\"b"},
        Bad{"TooLongSite", "site", json::value(std::string(65, 'a'))},
        Bad{"NegativeCount", "count", -1},
        Bad{"HugeCount", "count", 101},
        Bad{"FractionCount", "count", 1.5},
        Bad{"NoImageId", "ami", "ubuntu"},
        Bad{"NoGroupId", "security_group_id", "default"},
        Bad{"NoSubnetId", "subnet_id", "subnet-xyz"},
        Bad{"UnknownPlaceholder", "name_template", "{{.Colour}}"},
        Bad{"BrokenTemplate", "name_template", "{{.Site"},
        Bad{"LineBreakInName", "name_template", "a\r\nb"},
        Bad{"BadChannel", "slack_channel", "#a b"},
        Bad{"ShortLife", "lifetime_seconds", 3},
        Bad{"NoAlternatives", "alternatives", json::array{}},
        Bad{"UnknownInAlternative", "alternatives", json::array{{{"colour", "red"}}}}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(BuildRequest, HasAlternativesInTheirOrder) {
    auto body = good();
    body["alternatives"] = {{{"spot", true}}, {{"instance_type", "t3.large"}, {"zone", "b"}}};
    EXPECT_THAT(
        parse(std::move(body)).alternatives,
        ::testing::ElementsAre(
            Alternative{"ct.small", "", true}, Alternative{"t3.large", "b", false}
        )
    );
}

InstanceBuild whole() {
    InstanceBuild build;
    build.id = uuid_of("a");
    build.request = parse(good());
    build.request.lifetime = std::chrono::hours{2};
    build.state = BuildState::finished;
    build.revision = 7;
    build.created = TimePoint{Duration{11}};
    build.ended = TimePoint{Duration{12}};
    build.closed = TimePoint{Duration{13}};
    build.image = "ami-1";
    build.group = "sg-1";
    build.group_of = "g";
    build.scripted = build.queued = build.launched = build.named = build.told = true;
    build.tries = 3;
    build.instances = {"i-1", "i-2"};
    build.reported = {"i-1"};
    build.error = "why";
    build.events = {{TimePoint{Duration{14}}, "launched", "text", "i-1"}};
    return build;
}

TEST(InstanceBuild, IsReadBackFromItsRecord) {
    const auto build = whole();
    const auto text = json::serialize(to_record(build));
    EXPECT_EQ(from_record(json::parse(text), 7), build);
}

TEST(InstanceBuild, ARecordThatIsNoneIsCorrupt) {
    EXPECT_EQ(kind_of([] { (void)from_record(json::value{{"id", 3}}, 1); }), ErrorKind::corrupt);
}

TEST(InstanceBuild, IsShownWithIdHrefAndWhatBecameOfIt) {
    const auto shown = to_json(whole());
    EXPECT_EQ(shown.at("href").as_string(), "/instance-builds/" + uuid_of("a"));
    EXPECT_EQ(shown.at("state").as_string(), "finished");
    EXPECT_EQ(shown.at("instance_id").as_string(), "i-1");
    EXPECT_EQ(shown.at("ami").as_string(), "ami-1");
    EXPECT_EQ(shown.at("security_group_id").as_string(), "sg-1");
    EXPECT_EQ(shown.at("lifetime_seconds").as_double(), 7200.0);
}

TEST(InstanceBuild, OfVeryManyEventsTheFirstAndTheNewestStay) {
    InstanceBuild build;
    for (int i = 0; i < 1000; ++i) {
        note(build, {TimePoint{}, "retry", std::to_string(i)});
    }
    EXPECT_EQ(build.events.size(), 200U);
    EXPECT_EQ(build.events.front().message, "0");
    EXPECT_EQ(build.events.back().message, "999");
}

TEST(BuildJobArgs, AreReadBackAsTheSameBuild) {
    auto build = whole();
    const Job job{.queue = "q", .id = "j", .args = build_job_args(build), .retries = 0};
    const auto read = read_build_job(job, {}, TimePoint{});
    EXPECT_EQ(read.id, build.id);
    EXPECT_EQ(read.request, build.request);
    EXPECT_EQ(read.group_of, "g");
}

TEST(BuildJobArgs, OfAnotherClientGetTheSameIdWhenTheyComeAgain) {
    const Job job{.queue = "q", .id = "0123", .args = {good()}, .retries = 0};
    const auto first = read_build_job(job, {}, TimePoint{});
    EXPECT_TRUE(is_uuid(first.id));
    EXPECT_EQ(read_build_job(job, {}, TimePoint{}).id, first.id);
}

TEST(BuildJobArgs, ThatAreNoBuildAreInvalid) {
    for (const json::array& args :
         {json::array{},
          json::array{1},
          json::array{good(), good()},
          json::array{json::object{}}}) {
        const Job job{.queue = "q", .id = "0123", .args = args, .retries = 0};
        EXPECT_EQ(kind_of([&] { (void)read_build_job(job, {}, TimePoint{}); }), ErrorKind::invalid);
    }
}

TEST(Uuid, IsRandomOrFollowsFromAName) {
    EXPECT_TRUE(is_uuid(random_uuid()));
    EXPECT_NE(random_uuid(), random_uuid());
    EXPECT_EQ(uuid_of("x"), uuid_of("x"));
    EXPECT_NE(uuid_of("x"), uuid_of("y"));
    EXPECT_FALSE(is_uuid("0123"));
    EXPECT_FALSE(is_uuid("../../../../../etc/passwd-0123456789ab"));
}

}  // namespace
}  // namespace kiln::instances
