#pragma once

#include "base/time.hpp"
#include "images/task.hpp"
#include "inspect/provenance.hpp"
#include "inspect/sbom.hpp"
#include "ports/bake_store.hpp"
#include "ports/cloud.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What an image's papers say: which packages it holds, and where it comes from.
namespace kiln::images {

struct Sbom {
    json::object document;           ///< SPDX 2.3
    std::vector<std::string> notes;  ///< packages that could not be read, and why
};

/// @param now  the document's creation time
/// @param tool  "kiln-0.1.0"
/// @throws Error  not_found · invalid: no root that can be mounted · denied: not root
[[nodiscard]] Sbom image_sbom(
    const Task& task, const ImageId& id, TimePoint now, const std::string& tool
);

struct Builder {
    std::string id;  ///< a URI: who runs this kiln
    std::string kiln_version;
};

/// What provenance says, from the image, the record of its bake if there is one, and the digest of
/// its content. Pure.
/// @param digest  image_digest() of the image
/// @param parent_digest  that of its parent, where that still exists
[[nodiscard]] inspect::ProvenanceFacts provenance_facts(
    const ports::Image& image,
    const std::optional<ports::BakeRecord>& bake,
    const std::string& digest,
    const std::optional<std::string>& parent_digest,
    const Builder& builder
);

/// The in-toto statement of an image; in a DSSE envelope signed with `key` (a PEM file) if given.
/// @throws Error  as image_sbom · denied, invalid: the key
[[nodiscard]] json::object image_provenance(
    const Task& task,
    const ImageId& id,
    const std::optional<ports::BakeRecord>& bake,
    const Builder& builder,
    const std::optional<std::filesystem::path>& key
);

}  // namespace kiln::images
