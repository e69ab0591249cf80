#include "images/format.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::images {

namespace {

using namespace std::string_view_literals;

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i) {
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return value;
}

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) {
        value =
            value << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    return value;
}

bool at(std::string_view head, std::size_t offset, std::string_view magic) {
    return head.size() >= offset + magic.size() && head.substr(offset, magic.size()) == magic;
}

bool is_compressed(std::string_view head) {
    return at(head, 0, "\x1f\x8b"sv) ||
           at(head,
              0,
              "\xfd"
              "7zXZ\0"sv) ||
           at(head, 0, "\x28\xb5\x2f\xfd"sv) || at(head, 0, "BZh"sv);
}

/// The checksum of a tar header: all bytes, the checksum's own counted as spaces. Tars older than
/// POSIX have no magic but this.
bool is_tar(std::string_view head) {
    if (at(head, 257, "ustar"sv)) {
        return true;
    }
    if (head.size() < 512 || head[0] == '\0') {
        return false;
    }
    unsigned sum = 0;
    unsigned stored = 0;
    for (std::size_t i = 0; i < 512; ++i) {
        sum += i >= 148 && i < 156 ? unsigned{' '} : static_cast<unsigned char>(head[i]);
    }
    for (std::size_t i = 148; i < 156; ++i) {
        if (head[i] >= '0' && head[i] <= '7') {
            stored = stored * 8 + static_cast<unsigned>(head[i] - '0');
        } else if (head[i] != ' ' && head[i] != '\0') {
            return false;
        }
    }
    return stored == sum && sum != 0;
}

[[noreturn]] void not_supported(std::string_view what, std::string_view remedy) {
    throw Error{ErrorKind::invalid, fmt::format("it is {}, which is not supported", what)}.hint(
        std::string{remedy}
    );
}

constexpr std::array<std::string_view, 7> kNames{
    "raw", "qcow2", "vmdk", "vhdx", "vdi", "tar", "oci"};

std::optional<std::string> unsafe_qcow2(std::string_view head) {
    constexpr std::uint64_t kExternalData = 1U << 2;  // incompatible feature bit 2
    if (head.size() < 72) {
        return "its header is cut short";
    }
    const auto version = big_endian(head, 4, 4);
    if (version != 2 && version != 3) {
        return fmt::format("its version {} is unknown", version);
    }
    if (big_endian(head, 8, 8) != 0) {
        return "it names a backing file, and could so read any file of this host; merge it with "
               "that "
               "file first: qemu-img convert -O qcow2 IN OUT";
    }
    if (big_endian(head, 32, 4) != 0) {
        return "it is encrypted";
    }
    if (version == 3 && (big_endian(head, 72, 8) & kExternalData) != 0) {
        return "it keeps its data in an external file, and could so read any file of this host";
    }
    return std::nullopt;
}

std::optional<std::string> unsafe_vmdk(std::string_view head) {
    // Without a capacity in the sparse header, qemu takes the extents from the embedded descriptor.
    if (head.size() < 512 || little_endian(head, 12, 8) == 0) {
        return "its sparse header has no capacity: the descriptor would decide which files are "
               "read";
    }
    const auto descriptor = little_endian(head, 28, 8) * 512;
    const auto size = std::min<std::uint64_t>(little_endian(head, 36, 8) * 512, 20 * 1024);
    if (descriptor < head.size() && size > 0) {
        const auto text = head.substr(descriptor, size);
        if (text.find("parentFileNameHint") != std::string_view::npos) {
            return "it names a parent disk, and could so read any file of this host";
        }
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Format format) noexcept {
    return kNames.at(static_cast<std::size_t>(format));
}

Format detect_format(std::string_view head) {
    if (at(head, 0, "QFI\xfb"sv)) {
        return Format::qcow2;
    }
    if (at(head, 0, "KDMV"sv)) {
        return Format::vmdk;
    }
    if (at(head, 0, "vhdxfile"sv)) {
        return Format::vhdx;
    }
    if (at(head, 64, "\x7f\x10\xda\xbe"sv)) {
        return Format::vdi;
    }
    if (at(head, 0, "# Disk DescriptorFile"sv)) {
        not_supported(
            "a VMDK descriptor that names other files",
            "make one file of them: qemu-img convert -O qcow2 IN.vmdk OUT.qcow2"
        );
    }
    if (at(head, 0, "conectix"sv)) {
        not_supported("a VHD", "convert it: qemu-img convert -f vpc -O vhdx IN.vhd OUT.vhdx");
    }
    if (at(head, 32769, "CD001"sv)) {
        not_supported("an ISO 9660 disc", "install from it to a disk, and import that");
    }
    if (at(head, 0, "hsqs"sv)) {
        not_supported("a squashfs", "make a tar of it: sqfs2tar IN | zstd > OUT.tar.zst");
    }
    return is_compressed(head) || is_tar(head) ? Format::tar : Format::raw;
}

Format detect_format_of(const std::filesystem::path& path) {
    const auto fd = os::open_file(path, O_RDONLY | O_NONBLOCK);

    struct ::stat status {};

    if (::fstat(fd.get(), &status) != 0) {
        throw_errno(fmt::format("look at '{}'", path.string()));
    }
    if (S_ISDIR(status.st_mode)) {
        if (std::filesystem::exists(path / "oci-layout")) {
            return Format::oci_folder;
        }
        throw Error{
            ErrorKind::invalid,
            fmt::format("'{}' is a folder without an OCI image layout in it", path.string())}
            .hint(
                "for a folder with a root file system, import a tar of it: tar -C DIR "
                "--numeric-owner "
                "--xattrs -cf root.tar ."
            );
    }
    if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) {
        throw Error{
            ErrorKind::invalid, fmt::format("'{}' is neither a file nor a disk", path.string())};
    }
    std::string head(kHeadBytes, '\0');
    const auto got = ::pread(fd.get(), head.data(), head.size(), 0);
    if (got < 0) {
        throw_errno(fmt::format("read '{}'", path.string()));
    }
    if (got == 0) {
        throw Error{ErrorKind::invalid, fmt::format("'{}' is empty", path.string())};
    }
    head.resize(static_cast<std::size_t>(got));
    try {
        const auto format = detect_format(head);
        if (auto problem = unsafe_header(format, head)) {
            throw Error{
                ErrorKind::invalid,
                fmt::format("{} image refused: {}", to_string(format), *problem)};
        }
        return format;
    } catch (const Error& error) {
        throw error.while_(fmt::format("import '{}'", path.string()));
    }
}

std::optional<std::string> unsafe_header(Format format, std::string_view head) {
    switch (format) {
        case Format::qcow2:
            return unsafe_qcow2(head);
        case Format::vmdk:
            return unsafe_vmdk(head);
        case Format::raw:
        case Format::vhdx:  // qemu refuses differencing ones of these two
        case Format::vdi:
        case Format::tar:
        case Format::oci_folder:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace kiln::images
