#include "base/error.hpp"
#include "base/log.hpp"
#include "os/mount.hpp"

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

namespace kiln::os {

FrozenFilesystem::FrozenFilesystem(const std::filesystem::path& mounted)
    : mounted_{mounted}, fd_{open_file(mounted, O_RDONLY | O_DIRECTORY)} {
    if (::ioctl(fd_.get(), FIFREEZE, 0) != 0) {
        throw_errno(fmt::format("freeze the file system at '{}'", mounted.native()));
    }
}

void FrozenFilesystem::thaw() {
    const Fd fd = std::move(fd_);
    if (fd && ::ioctl(fd.get(), FITHAW, 0) != 0) {
        throw_errno(fmt::format("thaw the file system at '{}'", mounted_.native()));
    }
}

FrozenFilesystem::~FrozenFilesystem() {
    try {
        thaw();
    } catch (const std::exception& error) {
        log_warning(
            "filesystem.stays_frozen",
            {{"target", mounted_.native()}, {"error", std::string{error.what()}}}
        );
    }
}

namespace {

/// Mounts `device` nowhere and opens its root: the mount goes when that is closed. A superblock
/// that the device has already is taken, with no reading of the device.
Fd mount_detached(const std::filesystem::path& device, const char* type) {
    const Fd context{::fsopen(type, FSOPEN_CLOEXEC)};
    if (!context ||
        ::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", device.c_str(), 0) != 0 ||
        ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
        return {};
    }
    const Fd mounted{::fsmount(context.get(), FSMOUNT_CLOEXEC, 0)};
    // fsmount gives an O_PATH descriptor, which takes no ioctl.
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    return mounted ? Fd{::openat(mounted.get(), ".", kFlags)} : Fd{};
}

}  // namespace

bool thaw_orphan(const std::filesystem::path& device) {
    constexpr std::array kTypes{"ext4", "xfs", "btrfs"};
    for (const char* type : kTypes) {
        const Fd mounted = mount_detached(device, type);
        if (mounted) {
            return ::ioctl(mounted.get(), FITHAW, 0) == 0;
        }
    }
    return false;
}

}  // namespace kiln::os
