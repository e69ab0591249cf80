#include "aws/shared_config.hpp"

#include "aws/credentials.hpp"
#include "aws/location.hpp"
#include "base/testing/kind_of.hpp"

#include <fstream>
#include <stdlib.h>

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST(SharedConfig, IsReadByTheRulesOfAwsTools) {
    const auto sections = parse_sections(
        "# a comment\n"
        "[default]\r\n"
        "region = eu-west-1\r\n"
        "aws_secret_access_key=a#b;c  # a comment, since a space is before it\n"
        "\n"
        "[ profile   build ]  ; titles may have comments too\n"
        "services = local\n"
        "s3 =\n"
        "  endpoint_url = http://127.0.0.1:1\n"
        "\tmax_concurrent_requests=3\n"
        "region=us-east-1\n",
        "config"
    );
    EXPECT_THAT(
        sections.at("default"),
        ElementsAre(Pair("aws_secret_access_key", "a#b;c"), Pair("region", "eu-west-1"))
    );
    EXPECT_THAT(
        sections.at("profile build"),
        ElementsAre(
            Pair("region", "us-east-1"),
            Pair("s3", ""),
            Pair("s3.endpoint_url", "http://127.0.0.1:1"),
            Pair("s3.max_concurrent_requests", "3"),
            Pair("services", "local")
        )
    );
}

TEST(SharedConfig, BadLinesAreRefusedByNumberWithoutBeingRepeated) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"[default\n", "config:1: a section's title"},
        {"[]\n", "config:1: a section's title"},
        {"\nkey = hunter2\n", "config:2: a value stands before"},
        {"[default]\nhunter2\n", "config:2: this is no"},
        {"[default]\n= hunter2\n", "config:2: this is no"},
    };
    for (const auto& [text, message] : rows) {
        EXPECT_THAT(
            message_of([&] { (void)parse_sections(text, "config"); }),
            AllOf(HasSubstr(message), Not(HasSubstr("hunter2")))
        ) << text;
    }
}

/// Files as a home folder has them.
SharedFiles files(std::string_view config, std::string_view credentials) {
    return {
        parse_sections(config, "config"),
        parse_sections(credentials, "credentials"),
        "/home/u/.aws/config",
        "/home/u/.aws/credentials"};
}

TEST(Profile, IsMadeOfBothFilesAndTheCredentialsFileWins) {
    const auto both = files(
        "[profile a]\nregion=eu-west-1\naws_access_key_id=config\n", "[a]\naws_access_key_id=keys\n"
    );
    EXPECT_THAT(
        both.profile("a").value(),
        ElementsAre(Pair("aws_access_key_id", "keys"), Pair("region", "eu-west-1"))
    );
    EXPECT_EQ(both.profile("b"), std::nullopt);
    EXPECT_TRUE(active_profile({}, both).empty());
}

TEST(Profile, ThatIsNamedButAbsentIsRefusedWithThoseThereAre) {
    const auto both = files("[profile a]\nregion=x\n[sso-session s]\n", "[b]\n");
    const auto error = error_of([&] { (void)active_profile({{"AWS_PROFILE", "c"}}, both); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::not_found);
    EXPECT_THAT(error->message(), HasSubstr("'c'"));
    EXPECT_EQ(error->hint(), "profiles: a, b");
}

TEST(FindCredentials, TakesTheEnvironmentBeforeTheProfile) {
    const auto both = files("", "[default]\naws_access_key_id=F\naws_secret_access_key=fs\n");
    const Variables environment{
        {"AWS_ACCESS_KEY_ID", "E"}, {"AWS_SECRET_ACCESS_KEY", "es"}, {"AWS_SESSION_TOKEN", "t"}};
    EXPECT_EQ(find_credentials(environment, both)->current(), (Credentials{"E", "es", "t"}));
    EXPECT_EQ(find_credentials({}, both)->current(), (Credentials{"F", "fs", ""}));
}

struct BadKeys {
    const char* name;
    Variables environment;
    const char* credentials;
    ErrorKind kind;
    const char* message;
};

class FindCredentialsOf : public ::testing::TestWithParam<BadKeys> {};

TEST_P(FindCredentialsOf, IsRefusedWithWhatIsMissing) {
    const auto both = files("", GetParam().credentials);
    const auto error = error_of([&] { (void)find_credentials(GetParam().environment, both); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), GetParam().kind);
    EXPECT_THAT(error->message(), AllOf(HasSubstr(GetParam().message), Not(HasSubstr("hunter2"))));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    FindCredentialsOf,
    ::testing::ValuesIn(std::vector<BadKeys>{
        {"nothing", {}, "", ErrorKind::denied, "'default' ('/home/u/.aws/config'"},
        {"secret_only",
         {{"AWS_SECRET_ACCESS_KEY", "hunter2"}},
         "",
         ErrorKind::invalid,
         "AWS_ACCESS_KEY_ID is not"},
        {"id_only",
         {{"AWS_ACCESS_KEY_ID", "A"}},
         "",
         ErrorKind::invalid,
         "AWS_SECRET_ACCESS_KEY is not"},
        {"half_profile",
         {},
         "[default]\naws_secret_access_key=hunter2\n",
         ErrorKind::invalid,
         "no aws_access_key_id"},
        {"process",
         {},
         "[default]\ncredential_process=get hunter2\n",
         ErrorKind::invalid,
         "credential_process, which kiln does not support"},
        {"role",
         {{"AWS_PROFILE", "r"}},
         "[r]\nrole_arn=arn:x\nsource_profile=default\n",
         ErrorKind::invalid,
         "'r' gets its keys by role_arn"},
        {"profile_absent", {{"AWS_PROFILE", "r"}}, "", ErrorKind::not_found, "names 'r'"},
    }),
    [](const auto& row) { return std::string{row.param.name}; }
);

struct PlaceRow {
    const char* name;
    Variables environment;
    const char* config;
    Location expected;
};

class Locate : public ::testing::TestWithParam<PlaceRow> {};

TEST_P(Locate, FollowsTheOrderOfAwsTools) {
    EXPECT_EQ(
        locate("sqs", "", GetParam().environment, files(GetParam().config, "")), GetParam().expected
    );
}

constexpr const char* kConfig =
    "[default]\nregion=eu-west-1\nendpoint_url=http://127.0.0.1:3\nservices=s\n"
    "[services s]\nsqs =\n  endpoint_url = http://127.0.0.1:4/\n"
    "[profile plain]\nregion=us-east-2\n"
    "[profile all]\nregion=us-east-2\nendpoint_url=https://aws.example\n";

INSTANTIATE_TEST_SUITE_P(
    Table,
    Locate,
    ::testing::ValuesIn(std::vector<PlaceRow>{
        {"service_variable",
         {{"AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1"},
          {"AWS_ENDPOINT_URL", "http://127.0.0.1:2"}},
         kConfig,
         {"eu-west-1", "http://127.0.0.1:1"}},
        {"variable",
         {{"AWS_ENDPOINT_URL", "http://[::1]:2"}},
         kConfig,
         {"eu-west-1", "http://[::1]:2"}},
        {"services_section", {}, kConfig, {"eu-west-1", "http://127.0.0.1:4"}},
        {"profile", {{"AWS_PROFILE", "all"}}, kConfig, {"us-east-2", "https://aws.example"}},
        {"default_endpoint",
         {{"AWS_PROFILE", "plain"}},
         kConfig,
         {"us-east-2", "https://sqs.us-east-2.amazonaws.com"}},
        {"ignored",
         {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}},
         kConfig,
         {"eu-west-1", "https://sqs.eu-west-1.amazonaws.com"}},
        {"region_variable",
         {{"AWS_REGION", "cn-north-1"}, {"AWS_DEFAULT_REGION", "us-west-1"}},
         "",
         {"cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn"}},
        {"default_region",
         {{"AWS_DEFAULT_REGION", "us-west-1"}},
         kConfig,
         {"us-west-1", "http://127.0.0.1:4"}},
    }),
    [](const auto& row) { return std::string{row.param.name}; }
);

