#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::images {

/// What a file to be imported is, told by its bytes.
enum class Format { raw, qcow2, vmdk, vhdx, vdi, tar, oci_folder };

/// "qcow2": qemu-img's word where it is one of its formats.
[[nodiscard]] std::string_view to_string(Format format) noexcept;

/// How much of a file's beginning `detect_format` wants to see: an ISO says what it is at 32 KiB.
inline constexpr std::size_t kHeadBytes = 33U << 10;

/// Told by the first bytes of a file; what is none of the others is a raw disk. A compressed file
/// is taken to be a tar. Pure.
/// @throws Error  invalid: a format that is known and not supported, with what to do
[[nodiscard]] Format detect_format(std::string_view head);

/// The same of a path; a folder with an OCI image layout in it is oci_folder.
/// @throws Error  by errno · invalid: empty, a folder that is none, not a regular file
[[nodiscard]] Format detect_format_of(const std::filesystem::path& path);

/// What makes a disk image unsafe to be handed to qemu-img, by its header: anything that would make
/// qemu read another file of this host (backing file, external data file, split extents), or
/// encryption. Judged before any program sees the file. nullopt: nothing found. Pure.
/// Source: QEMU docs/interop/qcow2.txt; VMware Virtual Disk Format 5.0; VHDX 1.00; VDICore.h.
[[nodiscard]] std::optional<std::string> unsafe_header(Format format, std::string_view head);

}  // namespace kiln::images
