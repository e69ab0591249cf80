#include "base/error.hpp"
#include "disk/root_disk.hpp"
#include "os/fd.hpp"

#include <memory>

#include <blkid/blkid.h>
#include <fmt/format.h>

#include <fcntl.h>

namespace kiln::disk {

namespace {

constexpr std::uint64_t kSector = 512;  // libblkid's unit, whatever the device's sectors are
constexpr int kAmbiguous = -2;          // blkid_do_safeprobe(3)

struct FreeProbe {
    void operator()(blkid_probe probe) const noexcept { blkid_free_probe(probe); }
};

using Probe = std::unique_ptr<std::remove_pointer_t<blkid_probe>, FreeProbe>;

/// A probe of a part of the file. @param size  0: to its end
Probe probe_of(const os::Fd& fd, Bytes offset, Bytes size) {
    Probe probe{blkid_new_probe()};
    if (!probe) {
        throw Error{ErrorKind::exhausted, "no memory to look at a disk"};
    }
    if (blkid_probe_set_device(
            probe.get(),
            fd.get(),
            static_cast<blkid_loff_t>(offset.count),
            static_cast<blkid_loff_t>(size.count)
        ) != 0) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("cannot look at {} bytes of the disk at {}", size.count, offset.count)};
    }
    return probe;
}

std::string text_or_empty(const char* text) {
    return text == nullptr ? "" : text;
}

/// The file system's type, as libblkid calls it: "ext4", "LVM2_member"; "" for none or several.
std::string filesystem_at(const os::Fd& fd, Bytes offset, Bytes size) {
    if (size.count != 0 && size.count < 2 * kSector) {
        return "";  // an extended partition's box
    }
    const Probe probe = probe_of(fd, offset, size);
    blkid_probe_enable_superblocks(probe.get(), 1);
    // A superblock with a wrong checksum is named all the same: the kernel says what is wrong.
    blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE | BLKID_SUBLKS_BADCSUM);
    const int found = blkid_do_safeprobe(probe.get());
    if (found == kAmbiguous) {
        return "ambiguous";
    }
    const char* type = nullptr;
    if (found != 0 || blkid_probe_lookup_value(probe.get(), "TYPE", &type, nullptr) != 0) {
        return "";
    }
    return text_or_empty(type);
}

Partition partition_of(const os::Fd& fd, blkid_partition entry) {
    Partition partition;
    partition.number = blkid_partition_get_partno(entry);
    partition.offset =
        Bytes{static_cast<std::uint64_t>(blkid_partition_get_start(entry)) * kSector};
    partition.size = Bytes{static_cast<std::uint64_t>(blkid_partition_get_size(entry)) * kSector};
    partition.type = text_or_empty(blkid_partition_get_type_string(entry));
    if (partition.type.empty()) {
        partition.type = fmt::format("{:#04x}", blkid_partition_get_type(entry));
    }
    partition.label = text_or_empty(blkid_partition_get_name(entry));
    if (blkid_partition_is_extended(entry) == 0) {
        partition.filesystem = filesystem_at(fd, partition.offset, partition.size);
    }
    return partition;
}

}  // namespace

Layout probe(const std::filesystem::path& device) {
    const os::Fd fd = os::open_file(device, O_RDONLY);
    const Probe whole = probe_of(fd, {}, {});
    blkid_probe_enable_superblocks(whole.get(), 0);
    blkid_probe_enable_partitions(whole.get(), 1);
    Layout layout;
    // The list belongs to the probe.
    blkid_partlist list = blkid_probe_get_partitions(whole.get());
    const int count = list == nullptr ? 0 : blkid_partlist_numof_partitions(list);
    if (count <= 0) {
        layout.filesystem = filesystem_at(fd, {}, {});
        return layout;
    }
    layout.table = text_or_empty(blkid_parttable_get_type(blkid_partlist_get_table(list)));
    for (int i = 0; i < count; ++i) {
        layout.partitions.push_back(partition_of(fd, blkid_partlist_get_partition(list, i)));
    }
    return layout;
}

}  // namespace kiln::disk
