#include "aws/instance_role.hpp"

#include "aws/tests/scripted_service.hpp"

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::ScriptedService;
using ::testing::SizeIs;

class Role : public ::testing::Test {
  protected:
    void answer_with_keys(const std::string& id, const std::string& until) {
        service_.answer("TOKEN").answer("baker\n").answer(
            R"({"Code":"Success","AccessKeyId":")" + id +
            R"(","SecretAccessKey":"s","Token":"t","Expiration":")" + until + "\"}"
        );
    }

    ScriptedService service_;
    InstanceRole role_{"http://127.0.0.1:9", service_.world().transport, service_.clock};
};

TEST_F(Role, IsAskedOfTheMetadataServiceWithAToken) {
    answer_with_keys("A", "2026-01-01T06:00:00Z");
    EXPECT_EQ(role_.current(), (Credentials{"A", "s", "t"}));
    const auto& asked = service_.requests;
    ASSERT_THAT(asked, SizeIs(3));
    EXPECT_EQ(asked[0].method, "PUT");
    EXPECT_EQ(asked[0].url, "http://127.0.0.1:9/latest/api/token");
    EXPECT_EQ(asked[2].url, "http://127.0.0.1:9/latest/meta-data/iam/security-credentials/baker");
    EXPECT_EQ(asked[2].headers.value_or("x-aws-ec2-metadata-token", ""), "TOKEN");
}

TEST_F(Role, KeysAreKeptUntilShortlyBeforeTheyRunOut) {
    answer_with_keys("A", "2026-01-01T06:00:00Z");
    (void)role_.current();
    service_.clock.advance(5h + 54min);
    EXPECT_EQ(role_.current().access_key_id, "A");
    service_.clock.advance(2min);
    answer_with_keys("B", "2026-01-01T12:00:00Z");
    EXPECT_EQ(role_.current().access_key_id, "B");
}

TEST_F(Role, KeysThatAreStillGoodAreUsedOnWhenNobodyAnswers) {
    answer_with_keys("A", "2026-01-01T06:00:00Z");
    (void)role_.current();
    service_.clock.advance(5h + 58min);
    service_.break_off(ErrorKind::timed_out);
    EXPECT_EQ(role_.current().access_key_id, "A");
    service_.clock.advance(3min);
    service_.break_off(ErrorKind::timed_out);
    EXPECT_EQ(kind_of([&] { (void)role_.current(); }), ErrorKind::denied);
}

TEST_F(Role, KeysThatAServiceCallsExpiredAreNotGivenAgain) {
    answer_with_keys("A", "2026-01-01T06:00:00Z");
    const auto first = role_.current();
    role_.expired(first);
    answer_with_keys("B", "2026-01-01T06:00:00Z");
    EXPECT_EQ(role_.current().access_key_id, "B");
    role_.expired(first);
    EXPECT_EQ(role_.current().access_key_id, "B");
}

TEST_F(Role, OfAMachineThatHasNoneIsDeniedWithARemedy) {
    service_.answer("TOKEN").fail(404, "");
    const auto error = error_of([&] { (void)role_.current(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::denied);
    EXPECT_THAT(error->message(), HasSubstr("answers 404"));
    EXPECT_THAT(error->hint(), HasSubstr("AWS_ACCESS_KEY_ID"));
}

TEST(MetadataEndpoint, IsTheOneOfEveryInstanceUnlessNamedOrDisabled) {
    EXPECT_EQ(metadata_endpoint({}), "http://169.254.169.254");
    EXPECT_EQ(
        metadata_endpoint({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[fd00:ec2::254]/"}}),
        "http://[fd00:ec2::254]"
    );
    EXPECT_EQ(metadata_endpoint({{"AWS_EC2_METADATA_DISABLED", "true"}}), std::nullopt);
}

TEST(FindCredentials, TakesTheMachinesRoleWhenNothingElseIsThere) {
    const auto role = std::make_shared<StaticCredentials>(Credentials{"R", "s", "t"});
    EXPECT_EQ(find_credentials({}, {}, role), role);
    EXPECT_EQ(
        find_credentials({{"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "s"}}, {}, role)
            ->current()
            .access_key_id,
        "E"
    );
}

}  // namespace
}  // namespace kiln::aws
