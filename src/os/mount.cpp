#include "os/mount.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"
#include "os/kernel_log.hpp"
#include "os/mount_table.hpp"

#include <cerrno>
#include <charconv>
#include <thread>

#include <fmt/format.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace kiln::os {

namespace {

Fd& outer_namespace() {
    static Fd fd;
    return fd;
}

void new_mount_namespace() {
    if (::unshare(CLONE_NEWNS) != 0) {
        throw Error::from_errno(errno, "make a private mount namespace").hint("run kiln as root");
    }
}

void propagate(unsigned long how, std::string_view doing) {
    if (::mount(nullptr, "/", nullptr, MS_REC | how, nullptr) != 0) {
        throw_errno(doing);
    }
}

}  // namespace

void enter_private_mounts() {
    static pid_t entered = 0;  // a forked child makes namespaces of its own
    if (entered == ::getpid()) {
        return;
    }
    new_mount_namespace();
    propagate(MS_PRIVATE, "make all mounts private");
    propagate(MS_SHARED, "show the servers' mounts to this process");
    auto outer = open_file("/proc/self/ns/mnt", O_RDONLY);
    new_mount_namespace();
    propagate(MS_SLAVE, "hide this process' mounts from the servers");
    outer_namespace() = std::move(outer);
    entered = ::getpid();
}

int server_mounts() noexcept {
    return outer_namespace().get();
}

void unmount_served(const std::filesystem::path& target) noexcept {
    const auto detach = [&] { ::umount2(target.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW); };
    if (server_mounts() >= 0) {
        try {
            // A namespace is entered by a thread whose root and directory are its own.
            std::thread{[&] {
                if (::unshare(CLONE_FS) == 0 && ::setns(server_mounts(), CLONE_NEWNS) == 0) {
                    detach();  // and with it the mount that we see
                }
            }}.join();
        } catch (const std::exception& error) {
            log_warning(
                "mount.left_to_the_servers",
                {{"target", target.native()},
                 {"error", error.what()},
                 {"next", "it goes with this process"}}
            );
        }
    }
    detach();
}

Mount::Mount(Mount&& other) noexcept : target_{std::move(other.target_)} {
    other.target_.clear();
}

Mount& Mount::operator=(Mount&& other) noexcept {
    std::swap(target_, other.target_);
    return *this;
}

Mount::~Mount() {
    if (target_.empty() || ::umount2(target_.c_str(), UMOUNT_NOFOLLOW) == 0) {
        return;
    }
    const int why = errno;
    if (why == EINVAL) {
        return;  // somebody unmounted it
    }
    const bool detached = ::umount2(target_.c_str(), UMOUNT_NOFOLLOW | MNT_DETACH) == 0;
    try {
        log_warning(
            detached ? "mount.detached_lazily" : "mount.left_behind",
            {{"target", target_.native()},
             {"error", Error::from_errno(why, "unmount").message()},
             {"next", detached ? "it goes when its last user ends" : "it goes with this process"}}
        );
    } catch (...) {  // A destructor must not throw; there is nowhere to say so.
        return;
    }
}

Mount Mount::attach(
    const std::filesystem::path& source,
    const std::filesystem::path& target,
    const std::string& type,
    unsigned long flags,
    const std::string& options
) {
    const KernelLog log;
    const char* data = options.empty() ? nullptr : options.c_str();
    const char* type_name = type.empty() ? nullptr : type.c_str();
    if (::mount(source.c_str(), target.c_str(), type_name, flags, data) == 0) {
        return Mount{std::filesystem::absolute(target)};
    }
    auto error = Error::from_errno(
        errno,
        fmt::format(
            "mount '{}'{} at '{}'",
            source.native(),
            type.empty() ? "" : fmt::format(" ({})", type),
            target.native()
        )
    );
    const auto word = log.last_word_on(source.filename().native());
    throw word.empty() ? error : Error{error.kind(), fmt::format("{}: {}", error.message(), word)};
}

void Mount::unmount() {
    if (target_.empty()) {
        return;
    }
    const auto patience = Deadline::after(kChildPatience);
    for (unsigned attempt = 0; ::umount2(target_.c_str(), UMOUNT_NOFOLLOW) != 0; ++attempt) {
        if (errno != EBUSY || !pause_before_retry(attempt, patience)) {
            throw_errno(fmt::format("unmount '{}'", target_.native()));
        }
    }
    target_.clear();
}

void unmount_all(const std::filesystem::path& target) {
    while (is_mounted(target)) {
        if (::umount2(target.c_str(), UMOUNT_NOFOLLOW) == 0) {
            continue;
        }
        // EINVAL: gone since we looked.
        if (errno != EINVAL &&
            (errno != EBUSY || ::umount2(target.c_str(), UMOUNT_NOFOLLOW | MNT_DETACH) != 0)) {
            throw_errno(fmt::format("unmount '{}'", target.native()));
        }
    }
}

std::optional<std::uint64_t> recorded_errors(const std::filesystem::path& mounted) {
    struct stat status {};

    if (::stat(mounted.c_str(), &status) != 0) {
        throw_errno(fmt::format("look at '{}'", mounted.native()));
    }
    std::error_code none;
    const auto device = std::filesystem::read_symlink(
        fmt::format("/sys/dev/block/{}:{}", ::major(status.st_dev), ::minor(status.st_dev)), none
    );
    const auto counter = "/sys/fs/ext4" / device.filename() / "errors_count";
    if (none || !std::filesystem::exists(counter, none)) {
        return std::nullopt;
    }
    const auto text = read_file(counter);
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    return error == std::errc{} ? std::optional{count} : std::nullopt;
}

void sync_filesystem(
    const std::filesystem::path& mounted, std::optional<std::uint64_t> errors_before
) {
    const auto fd = open_file(mounted, O_RDONLY | O_DIRECTORY);
    if (::syncfs(fd.get()) != 0) {
        throw_errno(fmt::format("flush the file system at '{}'", mounted.native()));
    }
    if (!errors_before) {
        return;
    }
    const auto errors = recorded_errors(mounted);
    if (errors && *errors > *errors_before) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format(
                "flush the file system at '{}': ext4 recorded {} errors while it was mounted",
                mounted.native(),
                *errors - *errors_before
            )};
    }
}

bool is_mounted(const std::filesystem::path& target) {
    std::error_code none;
    auto absolute = std::filesystem::absolute(target).lexically_normal();
    if (!absolute.has_filename()) {
        absolute = absolute.parent_path();  // "folder/"
    }
    // The parent alone is resolved: the target itself may be a dead FUSE mount that nothing can
    // look into.
    const auto parent = std::filesystem::canonical(absolute.parent_path(), none);
    const auto wanted = none ? absolute : parent / absolute.filename();
    for (const auto& entry : parse_mount_table(read_file("/proc/self/mountinfo"))) {
        if (entry.target == wanted) {
            return true;
        }
    }
    return false;
}

}  // namespace kiln::os
