#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/verbs.hpp"
#include "maintenance.hpp"
#include "os/mount.hpp"
#include "world.hpp"

#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace kiln {
namespace {

constexpr std::string_view kVersion = KILN_VERSION;

/// A program that is started without one of the first three descriptors would open its files there,
/// and print into them.
void fill_standard_descriptors() {
    for (int fd = ::open("/dev/null", O_RDWR); fd >= 0; fd = ::open("/dev/null", O_RDWR)) {
        if (fd > STDERR_FILENO) {
            ::close(fd);
            return;
        }
    }
}

/// A keeper is nobody's child: whoever started it waits for the first of these two processes, which
/// ends at once. No other thread runs yet.
void leave_parent() {
    if (::fork() != 0) {
        ::_exit(0);
    }
    (void)::setsid();
}

int kiln_main(const std::vector<std::string>& words) {
    Maintenance maintenance;
    const cli::Process process{
        .output = cli::Output::standard(),
        .host = cli::this_host(),
        .environment = cli::environment(),
        .version = std::string{kVersion},
        .enter_private_mounts = [] { os::enter_private_mounts(); },
        .services =
            [&](const cli::Config& config, const cli::SettingFlags& flags, cli::Needs needs) {
                maintenance.configure(config, flags);
                return std::make_unique<World>(config, needs, std::string{kVersion}, maintenance);
            },
        .watch_signals =
            [&process](std::stop_source stop, std::stop_source again) {
                return std::make_shared<cli::SignalWatch>(
                    std::move(stop),
                    std::move(again),
                    [&](std::string_view text) { process.output.remark(text); }
                );
            },
    };
    const int code = cli::run(cli::grammar(), words, process);
    maintenance.start_if_wanted();
    return code;
}

}  // namespace
}  // namespace kiln

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
        const auto line = "kiln " + std::string{kiln::kVersion} + "\n";
        return ::write(STDOUT_FILENO, line.data(), line.size()) < 0 ? 1 : 0;
    }
    kiln::fill_standard_descriptors();
    if (argc > 1 && std::strcmp(argv[1], "keep") == 0) {
        kiln::leave_parent();
    }
    kiln::cli::block_signals();
    return kiln::kiln_main({argv + 1, argv + argc});
}
