#pragma once

#include "base/json.hpp"
#include "images/task.hpp"
#include "inspect/os_release.hpp"
#include "ports/cloud.hpp"

#include <filesystem>
#include <string>

namespace kiln::images {

/// A blob that was written.
struct Blob {
    std::string digest;  ///< "sha256:…"
    std::uint64_t size = 0;
};

/// The config of a container image. Pure. @param diff_id  digest of the uncompressed layer
[[nodiscard]] json::object oci_config(
    const ports::Image& image, const inspect::OsRelease& release, const std::string& diff_id
);
[[nodiscard]] json::object oci_manifest(
    const ports::Image& image, const Blob& config, const Blob& layer
);
[[nodiscard]] json::object oci_index(const ports::Image& image, const Blob& manifest);

/// Writes an OCI image layout of a mounted root into a new folder. All times are the image's.
void write_oci_layout(
    const Task& task,
    const ports::Image& image,
    const std::filesystem::path& root,
    const std::filesystem::path& folder
);

}  // namespace kiln::images
