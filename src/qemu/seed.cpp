#include "qemu/seed.hpp"

#include "base/json.hpp"
#include "qemu/arguments.hpp"

#include <algorithm>

namespace kiln::qemu {

namespace {

json::object meta(const Seed& seed) {
    json::object told{{"instance-id", seed.instance_id}, {"local-hostname", seed.hostname}};
    if (!seed.ssh_key.empty()) {
        told["public-keys"] = json::array{json::value(seed.ssh_key)};
    }
    return told;
}

/// bootcmd runs at every start, runcmd only at the first. systemd's own timer ends the machine
/// though cloud-init and this host do nothing more.
json::object vendor(const Seed& seed) {
    json::object told{{"disable_root", false}};
    if (seed.lifetime) {
        const auto seconds = std::max<std::chrono::seconds::rep>(seed.lifetime->count(), 1);
        json::array command;
        for (const auto* word : {"systemd-run", "--quiet", "--unit=kiln-lifetime"}) {
            command.emplace_back(word);
        }
        command.emplace_back("--on-active=" + std::to_string(seconds) + "s");
        for (const auto* word : {"systemctl", "poweroff"}) {
            command.emplace_back(word);
        }
        json::array commands;
        commands.emplace_back(std::move(command));
        told["bootcmd"] = std::move(commands);
    }
    return told;
}

json::object network(const Seed& seed) {
    json::object card{
        {"match", json::object{{"macaddress", kMacAddress}}},
        {"set-name", "eth0"},
        {"dhcp4", true}};
    if (!seed.nameservers.empty()) {
        json::array addresses;
        for (const auto& address : seed.nameservers) {
            addresses.emplace_back(address);
        }
        card["dhcp4-overrides"] = json::object{{"use-dns", false}};
        card["nameservers"] = json::object{{"addresses", std::move(addresses)}};
    }
    return {{"version", 2}, {"ethernets", json::object{{"eth0", std::move(card)}}}};
}

}  // namespace

std::vector<IsoFile> seed_files(const Seed& seed) {
    // JSON is YAML: no value can end where it should not.
    return {
        {"meta-data", json::serialize(meta(seed)) + "\n"},
        {"user-data", seed.user_data},
        {"vendor-data", "#cloud-config\n" + json::serialize(vendor(seed)) + "\n"},
        {"network-config", json::serialize(network(seed)) + "\n"}};
}

}  // namespace kiln::qemu
