#pragma once

#include "images/task.hpp"
#include "inspect/package.hpp"
#include "inspect/tree_diff.hpp"
#include "ports/cloud.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::images {

struct DiffOptions {
    bool files = true;
    bool packages = true;
    inspect::TreeDiffOptions tree;
};

/// How two images differ, first to second.
struct ImageDiff {
    ImageId first;
    ImageId second;
    std::optional<std::vector<inspect::FileChange>> files;  ///< none: not asked for
    inspect::TreeDiffStats stats;
    std::optional<inspect::PackageDiff> packages;
    std::vector<std::string> notes;  ///< what could not be compared, and why

    [[nodiscard]] bool empty() const noexcept {
        return (!files || files->empty()) && (!packages || packages->empty());
    }
};

/// Mounts both images for reading, on volumes of their own, and compares them.
/// @throws Error  not_found · invalid: one has no root that can be mounted · denied: not root
[[nodiscard]] ImageDiff diff_images(
    const Task& task, const ImageId& first, const ImageId& second, const DiffOptions& options
);

/// For people: the package table, then a line a file: `+` added, `-` removed, `~` changed and how.
/// @param most_files  further ones are counted, not listed
[[nodiscard]] std::string render(const ImageDiff& diff, std::size_t most_files);
[[nodiscard]] json::object to_json(const ImageDiff& diff);

/// What differs between two bakes of the same inputs, beyond inspect::unreproducible_paths(), and
/// beyond times: a bake happens when it happens.
struct Verification {
    std::vector<inspect::FileChange> differing;
    std::uint64_t ignored = 0;  ///< entries under a path that is not compared
    std::uint64_t compared = 0;
};

[[nodiscard]] Verification verify_images(
    const Task& task, const ImageId& first, const ImageId& second
);

}  // namespace kiln::images
