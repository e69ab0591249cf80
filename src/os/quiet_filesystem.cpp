#include "os/quiet_filesystem.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"
#include "os/mount.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include <sys/mount.h>
#include <sys/statvfs.h>

namespace kiln::os {

namespace {

/// A remount sets all flags anew: those in force are given again.
unsigned long flags_in_force(const std::filesystem::path& mounted) {
    constexpr std::array<std::pair<unsigned long, unsigned long>, 6> kFlags{{
        {ST_NOSUID, MS_NOSUID},
        {ST_NODEV, MS_NODEV},
        {ST_NOEXEC, MS_NOEXEC},
        {ST_NOATIME, MS_NOATIME},
        {ST_NODIRATIME, MS_NODIRATIME},
        {ST_RELATIME, MS_RELATIME},
    }};

    struct statvfs status {};

    if (::statvfs(mounted.c_str(), &status) != 0) {
        throw_errno(fmt::format("look at the file system at '{}'", mounted.native()));
    }
    unsigned long flags = MS_REMOUNT;
    for (const auto& [seen, wanted] : kFlags) {
        flags |= (status.f_flag & seen) != 0 ? wanted : 0;
    }
    return flags;
}

void remount(const std::filesystem::path& mounted, unsigned long flags, std::string_view how) {
    const auto patience = Deadline::after(kChildPatience);
    for (unsigned attempt = 0; ::mount(nullptr, mounted.c_str(), nullptr, flags, nullptr) != 0;
         ++attempt) {
        if (errno != EBUSY || !pause_before_retry(attempt, patience)) {
            throw_errno(fmt::format("make the file system at '{}' {}", mounted.native(), how));
        }
    }
}

}  // namespace

QuietFilesystem::QuietFilesystem(const std::filesystem::path& mounted)
    : mounted_{mounted}, flags_{flags_in_force(mounted)} {
    remount(mounted_, flags_ | MS_RDONLY, "read-only");
}

void QuietFilesystem::end() {
    if (!mounted_.empty()) {
        remount(std::exchange(mounted_, {}), flags_, "writable again");
    }
}

QuietFilesystem::~QuietFilesystem() {
    try {
        end();
    } catch (const std::exception& error) {
        log_warning(
            "mount.still_read_only",
            {{"error", error.what()}, {"next", "whatever writes to it fails"}}
        );
    }
}

}  // namespace kiln::os
