#include "maintenance.hpp"

#include "base/log.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <spawn.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kiln {

namespace {

constexpr const char* kOwnMounts = "/proc/self/ns/mnt";
constexpr int kLowestPriority = 19;
/// ioprio_set(2): this process, class idle. glibc has no wrapper.
constexpr int kIoprioWhoProcess = 1;
constexpr int kIoprioIdle = 3 << 13;

void spawn_detached(const std::string& program, const std::vector<std::string>& arguments) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    }
    sigset_t none;
    sigset_t pipe;
    sigemptyset(&none);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &pipe);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    );
    auto copies = arguments;
    std::vector<char*> argv;
    for (auto& argument : copies) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, program.c_str(), &files, &attributes, argv.data(), ::environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        throw Error::from_errno(error, "start '" + program + "'");
    }
}

}  // namespace

Maintenance::Maintenance() : mounts_{::open(kOwnMounts, O_RDONLY | O_CLOEXEC)} {}

void Maintenance::configure(const cli::Config& config, const cli::SettingFlags& flags) {
    settings_ = {"--home", config.home.string()};
    if (flags.config) {
        settings_.insert(
            settings_.end(), {"--config", std::filesystem::absolute(*flags.config).string()}
        );
    }
    for (const auto& setting : flags.set) {
        settings_.insert(settings_.end(), {"--set", setting});
    }
}

void Maintenance::start_if_wanted() noexcept {
    if (!collect_ && !fill_cache_) {
        return;
    }
    try {
        const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
        // A child in our private namespace would keep it alive, and every mount in it.
        if (mounts_ && ::setns(mounts_.get(), CLONE_NEWNS) != 0 && errno != EPERM) {
            throw_errno("return to the first mount namespace");
        }
        (void)::setpriority(PRIO_PROCESS, 0, kLowestPriority);
        (void)::syscall(SYS_ioprio_set, kIoprioWhoProcess, 0, kIoprioIdle);
        const auto start = [&](std::vector<std::string> words) {
            words.insert(words.end(), settings_.begin(), settings_.end());
            spawn_detached(program, words);
        };
        if (collect_) {
            start({"kiln", "gc", "--maintenance"});
        }
        if (fill_cache_) {
            start({"kiln", "cache", "fill", "--quiet"});
        }
    } catch (const std::exception& error) {
        log_debug("maintenance is left to the next kiln gc", {{"error", error.what()}});
    }
}

}  // namespace kiln
