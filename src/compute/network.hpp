#pragma once

#include "ports/instance_store.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The network of local instances, as texts for `ip -batch` and `nft -f`. Pure.
///
/// Each instance has a network namespace of its own, joined with the host by one veth pair, and an
/// address that the host routes to it. There is no bridge, so no frame reaches another instance:
/// all that an instance sends passes the host's rules. The rules of one instance are one nftables
/// table. Namespace and pair go with the last process in it; the table is in the ledger.
namespace kiln::compute {

inline constexpr const char* kMetadataAddress = "169.254.169.254";
/// Where the service really listens: what goes to its port 80 is sent there, so that a guest's own
/// server may have port 80 of every address. Above the ports that the kernel gives out.
inline constexpr std::uint16_t kMetadataPort = 61'680;

/// The addresses of one home: a /24 network of 10.64.0.0/10, chosen by a hash of the home.
struct HomeNetwork {
    std::string cidr;     ///< "10.71.4.0/24"
    std::string gateway;  ///< "10.71.4.1": the host, as instances see it
    ports::AddressRange range;
};

/// @param home  the absolute path of KILN_HOME
[[nodiscard]] HomeNetwork home_network(const std::string& home);

/// What one instance's network is made from.
struct NetworkPlan {
    InstanceId id;
    std::string address;
    std::string gateway;
    std::string home_cidr;
    std::vector<ports::IngressRule> ingress;
    bool default_group = false;             ///< no group: this host may come in, nobody else
    std::vector<std::uint16_t> host_ports;  ///< TCP ports of the gateway that it may reach
};

/// "kln" and ten hex digits: an interface's name has at most 15 characters.
[[nodiscard]] std::string host_interface(const InstanceId& id);
[[nodiscard]] std::string firewall_name(const InstanceId& id);

/// Run inside the namespace. @param host_process  one in the host's namespace
[[nodiscard]] std::string inner_commands(const NetworkPlan& plan, int host_process);
/// The rules inside the namespace, for `nft -f -`: they and it end together.
[[nodiscard]] std::string inner_rules();
/// Run in the host's, after those.
[[nodiscard]] std::string outer_commands(const NetworkPlan& plan);
/// The table as `nft -f -` takes it; one that is there is replaced in the same transaction.
[[nodiscard]] std::string firewall_rules(const NetworkPlan& plan);

/// The first nameservers of a resolv.conf that can be reached from elsewhere: none of loopback.
[[nodiscard]] std::vector<std::string> reachable_nameservers(const std::string& resolv_conf);

}  // namespace kiln::compute
