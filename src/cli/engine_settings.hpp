#pragma once

#include "base/settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace kiln::cli {

/// Settings `engine.*`: how state machines run, and what their tasks may reach.
struct EngineConfig {
    Bytes cache;                   ///< for open executions in memory
    std::size_t most_open = 1;     ///< executions
    std::int64_t most_events = 1;  ///< of one execution's history
    Bytes most_payload;
    std::chrono::hours keep{};     ///< closed executions
    std::size_t callers = 1;       ///< threads that call services
    std::string lambda_endpoint;   ///< "": none
    std::string lambda_functions;  ///< "NAME=URL …"
    std::vector<std::string> http_origins;
    std::filesystem::path http_connections;  ///< "": none
    std::vector<std::filesystem::path> item_folders;
};

[[nodiscard]] std::vector<Setting> engine_settings();

[[nodiscard]] EngineConfig engine_config(const Settings& settings);

}  // namespace kiln::cli
