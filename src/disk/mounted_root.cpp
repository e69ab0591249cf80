#include "base/error.hpp"
#include "disk/grow.hpp"
#include "disk/root_disk.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"
#include "os/spawn.hpp"

#include <optional>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

namespace kiln::disk {

namespace {

struct Size {
    Bytes bytes;
    bool block_device = false;
};

Size size_of(const std::filesystem::path& device) {
    const os::Fd fd = os::open_file(device, O_RDONLY);

    struct stat status {};

    if (::fstat(fd.get(), &status) != 0) {
        throw_errno("look at '" + device.string() + "'");
    }
    if (!S_ISBLK(status.st_mode)) {
        return {Bytes{static_cast<std::uint64_t>(status.st_size)}, false};
    }
    std::uint64_t bytes = 0;
    if (::ioctl(fd.get(), BLKGETSIZE64, &bytes) != 0) {
        throw_errno("measure '" + device.string() + "'");
    }
    return {Bytes{bytes}, true};
}

/// Options without which the file system would refuse.
std::string mount_options(const std::string& filesystem) {
    return filesystem == "xfs" ? "nouuid" : "";  // clones of one image have one UUID
}

/// What a read-only device needs when its journal was not replayed: a frozen file system has all in
/// place but says that it wants a replay, which would write.
std::optional<std::string> read_only_options(const std::string& filesystem) {
    if (filesystem == "xfs") {
        return "nouuid,norecovery";
    }
    if (filesystem == "ext4") {
        return "noload";
    }
    return std::nullopt;
}

os::Mount mount_at(
    const std::filesystem::path& source,
    const std::filesystem::path& target,
    const std::string& filesystem,
    bool read_only
) {
    // Not MS_NOSUID: a bootstrap needs sudo and file capabilities inside its jail.
    const unsigned long flags = 0UL | MS_NODEV | MS_NOATIME | (read_only ? 0UL | MS_RDONLY : 0UL);
    try {
        return os::Mount::attach(source, target, filesystem, flags, mount_options(filesystem));
    } catch (const Error&) {
        const auto options = read_only_options(filesystem);
        if (!read_only || !options) {
            throw;
        }
        return os::Mount::attach(source, target, filesystem, flags, *options);
    }
}

void grow(
    os::Mount& mount,
    const std::filesystem::path& source,
    const std::string& filesystem,
    const std::stop_token& stop
) {
    try {
        grow_mounted(source, mount.target(), filesystem, stop);
    } catch (const Error& error) {
        if (filesystem != "ext4" || error.kind() != ErrorKind::internal) {
            throw;
        }
        const auto target = mount.target();
        mount.unmount();
        grow_unmounted_ext4(source, stop);
        mount = mount_at(source, target, filesystem, false);
    }
}

RootLocation find_root(
    const std::filesystem::path& device,
    Bytes disk_size,
    const MountedRoot::Options& options,
    const std::stop_token& stop
) {
    const Layout layout = probe(device);
    const RootLocation root = choose_root(layout, disk_size);
    if (!options.grow || root.partition == 0 ||
        size_when_grown(layout, root, disk_size) == root.size) {
        return root;
    }
    return grow_partition(device, root, stop);
}

}  // namespace

MountedRoot MountedRoot::mount(
    const std::filesystem::path& device,
    const std::filesystem::path& target,
    const Options& options,
    const std::stop_token& stop,
    Deadline deadline
) {
    if (options.grow && options.read_only) {
        throw Error{ErrorKind::invalid, "a file system that is mounted read-only cannot grow"};
    }
    os::throw_if_stopped(stop, "mount '" + device.string() + "'");
    const Size disk = size_of(device);
    MountedRoot mounted;
    mounted.location_ = find_root(device, disk.bytes, options, stop);
    const RootLocation& root = mounted.location_;
    std::filesystem::path source = device;
    if (!disk.block_device || root.partition != 0) {
        mounted.loop_ = os::LoopDevice::attach(
            device,
            root.offset,
            root.partition == 0 ? Bytes{} : root.size,
            options.read_only ? os::Access::read_only : os::Access::read_write,
            os::DirectIo::yes,
            deadline
        );
        source = mounted.loop_.path();
    }
    mounted.mount_ = mount_at(source, target, root.filesystem, options.read_only);
    if (options.grow) {
        grow(mounted.mount_, source, root.filesystem, stop);
    }
    return mounted;
}

void MountedRoot::unmount() {
    std::optional<Error> lost;
    try {
        os::sync_filesystem(mount_.target());
    } catch (const Error& error) {
        lost = error;
    }
    mount_.unmount();
    loop_.detach();
    if (lost) {
        throw std::move(*lost).while_("write back the root file system");
    }
}

void make_filesystem(
    const std::filesystem::path& device, const std::string& label, const std::stop_token& stop
) {
    (void)os::run_checked(
        {.argv =
             {"mkfs.ext4",
              "-q",
              "-F",
              "-L",
              label,
              "-E",
              "lazy_itable_init=0,lazy_journal_init=0",
              device.string()}},
        Deadline::after(std::chrono::minutes{10}),
        stop
    );
}

}  // namespace kiln::disk
