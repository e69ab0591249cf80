#pragma once

#include "os/fd.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace kiln::os {

/// Makes this process' mounts private to it: whatever it mounts is gone with its last process, at
/// any kill -9. To be called in `main` before any thread starts, by commands that mount.
/// @throws Error  denied: not root
///
/// There are two namespaces, one below the other. A process that serves a file system (the storage
/// daemon with its FUSE export) runs in the outer one, `server_mounts()`; what it mounts is seen in
/// ours, but not the other way round. It must not be in ours: the last process of a namespace
/// unmounts what is mounted in it while it exits, and a server that has to flush a file system
/// standing on itself never ends (seen on Linux 6.18: the daemon in `submit_bio_wait`, the loop
/// device held for ever).
void enter_private_mounts();

/// The outer namespace's descriptor, for `Command::mount_namespace`; -1 when this process did not
/// enter private mounts.
[[nodiscard]] int server_mounts() noexcept;

/// Takes a mount away that a server made, in its namespace and in ours, lazily: the server may be
/// dead and a reader may still hold it. None there is success.
void unmount_served(const std::filesystem::path& target) noexcept;

/// How long a mount may be busy although nobody uses it: a child that another thread is starting
/// has copies of our descriptors until it calls exec.
inline constexpr std::chrono::seconds kChildPatience{1};

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

/// Unmounts everything that is mounted at `target`, one over another; nothing there is success.
/// One that is busy is detached lazily. For the sweeper.
/// @throws Error by errno
void unmount_all(const std::filesystem::path& target);

/// Errors that a mounted ext4 has recorded in itself since its last check; nullopt for others.
[[nodiscard]] std::optional<std::uint64_t> recorded_errors(const std::filesystem::path& mounted);

/// Flushes one file system and reports any write that failed and was not reported yet (syncfs(2)).
/// @param errors_before  `recorded_errors()` just after it was mounted: more of them now are a
/// failure
/// @throws Error  by errno: data was lost · exhausted: no space · corrupt: ext4 found itself
/// damaged
void sync_filesystem(
    const std::filesystem::path& mounted, std::optional<std::uint64_t> errors_before = std::nullopt
);

/// Holds all writes to a mounted file system (FIFREEZE): on the device it is clean, as if
/// unmounted. Thawed at the end of the object.
///
/// A process killed with -9 while it holds one leaves the file system frozen, and its device held
/// by nobody that could be ended: see `thaw_orphan()`.
class FrozenFilesystem {
  public:
    explicit FrozenFilesystem(const std::filesystem::path& mounted);
    FrozenFilesystem(FrozenFilesystem&&) = delete;
    ~FrozenFilesystem();

    /// Thaws now. @throws Error by errno
    void thaw();

  private:
    std::filesystem::path mounted_;
    Fd fd_;
};

/// Thaws the file system that a killed process left frozen on `device`, so that the device can go.
/// To be called only for a device that is held by no mount: one with none would be mounted by this.
/// @returns  false when there is none (frozen ext4, xfs or btrfs)
bool thaw_orphan(const std::filesystem::path& device);

/// Is anything mounted exactly at this path, in this process' mount namespace?
[[nodiscard]] bool is_mounted(const std::filesystem::path& target);

}  // namespace kiln::os
