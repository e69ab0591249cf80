#include "os/exec.hpp"

#include "base/error.hpp"
#include "os/programs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <new>
#include <optional>
#include <type_traits>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::os {

namespace {

constexpr int kStandardFds = 3;
constexpr int kFirstHighFd = 10;  // PassedFd::to ends at 9

std::filesystem::path program_of(const Command& command) {
    if (command.argv.empty() || command.argv[0].empty()) {
        throw Error{ErrorKind::invalid, "run a program: no program is named"};
    }
    if (auto path = find_program(command.argv[0])) {
        return *path;
    }
    throw no_such_program(command.argv[0]);
}

void refuse_nul(std::string_view text, std::string_view what) {
    if (text.find('\0') != std::string_view::npos) {
        throw Error{ErrorKind::invalid, fmt::format("run a program: {} has a NUL in it", what)};
    }
}

std::vector<std::string> variables_of(const Command& command) {
    std::vector<std::string> variables;
    const auto is_set = [&](std::string_view name) {
        return std::any_of(
            command.environment.begin(),
            command.environment.end(),
            [&](const auto& pair) { return pair.first == name; }
        );
    };
    for (char** ours = environ; !command.clear_environment && *ours != nullptr; ++ours) {
        const std::string_view variable{*ours};
        if (!is_set(variable.substr(0, variable.find('=')))) {
            variables.emplace_back(variable);
        }
    }
    for (const auto& [name, value] : command.environment) {
        refuse_nul(name, "the environment");
        refuse_nul(value, "the environment");
        if (name.empty() || name.find('=') != std::string::npos) {
            throw Error{
                ErrorKind::invalid,
                fmt::format("run a program: '{}' is no name for an environment variable", name)};
        }
        variables.push_back(fmt::format("{}={}", name, value));
    }
    return variables;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const auto& text : texts) {
        pointers.push_back(const_cast<char*>(text.c_str()));  // execve's type; it does not write
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// A stack for the child, with a page below it that ends the process when the stack is too small.
class ChildStack {
  public:
    ChildStack() {
        if (base_ == MAP_FAILED) {
            throw_errno("make room for a child process");
        }
        ::mprotect(base_, kGuard, PROT_NONE);
    }

    ChildStack(const ChildStack&) = delete;
    ChildStack& operator=(const ChildStack&) = delete;

    ~ChildStack() { ::munmap(base_, kSize); }

    [[nodiscard]] void* top() const { return static_cast<char*>(base_) + kSize; }

  private:
    static constexpr std::size_t kSize = 128U << 10;
    static constexpr std::size_t kGuard = 4U << 10;
    void* base_ = ::mmap(
        nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0
    );
};

/// Room for a T that a child process shares although its memory is a copy of ours.
template <typename T>
class SharedMemory {
  public:
    SharedMemory() {
        if (base_ == MAP_FAILED) {
            throw_errno("make memory to share with a child process");
        }
        new (base_) T{};
    }

    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    ~SharedMemory() { ::munmap(base_, sizeof(T)); }

    [[nodiscard]] T* get() const noexcept { return static_cast<T*>(base_); }

  private:
    static_assert(std::is_trivially_destructible_v<T>);
    void* base_ =
        ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
};

/// No signal handler of ours may run in the child, which shares our memory.
class SignalsHeld {
  public:
    SignalsHeld() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }

    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

    ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

}  // namespace

Launch::Launch(const Command& command)
    : command_{command},
      program_{program_of(command)},
      variables_{variables_of(command)},
      argv_{pointers(command.argv)},
      envp_{pointers(variables_)},
      fds_{command.fds} {
    for (const auto& argument : command.argv) {
        refuse_nul(argument, "an argument");
    }
    for (int standard = 0; standard < kStandardFds; ++standard) {
        const bool named = std::any_of(fds_.begin(), fds_.end(), [&](const PassedFd& fd) {
            return fd.to == standard;
        });
        if (!named) {
            if (!null_) {
                null_ = open_file("/dev/null", O_RDWR);
            }
            fds_.push_back({.from = null_.get(), .to = standard});
        }
    }
    for (const auto& fd : fds_) {
        KILN_CHECK(fd.from >= 0 && fd.to >= 0 && fd.to < kFirstHighFd);
    }
    high_.resize(fds_.size());
}

Launch::Started Launch::start() {
    const SignalsHeld held;
    parent_ = ::getpid();
    int pidfd = -1;
    int pid = -1;
    std::optional<SharedMemory<Told>> shared;
    if (command_.cgroup_folder >= 0) {
        told_ = shared.emplace().get();
        pid = clone_into_cgroup(pidfd);
        if (pid >= 0 && !told_->begun) {
            // Newer kernels (seen on 6.18) kill a child at birth when its group has been killed
            // before. It has run nothing, so it can be started again.
            (void)Fd{pidfd};
            ::waitpid(pid, nullptr, 0);
            pid = -1;
        }
    }
    if (pid < 0) {
        // Also before Linux 5.7, and where a filter of system calls refuses clone3.
        told_ = &own_told_;
        pid = clone_sharing(pidfd);
    }
    if (pid < 0) {
        throw_errno(fmt::format("start '{}'", command_.argv[0]));
    }
    Started started{.pid = pid, .pidfd = Fd{pidfd}};
    if (told_->stage != Stage::none) {
        report(pid);
    }
    return started;
}

/// @returns  its number, or -1 with errno
int Launch::clone_sharing(int& pidfd) {
    const ChildStack stack;
    in_cgroup_ = false;
    // VFORK: we sleep until the child has called exec or ended, so it may use our memory.
    constexpr int kFlags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    return ::clone(&Launch::enter, stack.top(), kFlags, this, &pidfd);
}

/// The child has a copy of our memory: only clone3 takes a group, and it cannot be called from C
/// with a stack of the child's own.
/// @returns  its number, or -1 with errno
__attribute__((no_sanitize("address", "undefined"))) int Launch::clone_into_cgroup(int& pidfd) {
    in_cgroup_ = true;
    clone_args how{};
    how.flags = CLONE_VFORK | CLONE_PIDFD | CLONE_INTO_CGROUP;
    how.exit_signal = SIGCHLD;
    how.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    how.cgroup = static_cast<std::uint64_t>(command_.cgroup_folder);
    const auto pid = static_cast<int>(::syscall(SYS_clone3, &how, sizeof how));
    if (pid == 0) {
        run();
    }
    return pid;
}

// From here to report(): in the child, on our memory. Nothing but system calls; no allocation, no
// lock.

__attribute__((no_sanitize("address", "undefined"))) int Launch::enter(void* self) noexcept {
    static_cast<Launch*>(self)->run();
    return 0;
}

__attribute__((no_sanitize("address", "undefined"))) void Launch::run() noexcept {
    told_->begun = true;
    if (command_.die_with_parent) {
        if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
            fail(Stage::die_with_parent);
        }
        // The parent may have died before: then nobody would send the signal.
        if (::getppid() != parent_) {
            ::_exit(127);
        }
    }
    if (command_.new_process_group && ::setpgid(0, 0) != 0) {
        fail(Stage::group);
    }
    for (std::size_t i = in_cgroup_ ? 1 : 0; i < command_.cgroup_procs.size(); ++i) {
        if (::write(command_.cgroup_procs[i], "0", 1) != 1) {
            fail(Stage::cgroup);
        }
    }
    if (command_.mount_namespace >= 0 && ::setns(command_.mount_namespace, CLONE_NEWNS) != 0) {
        fail(Stage::mounts);
    }
    if (!pass_descriptors()) {
        fail(Stage::descriptors);
    }
    if (!command_.directory.empty() && ::chdir(command_.directory.c_str()) != 0) {
        fail(Stage::directory);
    }
    // Ignored signals stay ignored through exec, and a handler must not run once they are let
    // through.
    for (int number = 1; number < NSIG; ++number) {
        ::signal(number, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(program_.c_str(), argv_.data(), envp_.data());
    fail(Stage::exec);
}

/// First all to high numbers, then each to its own: a target may be another's source.
__attribute__((no_sanitize("address", "undefined"))) bool Launch::pass_descriptors() noexcept {
    for (std::size_t i = 0; i < fds_.size(); ++i) {
        high_[i] = ::fcntl(fds_[i].from, F_DUPFD_CLOEXEC, kFirstHighFd);
        if (high_[i] < 0) {
            return false;
        }
    }
    // What we inherited from whoever started us is none of the child's business.
    ::close_range(kStandardFds, ~0U, CLOSE_RANGE_CLOEXEC);
    for (std::size_t i = 0; i < fds_.size(); ++i) {
        if (::dup2(high_[i], fds_[i].to) < 0) {
            return false;
        }
    }
    return true;
}

__attribute__((no_sanitize("address", "undefined"))) void Launch::fail(Stage stage) noexcept {
    told_->error = errno;
    told_->stage = stage;
    ::_exit(127);
}

void Launch::report(int pid) const {
    ::waitpid(pid, nullptr, 0);
    const auto& name = command_.argv[0];
    const auto [begun, stage, error] = *told_;
    switch (stage) {
        case Stage::exec:
            if (error == ENOENT) {
                throw Error{ErrorKind::not_found, fmt::format("run '{}': no such program", name)};
            }
            throw Error::from_errno(error, fmt::format("run '{}'", program_.native()));
        case Stage::directory:
            throw Error::from_errno(
                error, fmt::format("run '{}' in '{}'", name, command_.directory.native())
            );
        case Stage::cgroup:
            throw Error::from_errno(error, fmt::format("put '{}' into its control group", name));
        case Stage::mounts:
            throw Error::from_errno(error, fmt::format("put '{}' among the servers' mounts", name));
        case Stage::descriptors:
            throw Error::from_errno(error, fmt::format("pass descriptors to '{}'", name));
        case Stage::none:
        case Stage::die_with_parent:
        case Stage::group:
            break;
    }
    throw Error::from_errno(error, fmt::format("start '{}'", name));
}

}  // namespace kiln::os
