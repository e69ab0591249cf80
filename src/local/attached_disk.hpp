#pragma once

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "local/early_writeback.hpp"
#include "local/layer_files.hpp"
#include "local/storage_daemon.hpp"
#include "os/files.hpp"
#include "os/loop_device.hpp"

#include <filesystem>
#include <mutex>
#include <optional>

namespace kiln::local {

/// A volume's chain served as a raw file: the daemon, the export and the volume's lock in one.
/// Safe from several threads. Ended at the end of the object, whatever state it is in.
class AttachedDisk {
  public:
    struct Place {
        VolumeId volume;
        std::filesystem::path export_file;  ///< made and removed by this object
        os::Access access = os::Access::read_write;
    };

    /// Starts the daemon; nothing waits for it yet.
    AttachedDisk(const LayerFiles& files, Place place, os::FileLock lock);
    AttachedDisk(AttachedDisk&&) = delete;
    ~AttachedDisk();

    /// Opens the layer and serves it.
    void serve(const LayerId& top, Deadline deadline);

    /// Runs `work` with the daemon, with no other change of this disk at the same time; it returns
    /// the layer that writes go to from now on, or nullopt when that stays.
    template <class Work>
    void change_top(Work work) {
        const std::scoped_lock lock{mutex_};
        if (const std::optional<LayerId> next = work(daemon_)) {
            top_ = *next;
            if (writeback_) {
                writeback_->follow(files_.path(top_));
            }
        }
    }

    /// Everything written is on disk and the daemon has ended well, else an error; the daemon and
    /// the export are gone afterwards in either case. The volume's lock is still held.
    void stop(Deadline deadline);

    /// Lets go of the volume.
    void release() { lock_.release(); }

    [[nodiscard]] std::optional<Error> failure();

    [[nodiscard]] const Place& place() const noexcept { return place_; }

    [[nodiscard]] int daemon_pid() const noexcept { return daemon_.pid(); }

  private:
    [[nodiscard]] std::optional<Error> cause();
    void flush_and_stop(Deadline deadline);
    void take_down() noexcept;

    const LayerFiles& files_;
    Place place_;
    os::FileLock lock_;
    std::mutex mutex_;  ///< guards daemon_
    StorageDaemon daemon_;
    LayerId top_;
    std::optional<EarlyWriteback> writeback_;  ///< while it is served for writing
    bool served_ = false;
};

}  // namespace kiln::local
