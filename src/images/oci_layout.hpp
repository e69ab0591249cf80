#pragma once

#include "base/json.hpp"
#include "images/task.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Container images: OCI image layouts, and what `docker save` writes.
namespace kiln::images {

/// A blob by its content.
struct Descriptor {
    std::string media_type;
    std::string digest;  ///< "sha256:" and 64 hex digits
    std::uint64_t size = 0;
    std::string architecture;  ///< of the platform, "" where none is named
    std::string os;
    std::string reference;  ///< org.opencontainers.image.ref.name
};

/// The manifests of an index.json, or of an index below it. Pure. @throws Error invalid
[[nodiscard]] std::vector<Descriptor> parse_index(const json::value& index);

struct Manifest {
    Descriptor config;
    std::vector<Descriptor> layers;  ///< lowest first
};

/// @throws Error  invalid: no manifest, a layer that is no tar or is encrypted
[[nodiscard]] Manifest parse_manifest(const json::value& manifest);

/// The one manifest that is meant: of the reference if one is given, else the only one that runs
/// Linux on `architecture` (EC2's word), else the only one there is. Pure.
/// @throws Error  invalid: none or several, which are listed
[[nodiscard]] Descriptor choose_manifest(
    const std::vector<Descriptor>& manifests,
    const std::string& reference,
    const std::string& architecture
);

/// Where a blob lies in a layout: "blobs/sha256/…". @throws Error invalid: not a sha256 digest
[[nodiscard]] std::string blob_path(std::string_view digest);

/// A container image, unpacked or found in a folder, ready to be applied.
struct ContainerImage {
    std::vector<std::filesystem::path> layers;  ///< tars in any compression, lowest first
    std::string architecture;                   ///< EC2's word, "" where none is named
};

/// Reads a layout in a folder and checks every blob it will use against its digest.
/// @param architecture  EC2's word of the image that is meant where there are several
/// @throws Error  invalid: not a layout, a blob is missing or is not what its digest says
[[nodiscard]] ContainerImage read_oci_layout(
    const Task& task,
    const std::filesystem::path& folder,
    const std::string& reference,
    const std::string& architecture
);

/// Reads what `docker save` writes, unpacked in a folder.
/// @throws Error  invalid: no manifest.json, several images and no reference
[[nodiscard]] ContainerImage read_docker_archive(
    const std::filesystem::path& folder, const std::string& reference
);

}  // namespace kiln::images
