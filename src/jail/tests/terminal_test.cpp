#include "base/deadline.hpp"
#include "base/error.hpp"
#include "jail/tests/small_jail.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"

#include <csignal>
#include <pty.h>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::jail::testing {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr int kNotOwner = 90;
constexpr int kFailed = 91;

/// A process with a terminal of its own that opens a shell in the jail, and this side of the
/// terminal.
class Terminal {
  public:
    explicit Terminal(const SmallJail& jail) {
        int master = -1;
        pid_ = ::forkpty(&master, nullptr, nullptr, nullptr);
        if (pid_ == 0) {
            ::_exit(shell(jail));
        }
        master_ = os::Fd{master};
    }

    Terminal(Terminal&&) = delete;

    ~Terminal() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }

    void type(std::string_view text) const { os::write_all(master_, text); }

    /// All that has been shown until `text` is, or the terminal has been closed.
    std::string shown_until(std::string_view text) {
        const auto deadline = Deadline::after(20s);
        while (shown_.find(text) == std::string::npos) {
            if (os::wait_ready(master_.get(), POLLIN, nullptr, deadline) != os::Ready::yes) {
                ADD_FAILURE() << "never shown: " << text;
                break;
            }
            std::array<char, 1024> bytes;
            const auto size = ::read(master_.get(), bytes.data(), bytes.size());
            if (size <= 0) {  // EIO: the other side has been closed
                break;
            }
            shown_.append(bytes.data(), static_cast<std::size_t>(size));
        }
        return shown_;
    }

    int exit_code() {
        (void)shown_until("no such text: until it is closed");
        int status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    static int shell(const SmallJail& jail) {
        auto plan = jail.plan({"/bin/sh", "-i"});
        plan.terminal = true;
        try {
            const auto outcome = run_jail(
                plan, {}, jail.cgroup(), [](Stream, const os::Line&) {}, {}, Deadline::never()
            );
            return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp() ? outcome.status.code : kNotOwner;
        } catch (const Error& error) {
            os::write_all(os::Fd{::dup(STDERR_FILENO)}, error.message());
            return kFailed;
        }
    }

    int pid_ = -1;
    os::Fd master_;
    std::string shown_;
};

TEST(AShell, UsesOurTerminalAndGivesItBack) {
    if (const auto why = cannot_jail()) {
        GTEST_SKIP() << *why;
    }
    const SmallJail jail;
    Terminal terminal{jail};
    terminal.type("echo $((6*7)) on $(tty 0<&1); hostile type x; exit 5\n");
    const auto shown = terminal.shown_until("type: ");
    EXPECT_THAT(shown, HasSubstr("42 on "));
    EXPECT_EQ(terminal.exit_code(), 5);
    EXPECT_THAT(terminal.shown_until("permitted"), HasSubstr("type: Operation not permitted"));
}

TEST(AShell, IsNotHungWhileNobodyTypes) {
    if (const auto why = cannot_jail()) {
        GTEST_SKIP() << *why;
    }
    const SmallJail jail;
    auto plan = jail.shell("sleep 0.2");
    plan.terminal = true;
    Limits limits;
    limits.idle = 0s;
    EXPECT_TRUE(jail.run(plan, limits).outcome.ok());
    plan.terminal = false;
    EXPECT_EQ(jail.run(plan, limits).outcome.cause, Outcome::Cause::hung) << "the limit itself";
}

}  // namespace
}  // namespace kiln::jail::testing
