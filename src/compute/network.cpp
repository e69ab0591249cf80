#include "compute/network.hpp"

#include "base/sha256.hpp"
#include "ports/instance_rules.hpp"

#include <sstream>

#include <fmt/format.h>

namespace kiln::compute {

namespace {

constexpr std::size_t kMostNameservers = 3;
constexpr std::size_t kDigitsOfInterface = 10;

/// One rule of a group as nftables says it, without its verdict.
std::string condition(const ports::IngressRule& rule) {
    const auto from = rule.cidr == "0.0.0.0/0" ? "" : "ip saddr " + rule.cidr + " ";
    if (rule.protocol == "icmp") {
        return from + "meta l4proto icmp";
    }
    const auto ports = rule.from_port == rule.to_port
                           ? std::to_string(rule.from_port)
                           : fmt::format("{}-{}", rule.from_port, rule.to_port);
    return fmt::format("{}meta nfproto ipv4 {} dport {}", from, rule.protocol, ports);
}

/// Other instances come in only by a rule that means them: one of a network within theirs.
bool means_neighbours(const ports::IngressRule& rule, const std::string& home_cidr) {
    const auto home = ports::parse_network(home_cidr);
    const auto network = ports::parse_network(rule.cidr);
    return home && network && home->holds(*network);
}

void add(std::string& text, std::string_view line) {
    text += fmt::format("        {}\n", line);
}

std::string inbound(const NetworkPlan& plan) {
    std::string text;
    add(text, "ct state established,related accept");
    for (const auto& rule : plan.ingress) {
        if (means_neighbours(rule, plan.home_cidr)) {
            add(text, condition(rule) + " accept");
        }
    }
    add(text, fmt::format("ip saddr {} drop", plan.home_cidr));
    for (const auto& rule : plan.ingress) {
        add(text, condition(rule) + " accept");
    }
    add(text, "drop");
    return text;
}

/// From the host itself, whose packets have its address as the instance sees it.
std::string from_host(const NetworkPlan& plan) {
    std::string text;
    add(text, "ct state established,related accept");
    if (plan.default_group) {
        add(text, "meta nfproto ipv4 accept");
    }
    for (const auto& rule : plan.ingress) {
        add(text, condition(rule) + " accept");
    }
    add(text, "drop");
    return text;
}

std::string to_host(const NetworkPlan& plan) {
    std::string text;
    add(text, fmt::format("ip saddr != {} drop", plan.address));
    add(text, "ct state established,related accept");
    for (const auto port : plan.host_ports) {
        add(text, fmt::format("ip daddr {} tcp dport {} accept", plan.gateway, port));
    }
    add(text, "drop");
    return text;
}

std::string chain(std::string_view name, std::string_view rules) {
    return fmt::format("    chain {} {{\n{}    }}\n", name, rules);
}

std::string hook(std::string_view name, std::string_view rules) {
    return chain(
        name,
        fmt::format("        type filter hook {} priority filter; policy accept;\n{}", name, rules)
    );
}

}  // namespace

HomeNetwork home_network(const std::string& home) {
    const auto digest = sha256(home);
    // 14 bits choose one of the /24 networks of 10.64.0.0/10.
    const auto number = std::stoul(digest.substr(0, 4), nullptr, 16) & 0x3fffU;
    const auto base = fmt::format("10.{}.{}.", 64 + (number >> 8U), number & 255U);
    return {base + "0/24", base + "1", {base, 2, 254}};
}

std::string host_interface(const InstanceId& id) {
    return "kln" + id.str().substr(2, kDigitsOfInterface);
}

std::string firewall_name(const InstanceId& id) {
    return "kiln-" + id.str();
}

std::string inner_commands(const NetworkPlan& plan, int host_process) {
    return fmt::format(
        "link set lo up\n"
        "address add {}/32 dev lo\n"
        "link add eth0 type veth peer name {} netns {}\n"
        "address add {}/32 dev eth0\n"
        "link set eth0 up\n"
        "route add {} dev eth0 scope link\n"
        "route add default via {} dev eth0\n",
        kMetadataAddress,
        host_interface(plan.id),
        host_process,
        plan.address,
        plan.gateway,
        plan.gateway
    );
}

std::string inner_rules() {
    return fmt::format(
        "table ip kiln {{\n"
        "    chain output {{\n"
        "        type nat hook output priority -100; policy accept;\n"
        "        ip daddr {} tcp dport 80 dnat to {}:{}\n"
        "    }}\n"
        "}}\n",
        kMetadataAddress,
        kMetadataAddress,
        kMetadataPort
    );
}

std::string outer_commands(const NetworkPlan& plan) {
    const auto device = host_interface(plan.id);
    return fmt::format(
        "address add {}/32 dev {}\nlink set {} up\nroute add {} dev {} src {}\n",
        plan.gateway,
        device,
        device,
        plan.address,
        device,
        plan.gateway
    );
}

std::string firewall_rules(const NetworkPlan& plan) {
    const auto device = host_interface(plan.id);
    const auto table = "inet " + firewall_name(plan.id);
    // Adding it first makes the deletion succeed where there is none.
    auto text = fmt::format("table {}\ndelete table {}\ntable {} {{\n", table, table, table);
    text += chain("inbound", inbound(plan));
    text += chain("from_host", from_host(plan));
    text += chain("to_host", to_host(plan));
    text += hook("input", fmt::format("        iifname {} jump to_host\n", device));
    text += hook("output", fmt::format("        oifname {} jump from_host\n", device));
    text += hook(
        "forward",
        fmt::format(
            "        iifname {} ip saddr != {} drop\n"
            "        iifname {} meta nfproto ipv6 drop\n"
            "        oifname {} jump inbound\n",
            device,
            plan.address,
            device,
            device
        )
    );
    text += chain(
        "postrouting",
        fmt::format(
            "        type nat hook postrouting priority srcnat; policy accept;\n"
            "        ip saddr {} ip daddr != {} masquerade\n",
            plan.address,
            plan.home_cidr
        )
    );
    return text + "}\n";
}

std::vector<std::string> reachable_nameservers(const std::string& resolv_conf) {
    std::vector<std::string> servers;
    std::istringstream lines{resolv_conf};
    for (std::string line; std::getline(lines, line) && servers.size() < kMostNameservers;) {
        std::istringstream words{line};
        std::string key;
        std::string address;
        if (words >> key >> address && key == "nameserver" && !address.starts_with("127.") &&
            ports::parse_network(address + "/32")) {
            servers.push_back(address);
        }
    }
    return servers;
}

}  // namespace kiln::compute
