#pragma once

#include "base/settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kiln::cli {

/// Settings `instances.*`: the API that hands out machines.
struct InstancesConfig {
    std::string url;               ///< as machines reach the server, no slash at end; "": its own
    std::filesystem::path script;  ///< template of init scripts; "": none
    std::filesystem::path variables;    ///< JSON object of texts for it; "": none
    std::chrono::seconds expiry{};      ///< of an init script
    std::vector<std::string> networks;  ///< CIDRs that may reach port 22 of a build's machines
    std::string name_template;
    std::string role;          ///< where a request names none
    std::string channel;       ///< of Slack; "": the notifier's
    std::string key;           ///< name of a key pair; "": none
    std::int64_t most = 1;     ///< machines of one build
    std::string queue_server;  ///< "": kiln's own queues, else redis://…
    std::string builds_queue, terminations_queue, life_cycle_queue;
    std::size_t workers = 1;  ///< jobs at once, of each queue
    std::chrono::seconds sync_every{};
    std::vector<std::string> sns_topics;
};

[[nodiscard]] std::vector<Setting> instance_settings();

[[nodiscard]] InstancesConfig instances_config(const Settings& settings);

}  // namespace kiln::cli
