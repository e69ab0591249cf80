#include "os/programs.hpp"

#include "os/spawn.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include <unistd.h>

namespace kiln::os {

namespace {

/// The Debian 12 packages of the programs that this one runs.
constexpr auto kPackages = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"btrfs", "btrfs-progs"},
    {"btrfstune", "btrfs-progs"},
    {"bwrap", "bubblewrap"},
    {"crun", "crun"},
    {"dpkg-deb", "dpkg"},
    {"dpkg-query", "dpkg"},
    {"e2fsck", "e2fsprogs"},
    {"fsck.ext4", "e2fsprogs"},
    {"ip", "iproute2"},
    {"losetup", "mount"},
    {"mkfs.btrfs", "btrfs-progs"},
    {"mkfs.ext4", "e2fsprogs"},
    {"mkfs.xfs", "xfsprogs"},
    {"mmdebstrap", "mmdebstrap"},
    {"nft", "nftables"},
    {"qemu-img", "qemu-utils"},
    {"qemu-io", "qemu-utils"},
    {"qemu-nbd", "qemu-utils"},
    {"qemu-storage-daemon", "qemu-system-common"},
    {"qemu-system-aarch64", "qemu-system-arm"},
    {"qemu-system-x86_64", "qemu-system-x86"},
    {"resize2fs", "e2fsprogs"},
    {"rpm", "rpm"},
    {"sfdisk", "fdisk"},
    {"sgdisk", "gdisk"},
    {"ssh", "openssh-client"},
    {"tune2fs", "e2fsprogs"},
    {"xfs_growfs", "xfsprogs"},
    {"xfs_repair", "xfsprogs"},
});

/// An administrator's tools are found though the user's PATH leaves the sbin folders out.
constexpr std::string_view kAlwaysSearched = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";

bool is_program(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string_view package_of(std::string_view program) noexcept {
    const auto* const found = std::find_if(
        kPackages.begin(), kPackages.end(), [&](const auto& row) { return row.first == program; }
    );
    return found != kPackages.end() ? found->second : std::string_view{};
}

Error no_such_program(std::string_view program) {
    auto error =
        Error{ErrorKind::not_found, fmt::format("run '{}': no such program in PATH", program)};
    const auto package = package_of(program);
    if (package.empty()) {
        return error;
    }
    return std::move(error).hint(
        fmt::format("apt-get install {}   (the package that has {})", package, program)
    );
}

std::optional<std::filesystem::path> find_program(std::string_view name, std::string_view path) {
    if (name.empty()) {
        return std::nullopt;
    }
    if (name.find('/') != std::string_view::npos) {
        return std::filesystem::path{name};
    }
    for (std::string_view folders : {path, kAlwaysSearched}) {
        while (!folders.empty()) {
            const auto end = std::min(folders.find(':'), folders.size());
            // An empty entry means the current folder: never searched, a bake must not run what
            // lies there.
            const std::filesystem::path folder{folders.substr(0, end)};
            if (folder.is_absolute() && is_program(folder / name)) {
                return folder / name;
            }
            folders.remove_prefix(std::min(end + 1, folders.size()));
        }
    }
    return std::nullopt;
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
    const char* path = std::getenv("PATH");
    return find_program(name, path != nullptr ? path : "");
}

}  // namespace kiln::os
