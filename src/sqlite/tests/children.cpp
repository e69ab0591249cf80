#include "sqlite/tests/children.hpp"

#include "base/error.hpp"

#include <array>
#include <cstdio>
#include <exception>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::sqlite {

namespace {

int exit_code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

Children::Children() {
    std::array<int, 2> ends{};
    KILN_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
    gate_read_ = os::Fd{ends[0]};
    gate_write_ = os::Fd{ends[1]};
}

Children::~Children() {
    for (const int pid : pids_) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
}

void Children::fork(const std::function<int()>& work) {
    const int pid = ::fork();
    KILN_CHECK(pid >= 0);
    if (pid > 0) {
        pids_.push_back(pid);
        return;
    }
    gate_write_ = os::Fd{};
    char byte = 0;
    (void)!read(gate_read_.get(), &byte, 1);  // returns when the parent closes its end
    try {
        _exit(work());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
        _exit(125);
    }
}

std::vector<int> Children::start_and_wait() {
    gate_write_ = os::Fd{};
    std::vector<int> codes;
    for (const int pid : pids_) {
        int status = 0;
        waitpid(pid, &status, 0);
        codes.push_back(exit_code_of(status));
    }
    pids_.clear();
    return codes;
}

}  // namespace kiln::sqlite
