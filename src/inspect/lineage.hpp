#pragma once

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "ports/cloud.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Where images come from: the file inside each, and the tree over all of them.
namespace kiln::inspect {

/// Where the file stands inside an image.
inline constexpr std::string_view kLineagePath = "/etc/kiln/lineage.json";

struct Ancestor {
    ImageId id;
    std::string name;
    std::string description;
    TimePoint created;
    std::string bake_key;  ///< of the bake that made it, "" for an imported image

    bool operator==(const Ancestor&) const = default;
};

/// The image as an ancestor of what is baked from it.
[[nodiscard]] Ancestor as_ancestor(const ports::Image& image);

/// The ancestors in a lineage file, oldest first. Pure.
/// @throws Error  invalid: not such a file; every problem with its place
[[nodiscard]] std::vector<Ancestor> parse_lineage(std::string_view text);

/// The file's new text after one more ancestor. `text` is what the parent's root holds, nullopt
/// when it has none. An ancestor that already stands last is not added again. Pure.
/// @throws Error  invalid: what stands there is not a lineage file
[[nodiscard]] std::string append_lineage(
    const std::optional<std::string>& text, const Ancestor& ancestor
);

/// One line of a lineage tree.
struct LineageNode {
    ImageId id;
    const ports::Image* image = nullptr;  ///< null: deregistered, but a descendant still names it
    std::size_t depth = 0;                ///< 0 for the oldest
    bool last = false;                    ///< of its siblings
    bool focus = false;                   ///< the image that was asked for
};

/// The image's ancestors up to the oldest, and all its descendants, parents before their children,
/// siblings by creation time. Siblings of ancestors are left out. The nodes point into `images`.
/// Pure.
/// @throws Error  not_found: `id` is not among `images`
[[nodiscard]] std::vector<LineageNode> lineage_of(
    const std::vector<ports::Image>& images, const ImageId& id
);

/// The tree for people, one image to a line, `*` before the one asked for.
[[nodiscard]] std::string render(const std::vector<LineageNode>& nodes);
/// A flat list in the tree's order with each image's depth: a lineage may be deeper than JSON
/// parsers let nesting be.
[[nodiscard]] json::object to_json(const std::vector<LineageNode>& nodes);

}  // namespace kiln::inspect
