#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace kiln::os {

/// Makes this process' mounts private to it: whatever it mounts is gone with its last process, at
/// any kill -9. To be called in `main` before any thread starts, by commands that mount.
/// @throws Error  denied: not root
void enter_private_mounts();

/// A mounted file system. Unmounted at the end: a busy one is detached lazily with a warning.
class Mount {
  public:
    Mount() = default;
    Mount(Mount&&) noexcept;
    Mount& operator=(Mount&&) noexcept;
    ~Mount();

    /// mount(2). @param options  file system options, "noatime,discard" or ""
    /// @throws Error  by errno, naming source, type and target, with the kernel's last word on it
    static Mount attach(
        const std::filesystem::path& source,
        const std::filesystem::path& target,
        const std::string& type,
        unsigned long flags,
        const std::string& options = ""
    );

    [[nodiscard]] const std::filesystem::path& target() const noexcept { return target_; }

    /// Unmounts; the data is on the device afterwards. @throws Error conflict: busy
    void unmount();

  private:
    explicit Mount(std::filesystem::path target) : target_{std::move(target)} {}
    std::filesystem::path target_;
};

/// Flushes one file system and reports any write that failed since it was mounted (syncfs(2)).
/// @throws Error  by errno: data was lost; exhausted: no space
void sync_filesystem(const std::filesystem::path& mounted);

/// Holds all writes to a mounted file system (FIFREEZE): on the device it is clean, as if unmounted.
/// Thawed at the end of the object.
class FrozenFilesystem {
  public:
    explicit FrozenFilesystem(const std::filesystem::path& mounted);
    FrozenFilesystem(FrozenFilesystem&&) = delete;
    ~FrozenFilesystem();

  private:
    int fd_;
};

/// Is anything mounted exactly at this path, in this process' mount namespace?
[[nodiscard]] bool is_mounted(const std::filesystem::path& target);

}  // namespace kiln::os
