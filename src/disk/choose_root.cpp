#include "base/error.hpp"
#include "disk/root_disk.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::disk {

namespace {

// Source: The Discoverable Partitions Specification (UAPI group).
constexpr std::string_view kRootX86_64 = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
constexpr std::string_view kRootArm64 = "b921b045-1df0-41c3-af44-4c6f280d3fae";
#if defined(__aarch64__)
constexpr std::array kRootTypes{kRootArm64, kRootX86_64};
#else
constexpr std::array kRootTypes{kRootX86_64, kRootArm64};
#endif

/// Types whose entries hold a mountable file system that is never the root.
constexpr std::array<std::string_view, 6> kNeverRoot{
    "bc13c2ff-59e6-4262-a352-b275fd6f7172",  // extended boot loader, /boot
    "933ac7e1-2eb4-4f13-b844-0e14e2aef915",  // /home
    "3b8f8425-20e0-4f3b-907f-1a25a76f98e8",  // /srv
    "4d21b016-b534-45c2-a9fb-5c16e091fd2d",  // /var
    "7ec6f557-3bc5-4aca-b293-16ef5df639d1",  // /var/tmp
    "8484680c-9521-48c6-9c11-b0720656f69e",  // /usr, x86-64
};

bool mountable(std::string_view filesystem) {
    return filesystem == "ext4" || filesystem == "xfs" || filesystem == "btrfs";
}

/// Things that hold a file system inside, which the host would have to unpack.
std::string_view why_not(std::string_view filesystem) {
    struct Row {
        std::string_view filesystem, why;
    };

    static constexpr std::array<Row, 5> kRows{{
        {"LVM2_member", "LVM is not supported: import the logical volume itself"},
        {"crypto_LUKS", "encrypted disks are not supported: import the opened volume itself"},
        {"linux_raid_member", "software RAID is not supported: import the assembled array itself"},
        {"zfs_member", "ZFS is not supported: use ext4, xfs or btrfs"},
        {"ambiguous", "signatures of several file systems: remove the stale ones with wipefs"},
    }};
    const auto* row = std::ranges::find(kRows, filesystem, &Row::filesystem);
    return row == kRows.end() ? "" : row->why;
}

bool hides_a_filesystem(const Partition& partition) {
    return !why_not(partition.filesystem).empty();
}

std::string name_of(std::string_view filesystem) {
    return filesystem.empty() ? "unknown contents" : std::string{filesystem};
}

std::string reason_in_brackets(std::string_view filesystem) {
    const auto why = why_not(filesystem);
    return why.empty() ? "" : fmt::format(" ({})", why);
}

[[noreturn]] void refuse(const Layout& layout, Bytes disk_size) {
    std::vector<std::string> found;
    if (layout.table.empty()) {
        found.push_back(fmt::format(
            "{} {}{}",
            name_of(layout.filesystem),
            humanize(disk_size),
            reason_in_brackets(layout.filesystem)
        ));
    }
    for (const auto& partition : layout.partitions) {
        found.push_back(fmt::format(
            "{} {} {}{}",
            partition.number,
            name_of(partition.filesystem),
            humanize(partition.size),
            reason_in_brackets(partition.filesystem)
        ));
    }
    throw Error{
        ErrorKind::invalid,
        fmt::format(
            "no root file system that can be mounted (ext4, xfs, btrfs) on the {}; found: {}",
            layout.table.empty() ? "disk" : layout.table + " disk",
            fmt::join(found, ", ")
        )};
}

RootLocation at(const Partition& partition) {
    return {partition.number, partition.offset, partition.size, partition.filesystem};
}

}  // namespace

RootLocation choose_root(const Layout& layout, Bytes disk_size) {
    if (layout.table.empty()) {
        if (!mountable(layout.filesystem)) {
            refuse(layout, disk_size);
        }
        return {0, {}, disk_size, layout.filesystem};
    }
    for (const auto type : kRootTypes) {
        for (const auto& partition : layout.partitions) {
            if (partition.type == type) {
                if (!mountable(partition.filesystem)) {
                    refuse(layout, disk_size);  // it says that it is the root: nothing else can be
                }
                return at(partition);
            }
        }
    }
    const Partition* largest = nullptr;
    for (const auto& partition : layout.partitions) {
        const bool never = std::ranges::find(kNeverRoot, partition.type) != kNeverRoot.end();
        if (!never && (mountable(partition.filesystem) || hides_a_filesystem(partition)) &&
            (largest == nullptr || partition.size > largest->size)) {
            largest = &partition;
        }
    }
    // A /boot beside an LVM volume is mountable, but it is not the root.
    if (largest == nullptr || !mountable(largest->filesystem)) {
        refuse(layout, disk_size);
    }
    return at(*largest);
}

}  // namespace kiln::disk
