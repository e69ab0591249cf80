#pragma once

#include "images/format.hpp"
#include "images/task.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::images {

/// Reads `qemu-img info --output=json` of one file, and refuses what reaches beyond that file: the
/// second look, after unsafe_header(). Pure.
/// @returns the disk's size
/// @throws Error  invalid: backing file, data file, extents elsewhere, encryption, no size
[[nodiscard]] Bytes read_disk_info(const json::value& info, const std::filesystem::path& file);

/// The virtual size of a disk image that was found harmless. qemu is told the format and never
/// guesses.
/// @throws Error  invalid: damaged, or refused
[[nodiscard]] Bytes disk_size(const Task& task, const std::filesystem::path& file, Format format);

struct Conversion {
    std::filesystem::path from;
    Format from_format = Format::raw;
    std::filesystem::path to;
    Format to_format = Format::raw;
    std::vector<std::string> options;  ///< qemu-img's -o, one each
    bool compress = false;
    /// The target is there, is as large, and reads as zeros (a new volume): zeros are not written.
    bool into_empty_device = false;
};

/// The arguments of the conversion, "qemu-img" first. Pure.
[[nodiscard]] std::vector<std::string> conversion_arguments(const Conversion& conversion);

/// Runs it, reporting progress under `phase` against `total`.
/// @throws Error  invalid: the source is damaged · exhausted: no room · cancelled · timed_out
void convert(const Task& task, const Conversion& conversion, std::string_view phase, Bytes total);

/// The last complete "(12.34/100%)" in what qemu-img printed; nullopt when there is none. Pure.
[[nodiscard]] std::optional<double> last_percentage(std::string_view printed);

}  // namespace kiln::images
