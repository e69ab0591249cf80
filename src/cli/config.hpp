#pragma once

#include "base/log.hpp"
#include "base/settings.hpp"
#include "cli/engine_settings.hpp"
#include "cli/notify_settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::cli {

/// What the host decides about defaults.
struct Host {
    std::filesystem::path home;  ///< /var/lib/kiln for root, else ~/.local/share/kiln
    std::int64_t cores = 1;
};

[[nodiscard]] Host this_host();

/// Every setting of the program, declared once.
[[nodiscard]] std::vector<Setting> declared_settings(const Host& host);

/// Variables named KILN_… that are no settings.
[[nodiscard]] std::vector<std::string> other_variables();

/// The settings with their types, for the parts that are built from them.
struct Config {
    std::filesystem::path home;
    LogLevel log_level = LogLevel::warning;
    LogShape log_shape = LogShape::text;
    std::size_t bake_concurrency = 1;
    std::chrono::seconds bake_deadline{};
    std::chrono::seconds bake_hang_after{};
    Duration bake_keep_records{};
    Duration gc_keep_reply_queues{};
    Bytes checkpoint_budget;
    std::size_t cache_count = 0;  ///< 0: no volumes are kept ready
    Bytes cache_budget;
    std::size_t cache_hot = 0;
    Duration cache_half_life{};
    Bytes cache_read_in;
    Bytes local_min_free;
    std::size_t local_flatten_depth = 0;
    std::string local_account;
    std::string boot_test_accelerator;  ///< "auto", "kvm", "emulation"
    std::string server_listen;
    std::filesystem::path server_tls_cert;  ///< "": no TLS
    std::filesystem::path server_tls_key;
    unsigned server_max_connections = 1;
    std::chrono::seconds server_drain{};
    std::chrono::seconds server_sweep_every{};
    std::chrono::seconds server_upkeep_every{};
    std::string server_url;  ///< "": the server of this home
    std::string token;       ///< "": that of this home's credentials
    std::size_t bakery_concurrency = 1;
    std::int64_t bakery_max_receives = 1;
    std::chrono::seconds bakery_min_time_left{};
    std::string redis_url;  ///< "": requests name no Redis
    std::chrono::milliseconds redis_connect_time{};
    std::chrono::milliseconds redis_answer_time{};
    EngineConfig engine;
    NotifyConfig notify;
    std::filesystem::path provenance_key;  ///< "": not signed
    std::string provenance_builder;
};

[[nodiscard]] Config config_from(const Settings& settings);

/// What the command line says about settings.
struct SettingFlags {
    std::optional<std::filesystem::path> config;  ///< --config
    std::optional<std::string> home;              ///< --home
    std::vector<std::string> set;                 ///< --set, NAME=VALUE each
};

/// Reads file, environment and flags.
/// @throws Error  invalid: unknown or bad settings · not_found: the file of --config
[[nodiscard]] Settings load_settings(
    const Host& host,
    const SettingFlags& flags,
    const std::vector<std::pair<std::string, std::string>>& environment
);

/// This process' environment.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> environment();

}  // namespace kiln::cli
