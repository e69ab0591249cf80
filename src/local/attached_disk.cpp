#include "local/attached_disk.hpp"

#include "base/log.hpp"
#include "local/fuse_connection.hpp"
#include "os/fd.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::local {

namespace {

/// With less room than this, qcow2 cannot grow: a write that failed, failed for that.
constexpr Bytes kFull{std::uint64_t{1} << 20};

}  // namespace

AttachedDisk::AttachedDisk(const LayerFiles& files, Place place, os::FileLock lock)
    : files_{files},
      place_{std::move(place)},
      lock_{std::move(lock)},
      daemon_{StorageDaemon::start(files.pid_file(place_.volume))} {}

AttachedDisk::~AttachedDisk() {
    take_down();
}

void AttachedDisk::serve(const LayerId& top, Deadline deadline) {
    const std::scoped_lock lock{mutex_};
    (void)os::open_file(place_.export_file, O_RDWR | O_CREAT | O_EXCL, 0600);
    served_ = true;
    top_ = top;
    {
        const auto chains = files_.lock_chains(os::FileLock::Mode::shared);
        daemon_.open(files_.path(top), place_.access, deadline);
    }
    daemon_.serve(place_.export_file, place_.access, deadline);
    if (place_.access == os::Access::read_write) {
        writeback_.emplace().follow(files_.path(top));
    }
}

void AttachedDisk::stop(Deadline deadline) {
    const std::scoped_lock lock{mutex_};
    // Asked before the rest: a full disk may have eaten writes that no later flush reports.
    std::optional<Error> why = cause();
    try {
        flush_and_stop(deadline);
    } catch (const Error& error) {
        if (!why) {
            why = cause();
        }
        if (!why) {
            why = error;
        }
    }
    take_down();
    if (why) {
        throw why->while_("detach volume " + place_.volume.str());
    }
}

void AttachedDisk::flush_and_stop(Deadline deadline) {
    const bool written = served_ && place_.access == os::Access::read_write;
    if (written) {
        os::sync_path(place_.export_file);  // reaches qcow2's own caches and tells if it failed
    }
    daemon_.stop(deadline);
    if (written) {
        os::sync_path(files_.path(top_));
    }
}

std::optional<Error> AttachedDisk::failure() {
    const std::scoped_lock lock{mutex_};
    return cause();
}

std::optional<Error> AttachedDisk::cause() {
    if (auto why = daemon_.failure()) {
        return why;
    }
    if (place_.access == os::Access::read_write && os::free_space(files_.folder()) < kFull) {
        return Error{
            ErrorKind::exhausted, "the file system of '" + files_.folder().string() + "' is full"};
    }
    return std::nullopt;
}

void AttachedDisk::take_down() noexcept {
    writeback_.reset();
    daemon_.end();
    if (served_) {
        if (::unlink(place_.export_file.c_str()) != 0 && errno != ENOENT) {
            log_warning("export-file-left", {{"path", place_.export_file.string()}});
        }
        served_ = false;
    }
}

}  // namespace kiln::local
