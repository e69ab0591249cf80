#include "os/loop_device.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"
#include "os/mount.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace kiln::os {

namespace {

constexpr std::uint64_t kSector = 512;
constexpr unsigned kLoopMajor = 7;  // Documentation/admin-guide/devices.txt
constexpr std::chrono::seconds kDetachPatience{10};
constexpr std::chrono::milliseconds kSoon{300};

std::filesystem::path backing_file_of(const std::string& name) {
    return fmt::format("/sys/block/{}/loop/backing_file", name);
}

/// What the device is over, as the kernel names it; "" when it is free.
std::string backing_of(const std::string& name) {
    try {
        auto text = read_file(backing_file_of(name));
        text.resize(text.find_last_not_of('\n') + 1);
        return text;
    } catch (const Error&) {
        return "";  // ENOENT: free; ENXIO or the like: just being freed
    }
}

/// The node may be missing in a container, whose /dev is not the kernel's own.
Fd open_device(int number, int flags) {
    const auto path = fmt::format("/dev/loop{}", number);
    for (bool made = false;; made = true) {
        Fd fd{::open(path.c_str(), flags | O_CLOEXEC)};
        if (fd || errno != ENOENT || made) {
            return fd;
        }
        const auto node = ::makedev(kLoopMajor, static_cast<unsigned>(number));
        if (::mknod(path.c_str(), S_IFBLK | 0600, node) != 0 && errno != EEXIST) {
            return {};
        }
    }
}

loop_config config_for(
    const Fd& file,
    const std::string& name,
    Bytes offset,
    Bytes size,
    Access access,
    DirectIo direct
) {
    loop_config config{};
    config.fd = static_cast<__u32>(file.get());
    config.block_size = kSector;
    config.info.lo_offset = offset.count;
    config.info.lo_sizelimit = size.count;
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    if (access == Access::read_only) {
        config.info.lo_flags |= LO_FLAGS_READ_ONLY;
    }
    if (direct == DirectIo::yes) {
        config.info.lo_flags |= LO_FLAGS_DIRECT_IO;
    }
    const auto length = std::min(name.size(), sizeof config.info.lo_file_name - 1);
    std::memcpy(config.info.lo_file_name, name.data(), length);
    return config;
}

[[noreturn]] void throw_cannot_attach(int err, const std::filesystem::path& backing) {
    throw Error::from_errno(err, fmt::format("attach a loop device to '{}'", backing.native()));
}

struct Configured {
    Fd fd;
    int number = -1;
};

/// Takes a free device. Between asking for one and taking it another process may be first.
Configured configure(
    const loop_config& config, int flags, const std::filesystem::path& backing, Deadline deadline
) {
    const Fd control = open_file("/dev/loop-control", O_RDWR);
    for (unsigned attempt = 0;; ++attempt) {
        const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) {
            throw_cannot_attach(errno, backing);
        }
        Fd fd = open_device(number, flags);
        if (fd && ::ioctl(fd.get(), LOOP_CONFIGURE, &config) == 0) {
            return {.fd = std::move(fd), .number = number};
        }
        // ENXIO: removed since; EBUSY: taken since.
        if (errno != EBUSY && errno != ENXIO) {
            throw_cannot_attach(errno, backing);
        }
        if (!pause_before_retry(attempt, deadline)) {
            throw Error{
                ErrorKind::exhausted,
                fmt::format(
                    "attach a loop device to '{}': no free device in time", backing.native()
                )};
        }
    }
}

/// @returns  false when it is still there at the deadline
bool wait_until_free(const std::string& name, const std::string& backing, Deadline deadline) {
    for (unsigned attempt = 0; backing_of(name) == backing; ++attempt) {
        if (!pause_before_retry(attempt, deadline)) {
            return false;
        }
    }
    return true;
}

[[noreturn]] void throw_held(const std::filesystem::path& device, const std::string& backing) {
    throw Error{
        ErrorKind::conflict,
        fmt::format("detach '{}' from '{}': someone still holds it", device.native(), backing)}
        .hint(fmt::format("fuser -vm {}", device.native()));
}

}  // namespace

LoopDevice LoopDevice::attach(
    const std::filesystem::path& backing,
    Bytes offset,
    Bytes size,
    Access access,
    DirectIo direct_io,
    Deadline deadline
) {
    if (offset.count % kSector != 0 || size.count % kSector != 0) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "attach a loop device to '{}': offset {} and size {} must be multiples of {}",
                backing.native(),
                offset.count,
                size.count,
                kSector
            )};
    }
    const int flags = access == Access::read_only ? O_RDONLY : O_RDWR;
    const auto file = open_file(backing, flags);
    const auto config = config_for(file, backing.native(), offset, size, access, direct_io);
    auto [fd, number] = configure(config, flags, backing, deadline);
    LoopDevice device;
    device.fd_ = std::move(fd);
    device.path_ = fmt::format("/dev/loop{}", number);
    device.backing_ = backing_of(device.path_.filename());
    if (direct_io == DirectIo::yes && !device.direct_io()) {
        log_debug(
            "loop.buffered", {{"device", device.path_.native()}, {"backing", device.backing_}}
        );
    }
    return device;
}

bool LoopDevice::direct_io() const {
    loop_info64 info{};
    if (::ioctl(fd_.get(), LOOP_GET_STATUS64, &info) != 0) {
        throw_errno(fmt::format("look at '{}'", path_.native()));
    }
    return (info.lo_flags & LO_FLAGS_DIRECT_IO) != 0;
}

void LoopDevice::detach() {
    if (!fd_) {
        return;
    }
    fd_.close();
    const auto device = std::exchange(path_, {});
    // Without sysfs there is nothing to wait by.
    if (!backing_.empty() &&
        !wait_until_free(device.filename(), backing_, Deadline::after(kDetachPatience))) {
        throw_held(device, backing_);
    }
}

std::vector<std::filesystem::path> loop_devices_over(const std::filesystem::path& backing) {
    std::error_code none;
    const auto canonical = std::filesystem::weakly_canonical(backing, none);
    const auto wanted = none ? backing.native() : canonical.native();
    std::vector<std::filesystem::path> devices;
    for (const auto& entry : std::filesystem::directory_iterator{"/sys/block"}) {
        const auto name = entry.path().filename().native();
        if (!name.starts_with("loop")) {
            continue;
        }
        const auto found = backing_of(name);
        if (!found.empty() && (found == wanted || found == wanted + " (deleted)")) {
            devices.push_back(std::filesystem::path{"/dev"} / name);
        }
    }
    return devices;
}

void detach_loop_devices(const std::filesystem::path& backing, Deadline deadline) {
    for (const auto& device : loop_devices_over(backing)) {
        const auto name = device.filename().native();
        const auto held = backing_of(name);
        {
            const Fd fd{::open(device.c_str(), O_RDONLY | O_CLOEXEC)};
            // Frees it now, or when its last user closes it. ENXIO: it is free already.
            if (fd && ::ioctl(fd.get(), LOOP_CLR_FD) != 0 && errno != ENXIO) {
                throw_errno(fmt::format("detach '{}'", device.native()));
            }
        }
        if (held.empty()) {
            continue;
        }
        // Held by a file system that its dead owner left frozen: that goes when it is thawed.
        const auto soon = Deadline::earlier(deadline, Deadline::after(kSoon));
        const bool freed = wait_until_free(name, held, soon) ||
                           (thaw_orphan(device), wait_until_free(name, held, deadline));
        if (!freed) {
            throw_held(device, held);
        }
    }
}

}  // namespace kiln::os
