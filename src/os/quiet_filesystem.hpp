#pragma once

#include <filesystem>

namespace kiln::os {

/// A mounted file system that is read-only for a moment, so that on the device it is clean, as if
/// unmounted: its journal is empty and needs no replay. Writable again at the end of the object.
///
/// Unlike FrozenFilesystem it leaves nothing behind when the process is killed meanwhile, and it
/// does not wait for the kernel's read-copy-update grace periods, which cost 20 to 40 ms. The
/// price: nobody may have a file open for writing.
class QuietFilesystem {
  public:
    /// @throws Error  conflict: a file is open for writing · by errno: a write failed
    explicit QuietFilesystem(const std::filesystem::path& mounted);
    QuietFilesystem(QuietFilesystem&&) = delete;
    ~QuietFilesystem();

    /// Writable again, now. @throws Error by errno
    void end();

  private:
    std::filesystem::path mounted_;
    unsigned long flags_ = 0;
};

}  // namespace kiln::os
