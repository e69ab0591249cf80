#include "ledger/tests/lock_child.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::ledger {

void lock_pid_file(const std::filesystem::path& file) {
    auto fd = os::open_file(file, O_RDWR | O_CREAT, 0600);

    struct flock lock {};

    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    KILN_CHECK(::fcntl(fd.get(), F_SETLK, &lock) == 0);
    (void)fd.release();
}

LockChild::LockChild(const std::filesystem::path& file) {
    std::array<int, 2> ends{};
    KILN_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
    const os::Fd told{ends[0]};
    os::Fd tell{ends[1]};
    pid_ = fork();
    KILN_CHECK(pid_ >= 0);
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        lock_pid_file(file);
        tell = os::Fd{};
        for (;;) {
            pause();
        }
    }
    tell = os::Fd{};
    char byte = 0;
    (void)!read(told.get(), &byte, 1);  // returns when the child has closed its end
}

LockChild::~LockChild() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        wait();
    }
}

int LockChild::wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace kiln::ledger
