#pragma once

#include <sys/syscall.h>
#include <unistd.h>

/// pidfd_open(2) and pidfd_send_signal(2). glibc 2.36 declares them without C linkage for C++
/// (<sys/pidfd.h>), so that a call does not link.
namespace kiln::os {

inline int pidfd_open(int pid) noexcept {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
}

inline int pidfd_signal(int pidfd, int number) noexcept {
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0U));
}

}  // namespace kiln::os
