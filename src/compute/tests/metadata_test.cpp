#include "compute/metadata.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::compute {
namespace {

using namespace std::chrono_literals;

const TimePoint kToday{std::chrono::seconds{1'800'000'000}};
const MetadataTokens::Clock::time_point kNow{1h};

MetadataFacts facts() {
    MetadataFacts all;
    all.instance.id = InstanceId::parse("i-0123456789abcdef0");
    all.instance.image = ImageId::parse("ami-0123456789abcdef0");
    all.instance.type = "ct.small";
    all.instance.zone = "local-1a";
    all.instance.private_ip = "10.71.4.2";
    all.instance.state = ports::InstanceState::running;
    all.instance.tags = {{"Name", "web-1"}, {"role", "web"}};
    all.hostname = "ip-10-71-4-2";
    all.group_names = {"web"};
    return all;
}

class Metadata : public ::testing::Test {
  protected:
    net::Response ask(
        const std::string& method, const std::string& target, net::Headers headers = {}
    ) {
        net::Request request;
        request.method = method;
        request.target = target;
        request.headers = std::move(headers);
        return answer_metadata(request, all, tokens, now, kToday);
    }

    std::string token(const std::string& ttl = "60") {
        return ask("PUT", "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", ttl}}
        ).body;
    }

    net::Response get(const std::string& path) {
        return ask("GET", "/latest/" + path, {{"x-aws-ec2-metadata-token", token()}});
    }

    MetadataFacts all = facts();
    MetadataTokens tokens;
    MetadataTokens::Clock::time_point now = kNow;
};

TEST_F(Metadata, NothingIsAnsweredWithoutAToken) {
    EXPECT_EQ(ask("GET", "/latest/meta-data/instance-id").status, 401U);
    EXPECT_EQ(
        ask("GET", "/latest/meta-data/", {{"X-aws-ec2-metadata-token", "guessed"}}).status, 401U
    );
}

TEST_F(Metadata, ATokenIsGoodForItsTime) {
    const auto mine = token("60");
    const net::Headers with{{"X-aws-ec2-metadata-token", mine}};
    EXPECT_EQ(ask("GET", "/latest/meta-data/instance-id", with).body, "i-0123456789abcdef0");
    now += 60s;
    EXPECT_EQ(ask("GET", "/latest/meta-data/instance-id", with).status, 401U);
}

TEST_F(Metadata, ATokensTimeIsChecked) {
    for (const auto* bad : {"", "0", "21601", "-1", "60s"}) {
        EXPECT_EQ(
            ask("PUT", "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", bad}}).status,
            400U
        ) << bad;
    }
}

TEST_F(Metadata, WhoSpeaksForOthersGetsNoToken) {
    EXPECT_EQ(
        ask("PUT",
            "/latest/api/token",
            {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}, {"X-Forwarded-For", "10.0.0.9"}}
        ).status,
        403U
    );
}

TEST_F(Metadata, LeavesAndFoldersAreListed) {
    EXPECT_EQ(get("meta-data/local-ipv4").body, "10.71.4.2");
    EXPECT_EQ(get("meta-data/tags/instance").body, "Name\nrole");
    EXPECT_EQ(get("meta-data/tags/instance/role").body, "web");
    EXPECT_EQ(get("meta-data/placement/").body, "availability-zone\nregion");
    EXPECT_EQ(get("meta-data/security-groups").body, "web");
    EXPECT_THAT(get("meta-data").body, ::testing::HasSubstr("placement/\n"));
    EXPECT_THAT(get("dynamic/instance-identity/document").body, ::testing::HasSubstr("local-1a"));
    EXPECT_EQ(get("meta-data/no-such").status, 404U);
    EXPECT_EQ(get("user-data").status, 404U);
    EXPECT_EQ(get("meta-data/public-keys/").status, 404U);
}

TEST_F(Metadata, AnEndIsAnnounced) {
    EXPECT_EQ(get("meta-data/spot/instance-action").status, 404U);
    all.instance.state = ports::InstanceState::shutting_down;
    EXPECT_THAT(get("meta-data/spot/instance-action").body, ::testing::HasSubstr("\"terminate\""));
}

TEST_F(Metadata, OtherMethodsAreRefused) {
    EXPECT_EQ(ask("POST", "/latest/meta-data/").status, 405U);
    EXPECT_EQ(ask("PUT", "/latest/meta-data/").status, 405U);
}

}  // namespace
}  // namespace kiln::compute
