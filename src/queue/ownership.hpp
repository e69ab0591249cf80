#pragma once

#include "os/files.hpp"

#include <filesystem>
#include <string>

namespace kiln::queue {

/// This process' right to the queues of a home folder, until its end: a lock on `HOME/queues.lock`,
/// which the kernel lets go of however the process ends. Beside it stands who has it.
class Ownership {
  public:
    /// @param owner  for others to read: what this process is and where it answers,
    ///               "kiln serve at http://127.0.0.1:9324"
    /// @throws Error  conflict: another process has them; the message names it · by errno
    static Ownership acquire(const std::filesystem::path& home, const std::string& owner);

    /// Who has them now; "" when nobody has. For messages only: it may change at once.
    [[nodiscard]] static std::string owner(const std::filesystem::path& home);

  private:
    explicit Ownership(os::FileLock lock) : lock_{std::move(lock)} {}

    os::FileLock lock_;
};

}  // namespace kiln::queue
