#include "disk/grow.hpp"

#include "base/error.hpp"
#include "os/spawn.hpp"

#include <fmt/format.h>

namespace kiln::disk {

namespace {

using literals::operator""_MiB;

constexpr auto kGrowTime = std::chrono::minutes{10};

/// An MBR extended partition contains the logical ones; it is no neighbour.
bool is_container(const Partition& partition) {
    return partition.type == "0x05" || partition.type == "0x0f" || partition.type == "0x85";
}

void run_sfdisk(
    std::vector<std::string> arguments, std::string_view input, const std::stop_token& stop
) {
    std::vector<std::string> argv{
        "sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--lock=no"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    (void)os::run_checked({.argv = argv}, Deadline::after(std::chrono::minutes{2}), stop, input);
}

}  // namespace

Bytes size_when_grown(const Layout& layout, const RootLocation& root, Bytes disk_size) {
    for (const auto& other : layout.partitions) {
        if (other.offset >= root.offset + root.size && !is_container(other)) {
            throw Error{
                ErrorKind::invalid,
                fmt::format(
                    "cannot grow the root (partition {}): partition {} stands behind it",
                    root.partition,
                    other.number
                )};
        }
        if (is_container(other) && root.partition >= 5) {
            throw Error{
                ErrorKind::invalid,
                fmt::format(
                    "cannot grow the root (partition {}): it is a logical partition inside {}",
                    root.partition,
                    other.number
                )};
        }
    }
    const Bytes end = root.offset + root.size;
    if (disk_size < end + 2_MiB) {
        return root.size;
    }
    return disk_size - root.offset;
}

RootLocation grow_partition(
    const std::filesystem::path& device, const RootLocation& root, const std::stop_token& stop
) {
    if (probe(device).table == "gpt") {
        run_sfdisk({"--relocate", "gpt-bak-std", device.string()}, "", stop);
    }
    run_sfdisk({"-N", std::to_string(root.partition), device.string()}, ", +\n", stop);
    for (const auto& partition : probe(device).partitions) {
        if (partition.number == root.partition) {
            return {root.partition, partition.offset, partition.size, root.filesystem};
        }
    }
    throw Error{
        ErrorKind::internal,
        fmt::format("partition {} of '{}' is gone after growing", root.partition, device.string())};
}

void grow_mounted(
    const std::filesystem::path& device,
    const std::filesystem::path& mounted,
    const std::string& filesystem,
    const std::stop_token& stop
) {
    std::vector<std::string> argv;
    if (filesystem == "ext4") {
        argv = {"resize2fs", device.string()};
    } else if (filesystem == "xfs") {
        argv = {"xfs_growfs", "-d", mounted.string()};
    } else {
        argv = {"btrfs", "filesystem", "resize", "max", mounted.string()};
    }
    (void)os::run_checked({.argv = argv}, Deadline::after(kGrowTime), stop);
}

void grow_unmounted_ext4(const std::filesystem::path& device, const std::stop_token& stop) {
    const auto checked = os::run_captured(
        {.argv = {"e2fsck", "-f", "-p", device.string()}}, Deadline::after(kGrowTime), stop
    );
    // 1: errors were corrected. Source: e2fsck(8)
    if (checked.status.signal != 0 || checked.status.code > 1) {
        throw Error{
            ErrorKind::corrupt,
            "the ext4 file system is damaged, e2fsck: " + checked.out + checked.err};
    }
    (void
    )os::run_checked({.argv = {"resize2fs", device.string()}}, Deadline::after(kGrowTime), stop);
}

}  // namespace kiln::disk
