#include "compute/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::compute {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

NetworkPlan plan() {
    NetworkPlan one;
    one.id = InstanceId::parse("i-0123456789abcdef0");
    one.address = "10.71.4.2";
    one.gateway = "10.71.4.1";
    one.home_cidr = "10.71.4.0/24";
    return one;
}

TEST(Network, AHomeHasOneNetworkAndItStaysThat) {
    const auto one = home_network("/var/lib/kiln");
    const auto again = home_network("/var/lib/kiln");
    EXPECT_EQ(one.cidr, again.cidr);
    EXPECT_NE(one.cidr, home_network("/home/someone/kiln").cidr);
    EXPECT_THAT(one.cidr, ::testing::MatchesRegex("10\\.[0-9]+\\.[0-9]+\\.0/24"));
    EXPECT_EQ(one.gateway, one.range.base + "1");
}

TEST(Network, AnInterfacesNameFitsTheKernel) {
    EXPECT_EQ(host_interface(plan().id), "kln0123456789");
    EXPECT_LT(host_interface(plan().id).size(), 16U);
}

TEST(Network, TheRulesReplaceThoseThatAreThere) {
    EXPECT_THAT(
        firewall_rules(plan()),
        ::testing::StartsWith("table inet kiln-i-0123456789abcdef0\n"
                              "delete table inet kiln-i-0123456789abcdef0\n")
    );
}

TEST(Network, WithoutAGroupTheHostAloneMayComeIn) {
    auto one = plan();
    one.default_group = true;
    const auto rules = firewall_rules(one);
    EXPECT_THAT(
        rules,
        HasSubstr("chain from_host {\n"
                  "        ct state established,related accept\n"
                  "        meta nfproto ipv4 accept\n")
    );
    EXPECT_THAT(
        rules,
        HasSubstr("chain inbound {\n"
                  "        ct state established,related accept\n"
                  "        ip saddr 10.71.4.0/24 drop\n"
                  "        drop\n")
    );
}

TEST(Network, NeighboursComeInOnlyByARuleThatMeansThem) {
    auto one = plan();
    one.ingress = {{"tcp", 80, 80, "0.0.0.0/0"}, {"udp", 53, 54, "10.71.4.0/24"}};
    EXPECT_THAT(
        firewall_rules(one),
        HasSubstr("        ct state established,related accept\n"
                  "        ip saddr 10.71.4.0/24 meta nfproto ipv4 udp dport 53-54 accept\n"
                  "        ip saddr 10.71.4.0/24 drop\n"
                  "        meta nfproto ipv4 tcp dport 80 accept\n")
    );
}

TEST(Network, TheHostIsClosedButForThePortsMeantForInstances) {
    auto one = plan();
    one.host_ports = {9324};
    EXPECT_THAT(
        firewall_rules(one),
        HasSubstr("chain to_host {\n"
                  "        ip saddr != 10.71.4.2 drop\n"
                  "        ct state established,related accept\n"
                  "        ip daddr 10.71.4.1 tcp dport 9324 accept\n"
                  "        drop\n")
    );
}

TEST(Network, NameserversOfLoopbackAreOfNoUse) {
    EXPECT_THAT(
        reachable_nameservers("# x\nnameserver 127.0.0.53\nnameserver 9.9.9.9\nnameserver ::1\n"
                              "search example\nnameserver 1.1.1.1\n"),
        ElementsAre("9.9.9.9", "1.1.1.1")
    );
}

}  // namespace
}  // namespace kiln::compute
