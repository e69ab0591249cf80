#include "ledger/pid_file.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"
#include "os/process.hpp"

#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::ledger {

std::optional<int> pid_file_owner(const std::filesystem::path& file) {
    os::Fd fd;
    try {
        fd = os::open_file(file, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return std::nullopt;
        }
        throw;
    }

    struct flock lock {};

    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(fd.get(), F_GETLK, &lock) != 0) {
        throw_errno(fmt::format("look at the lock of '{}'", file.native()));
    }
    if (lock.l_type == F_UNLCK) {
        return std::nullopt;
    }
    // 0: a process outside of our PID namespace; -1: a lock that belongs to no single process.
    if (lock.l_pid <= 0) {
        throw Error{
            ErrorKind::conflict,
            fmt::format(
                "'{}' is locked by a process that cannot be seen from here", file.native()
            )};
    }
    return lock.l_pid;
}

void end_pid_file_owner(const std::filesystem::path& file, Deadline deadline) {
    const auto owner = pid_file_owner(file);
    if (owner) {
        const auto process = os::process_ref(*owner);
        // Asked again: the number was the owner's both before and after it was looked up.
        if (process && pid_file_owner(file) == owner) {
            os::kill_process(*process, deadline);
        }
    }
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
        throw_errno(fmt::format("remove '{}'", file.native()));
    }
}

}  // namespace kiln::ledger
