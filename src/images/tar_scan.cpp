#include "images/tar_scan.hpp"

#include "archive/member_path.hpp"
#include "archive/reader.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace kiln::images {

namespace {

constexpr Bytes kBlock{4096};
constexpr Bytes kGiB{std::uint64_t{1} << 30};
constexpr Bytes kMostBytes{std::uint64_t{1} << 40};
constexpr std::uint64_t kMostEntries = 50'000'000;
constexpr std::uint64_t kMostRatio = 1000;
constexpr Bytes kRatioJudgedFrom{64U << 20};
constexpr std::size_t kMostTops = 64;
/// ext4 makes an inode for every 16 KiB unless told otherwise (mke2fs.conf, inode_ratio).
constexpr Bytes kPerInode{16U << 10};

Bytes rounded_up(Bytes size, Bytes unit) {
    return {(size.count + unit.count - 1) / unit.count * unit.count};
}

std::string_view name_of(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    return name == nullptr ? "" : name;
}

/// The first part of a member's name, "" for the top folder itself.
std::string top_of(std::string_view name) {
    while (name.starts_with("./") || name.starts_with("/")) {
        name.remove_prefix(name.front() == '/' ? 1 : 2);
    }
    const auto top = name.substr(0, name.find('/'));
    return top == "." ? std::string{} : std::string{top};
}

void refuse_bombs(const archive::Reader& reader, const TarStats& stats) {
    const bool steep = reader.unpacked() > kRatioJudgedFrom &&
                       reader.unpacked().count / kMostRatio > reader.packed().count;
    if (steep || stats.content > kMostBytes || stats.entries > kMostEntries) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "the archive unpacks to more than {} times its size, {} or {} entries",
                kMostRatio,
                humanize(kMostBytes),
                kMostEntries
            )};
    }
}

}  // namespace

TarStats scan_tar(
    const std::filesystem::path& path,
    const std::stop_token& stop,
    const std::function<void(Bytes)>& progress
) {
    archive::Reader reader{path, stop, progress};
    TarStats stats;
    while (auto* entry = reader.next()) {
        ++stats.entries;
        const auto size = std::max<la_int64_t>(archive_entry_size(entry), 0);
        const Bytes content{static_cast<std::uint64_t>(size)};
        // Refused before it is added: a header may claim any size.
        if (content > kMostBytes) {
            throw Error{
                ErrorKind::invalid, fmt::format("a member claims to hold {}", humanize(content))};
        }
        stats.content += rounded_up(content, kBlock);
        auto top = top_of(name_of(entry));
        if (!top.empty() && stats.tops.size() < kMostTops) {
            stats.tops.insert(std::move(top));
        }
        refuse_bombs(reader, stats);
    }
    if (stats.entries == 0) {
        throw Error{ErrorKind::invalid, fmt::format("'{}' is an empty archive", path.string())};
    }
    return stats;
}

TarKind tar_kind(const TarStats& stats) noexcept {
    // `docker save` of today writes both; the layout says more.
    if (stats.tops.contains("oci-layout") && stats.tops.contains("index.json")) {
        return TarKind::oci_layout;
    }
    return stats.tops.contains("manifest.json") && !stats.tops.contains("etc")
               ? TarKind::docker_archive
               : TarKind::root;
}

Bytes whole_gib(Bytes size) noexcept {
    return rounded_up(size, kGiB);
}

Bytes default_size(Bytes content, std::uint64_t entries) noexcept {
    const Bytes for_bytes = content + Bytes{content.count / 2} + Bytes{256U << 20};
    const Bytes for_inodes = kPerInode * (entries + entries / 4);
    return whole_gib(std::max({for_bytes, for_inodes, kGiB * 2}));
}

void list_members(
    const std::filesystem::path& path,
    const std::function<void(const Member&)>& each,
    const std::stop_token& stop
) {
    archive::Reader reader{path, stop, {}};
    while (auto* entry = reader.next()) {
        each({archive::member_path(name_of(entry)), archive_entry_filetype(entry) == AE_IFDIR});
    }
}

}  // namespace kiln::images