TEST(Locate, RegionThatIsAskedForComesBeforeAllOthers) {
    EXPECT_EQ(locate("sqs", "ap-south-1", {{"AWS_REGION", "x"}}, {}).region, "ap-south-1");
    EXPECT_EQ(configured_region({{"AWS_DEFAULT_REGION", "eu-west-1"}}, {}), "eu-west-1");
    EXPECT_EQ(configured_region({}, {}), std::nullopt);
}

TEST(Locate, RefusesWhatIsNeitherRegionNorEndpoint) {
    const auto message = [](Variables environment) {
        return message_of([&] { (void)locate("sqs", "", environment, {}); });
    };
    EXPECT_THAT(message({}), HasSubstr("no AWS region"));
    EXPECT_THAT(message({{"AWS_REGION", "eu west"}}), HasSubstr("'eu west' is not an AWS region"));
    EXPECT_THAT(
        message({{"AWS_REGION", "r"}, {"AWS_ENDPOINT_URL", "127.0.0.1:1"}}),
        HasSubstr("AWS_ENDPOINT_URL: ")
    );
    EXPECT_THAT(
        message({{"AWS_REGION", "r"}, {"AWS_ENDPOINT_URL_SQS", "http://u:hunter2@h"}}),
        AllOf(HasSubstr("AWS_ENDPOINT_URL_SQS: it must have no"), Not(HasSubstr("hunter2")))
    );
    EXPECT_THAT(
        message({{"AWS_REGION", "r"}, {"AWS_ENDPOINT_URL", "ftp://h"}}),
        HasSubstr("https:// or http://")
    );
}

class SharedFilesOnDisk : public ::testing::Test {
  protected:
    SharedFilesOnDisk() {
        std::string name = std::filesystem::temp_directory_path() / "kiln-aws-XXXXXX";
        home_ = ::mkdtemp(name.data());
        std::filesystem::create_directory(home_ / ".aws");
    }

    ~SharedFilesOnDisk() override { std::filesystem::remove_all(home_); }

    std::filesystem::path home_;
};

TEST_F(SharedFilesOnDisk, AreFoundInTheHomeFolderOrWhereVariablesSay) {
    std::ofstream{home_ / ".aws/config"} << "[default]\nregion=r1\n";
    std::ofstream{home_ / "other"} << "[default]\nregion=r2\n";
    const auto in_home = read_shared_files({{"HOME", home_}});
    EXPECT_EQ(in_home.profile("default")->at("region"), "r1");
    EXPECT_TRUE(in_home.credentials.empty());
    const auto named = read_shared_files({{"HOME", home_}, {"AWS_CONFIG_FILE", home_ / "other"}});
    EXPECT_EQ(named.profile("default")->at("region"), "r2");
    EXPECT_TRUE(read_shared_files({}).config.empty());
}

}  // namespace
}  // namespace kiln::aws
