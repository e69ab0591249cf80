#pragma once

#include "cli/services.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace kiln::cli {

/// What `main` brings: everything of this process that a command line may need.
struct Process {
    Output output;
    Host host;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string version;
    /// Called before any thread is started, for verbs that mount. @throws Error  denied
    std::function<void()> enter_private_mounts;
    /// Builds the world for a verb that needs so much of it.
    std::function<std::unique_ptr<Services>(const Config&, const SettingFlags&, Needs)> services;
    /// Starts to watch for signals: the first asks to stop, the second not to wait any more. What
    /// it returns ends the watch.
    std::function<std::shared_ptr<void>(std::stop_source stop, std::stop_source again)>
        watch_signals;
};

/// Runs one command line, errors and all. @returns the exit code. Never throws.
[[nodiscard]] int run(
    const Grammar& grammar, const std::vector<std::string>& words, const Process& process
) noexcept;

}  // namespace kiln::cli
