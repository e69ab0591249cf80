#include "os/spawn.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/exec.hpp"
#include "os/pidfd.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include <poll.h>
extern "C" {  // glibc 2.36 declares these without it
}
#include <sys/wait.h>

namespace kiln::os {

std::string ExitStatus::describe() const {
    if (signal == 0) {
        return fmt::format("exit {}", code);
    }
    const char* name = ::sigabbrev_np(signal);
    return name != nullptr ? fmt::format("signal {} (SIG{})", signal, name)
                           : fmt::format("signal {}", signal);
}

Child Child::spawn(const Command& command) {
    auto started = Launch{command}.start();
    return Child{started.pid, std::move(started.pidfd), command.new_process_group};
}

Child::Child(Child&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)}, pidfd_{std::move(other.pidfd_)}, group_{other.group_} {}

Child& Child::operator=(Child&& other) noexcept {
    if (this != &other) {
        end();
        pid_ = std::exchange(other.pid_, -1);
        pidfd_ = std::move(other.pidfd_);
        group_ = other.group_;
    }
    return *this;
}

Child::~Child() {
    end();
}

void Child::end() noexcept {
    if (pid_ <= 0) {
        return;
    }
    constexpr std::chrono::seconds kPatience{10};
    signal(SIGKILL);
    try {
        if (!wait(Deadline::after(kPatience))) {
            log_warning("process.does_not_end", {{"pid", std::to_string(pid_)}});
        }
    } catch (const std::exception& error) {
        log_warning(
            "process.lost", {{"pid", std::to_string(pid_)}, {"error", std::string{error.what()}}}
        );
    }
}

std::optional<ExitStatus> Child::wait(Deadline deadline) {
    KILN_CHECK(running());
    if (wait_ready(pidfd_.get(), POLLIN, nullptr, deadline) == Ready::timed_out) {
        return std::nullopt;
    }
    siginfo_t how{};
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &how, WEXITED) != 0) {
        if (errno != EINTR) {
            throw_errno(fmt::format("wait for process {}", pid_));
        }
    }
    pid_ = -1;
    return how.si_code == CLD_EXITED ? ExitStatus{.code = how.si_status, .signal = 0}
                                     : ExitStatus{.code = 0, .signal = how.si_status};
}

void Child::signal(int number) noexcept {
    if (pid_ <= 0) {
        return;
    }
    // The number is still ours: the process is not reaped before wait() has seen its end.
    if (group_) {
        ::kill(-pid_, number);
    } else {
        pidfd_signal(pidfd_.get(), number);
    }
}

}  // namespace kiln::os
