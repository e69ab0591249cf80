#pragma once

#include "base/deadline.hpp"

#include <filesystem>
#include <optional>

namespace kiln::ledger {

/// The process that holds a lock (fcntl F_SETLK) on a pid file: exactly its owner, whatever number
/// is written in it and whoever has that number now. nullopt: nobody, or no such file.
/// Source: fcntl_locking(2), F_GETLK; `qemu-storage-daemon --pidfile` keeps such a lock.
[[nodiscard]] std::optional<int> pid_file_owner(const std::filesystem::path& file);

/// Kills the owner, waits until it has ended, and removes the file. No owner, no file: success.
/// @throws Error  timed_out: it does not end · conflict: the lock's owner cannot be seen from here
void end_pid_file_owner(const std::filesystem::path& file, Deadline deadline);

}  // namespace kiln::ledger
