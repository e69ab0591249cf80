#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "os/loop_device.hpp"
#include "os/mount.hpp"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::disk {

/// What stands on a disk, found by libblkid.
struct Partition {
    int number = 0;  ///< from 1
    Bytes offset, size;
    std::string type;        ///< of the table's entry: a GUID or "0x83"
    std::string label;       ///< of the entry, GPT only
    std::string filesystem;  ///< "ext4", "xfs", "vfat", "swap", "" unknown
};

struct Layout {
    std::string table;       ///< "gpt", "dos", or "" for a bare file system
    std::string filesystem;  ///< of a bare disk
    std::vector<Partition> partitions;
};

[[nodiscard]] Layout probe(const std::filesystem::path& device);

/// Where the root file system is.
struct RootLocation {
    int partition = 0;  ///< 0: the whole disk
    Bytes offset, size;
    std::string filesystem;  ///< ext4, xfs, btrfs
};

/// The partition that carries the root: by GPT's root type of this architecture, else the largest
/// mountable one. Pure.
/// @throws Error  invalid: nothing that can be mounted; the message names everything that was found
[[nodiscard]] RootLocation choose_root(const Layout& layout, Bytes disk_size);

/// A root file system, mounted read-write (or read-only) at `target`.
class MountedRoot {
  public:
    struct Options {
        bool read_only = false;
        bool grow = false;  ///< grow the last partition and the file system to the disk's size
    };

    /// @param device  a block device or a regular file that stands for one (AttachedVolume::device)
    static MountedRoot mount(
        const std::filesystem::path& device,
        const std::filesystem::path& target,
        const Options& options,
        const std::stop_token& stop,
        Deadline deadline
    );

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return mount_.target(); }

    [[nodiscard]] const RootLocation& location() const noexcept { return location_; }

    /// Flushes, unmounts and lets go of the loop device.
    /// @throws Error  exhausted, internal: writes were lost · conflict: busy
    void unmount();

  private:
    RootLocation location_;
    os::LoopDevice loop_;  ///< empty when the device could be mounted as it is
    os::Mount mount_;
};

/// Makes an ext4 file system on a whole device or file, with all tables written at once.
void make_filesystem(
    const std::filesystem::path& device, const std::string& label, const std::stop_token& stop
);

}  // namespace kiln::disk
