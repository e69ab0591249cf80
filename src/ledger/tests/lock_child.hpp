#pragma once

#include <filesystem>

namespace kiln::ledger {

/// A process that keeps a pid file locked, as qemu-storage-daemon does, until it is killed.
class LockChild {
  public:
    /// Returns once the lock is held.
    explicit LockChild(const std::filesystem::path& file);
    LockChild(LockChild&&) = delete;
    ~LockChild();

    [[nodiscard]] int pid() const noexcept { return pid_; }

    /// Waits for its end. @returns  its exit code, -N for signal N
    int wait();

  private:
    int pid_ = -1;
};

/// Locks the file for this process, for as long as it lives. The descriptor stays open.
void lock_pid_file(const std::filesystem::path& file);

}  // namespace kiln::ledger
