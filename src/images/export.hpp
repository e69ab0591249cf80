#pragma once

#include "images/compressor.hpp"
#include "images/export_place.hpp"
#include "images/task.hpp"
#include "ports/cloud.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::images {

enum class ExportFormat { raw, qcow2, vmdk, vhdx, tar, oci };

struct ExportRequest {
    ImageId image;
    std::filesystem::path target;
    ExportFormat format = ExportFormat::qcow2;
    Compression compression = Compression::none;  ///< of a tar
    bool compress_disk = false;  ///< qcow2: compressed clusters; vmdk: stream-optimised
    Overwrite overwrite = Overwrite::no;
};

struct Exported {
    std::filesystem::path target;
    Bytes size;  ///< what it takes on disk
};

/// Format and compression as a target's name says them: "x.qcow2", "x.tar.zst", "x.tgz",
/// "x.oci.tar", "x.oci". Pure. @throws Error invalid: a name that says none
[[nodiscard]] std::pair<ExportFormat, Compression> format_of_name(std::string_view name);

/// @throws Error  invalid: an unknown word
[[nodiscard]] ExportFormat export_format(std::string_view word);

/// Writes an image to a file (or, for oci with a target that does not end in ".tar", to a folder).
///
/// raw is sparse. tar is that of archive::pack: the same image gives the same bytes. oci is an OCI
/// image layout with one layer, its times those of the image: deterministic too.
/// @throws Error  not_found · conflict: the target exists · invalid: compression without a tar
///                exhausted: no room at the target · denied: not root · cancelled · timed_out
Exported export_image(const Task& task, const ExportRequest& request);

/// SHA-256 of the image exported as an uncompressed tar: what provenance states of it.
[[nodiscard]] std::string image_digest(const Task& task, const ports::Image& image);

}  // namespace kiln::images
