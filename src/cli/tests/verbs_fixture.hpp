#pragma once

#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "fake_services.hpp"
#include "os/files.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::cli::testing {

/// The whole command line on a world in memory, with a home folder on disk.
class VerbsTest : public ::testing::Test {
  protected:
    /// @returns the exit code; `out` and `err` are what this run printed
    int run(const std::vector<std::string>& words) {
        out.clear();
        err.clear();
        const Process process{
            .output =
                {[&](std::string_view text) { out += text; },
                 [&](std::string_view text) { err += text; },
                 {},
                 {}},
            .host = {folder.path(), 4},
            .environment = environment,
            .version = "1.2.3",
            .enter_private_mounts = [] {},
            .services = [&](const Config&, const SettingFlags&, Needs
                        ) { return std::make_unique<FakeServices>(world); },
            .watch_signals = [](const std::stop_source&, const std::stop_source&)
                -> std::shared_ptr<void> { return nullptr; },
        };
        return cli::run(grammar(), words, process);
    }

    os::TempDir folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-test");
    FakeWorld world;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string out, err;
};

}  // namespace kiln::cli::testing
