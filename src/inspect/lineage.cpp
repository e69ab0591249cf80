#include "inspect/lineage.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace kiln::inspect {

namespace {

constexpr std::int64_t kVersion = 1;
using Need = ObjectReader::Need;

Ancestor read_ancestor(
    const json::value& value, const std::string& where, std::vector<Problem>& problems
) {
    ObjectReader reader{value, where, problems};
    const auto id = reader.string("id", Need::required);
    const auto created = reader.string("created", Need::required);
    Ancestor ancestor;
    ancestor.name = reader.string("name", Need::required).value_or("");
    ancestor.description = reader.string("description").value_or("");
    ancestor.bake_key = reader.string("bake_key").value_or("");
    reader.finish();
    try {
        if (id) {
            ancestor.id = ImageId::parse(*id);
        }
    } catch (const Error& error) {
        reader.complain("id", error.message());
    }
    try {
        if (created) {
            ancestor.created = parse_time(*created);
        }
    } catch (const Error& error) {
        reader.complain("created", error.message());
    }
    return ancestor;
}

json::object ancestor_json(const Ancestor& ancestor) {
    return {
        {"id", ancestor.id.str()},
        {"name", ancestor.name},
        {"description", ancestor.description},
        {"created", format_time(ancestor.created)},
        {"bake_key", ancestor.bake_key},
    };
}

using ById = std::unordered_map<std::string, const ports::Image*>;
using Children = std::unordered_map<std::string, std::vector<const ports::Image*>>;

/// From the image up to its oldest known ancestor; the last may be one that no longer exists.
std::vector<ImageId> path_upwards(const ById& by_id, const ImageId& id) {
    std::vector<ImageId> path{id};
    std::set<ImageId> seen{id};
    for (;;) {
        const auto found = by_id.find(path.back().str());
        if (found == by_id.end() || !found->second->parent) {
            return path;
        }
        const auto& parent = *found->second->parent;
        if (!seen.insert(parent).second) {
            return path;  // a circle: only a damaged catalog has one
        }
        path.push_back(parent);
    }
}

const ports::Image* find(const ById& by_id, const ImageId& id) {
    const auto found = by_id.find(id.str());
    return found == by_id.end() ? nullptr : found->second;
}

/// Appends what descends from `top`, with a stack of its own: lineages may be deeper than ours.
void append_descendants(
    std::vector<LineageNode>& nodes, const Children& children, const LineageNode& top
) {
    std::set<ImageId> seen{top.id};
    std::vector<LineageNode> waiting;
    const auto push = [&](const LineageNode& node) {
        const auto found = children.find(node.id.str());
        if (found == children.end()) {
            return;
        }
        bool last = true;
        for (auto child = found->second.rbegin(); child != found->second.rend(); ++child) {
            if (seen.insert((*child)->id).second) {
                waiting.push_back({(*child)->id, *child, node.depth + 1, std::exchange(last, false)}
                );
            }
        }
    };
    push(top);
    while (!waiting.empty()) {
        const auto node = waiting.back();
        waiting.pop_back();
        nodes.push_back(node);
        push(node);
    }
}

std::string label(const LineageNode& node) {
    if (node.image == nullptr) {
        return fmt::format("{}  (removed)", node.id.str());
    }
    return fmt::format(
        "{}  {}  {}{}",
        node.id.str(),
        node.image->name,
        format_time(node.image->created),
        node.focus ? "  *" : ""
    );
}

}  // namespace

Ancestor as_ancestor(const ports::Image& image) {
    return {image.id, image.name, image.description, image.created, image.bake_key};
}

std::vector<Ancestor> parse_lineage(std::string_view text) {
    std::vector<Problem> problems;
    const auto document = parse_json(text);
    ObjectReader reader{document, "", problems};
    (void)reader.integer("version", kVersion, kVersion, Need::required);
    const auto* list = reader.array("ancestors", Need::required);
    reader.finish();
    std::vector<Ancestor> ancestors;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        ancestors.push_back(read_ancestor((*list)[i], fmt::format("ancestors[{}]", i), problems));
    }
    if (!problems.empty()) {
        throw Error{"not a lineage file", problems};
    }
    return ancestors;
}

std::string append_lineage(const std::optional<std::string>& text, const Ancestor& ancestor) {
    std::vector<Ancestor> ancestors;
    if (text) {
        try {
            ancestors = parse_lineage(*text);
        } catch (const Error& error) {
            throw error.while_(fmt::format("append to {}", kLineagePath));
        }
    }
    if (ancestors.empty() || ancestors.back().id != ancestor.id) {
        ancestors.push_back(ancestor);
    }
    json::array list;
    for (const auto& one : ancestors) {
        list.push_back(ancestor_json(one));
    }
    return pretty_json(json::object{{"version", kVersion}, {"ancestors", std::move(list)}});
}

std::vector<LineageNode> lineage_of(const std::vector<ports::Image>& images, const ImageId& id) {
    ById by_id;
    Children children;
    for (const auto& image : images) {
        by_id[image.id.str()] = &image;
        if (image.parent) {
            children[image.parent->str()].push_back(&image);
        }
    }
    for (auto& [parent, list] : children) {
        std::sort(list.begin(), list.end(), [](const auto* a, const auto* b) {
            return std::tie(a->created, a->id) < std::tie(b->created, b->id);
        });
    }
    if (find(by_id, id) == nullptr) {
        throw Error{ErrorKind::not_found, fmt::format("no image {}", id.str())};
    }
    const auto path = path_upwards(by_id, id);
    std::vector<LineageNode> nodes;
    for (auto step = path.rbegin(); step != path.rend(); ++step) {
        nodes.push_back({*step, find(by_id, *step), nodes.size(), true, *step == id});
    }
    const auto top = nodes.back();
    append_descendants(nodes, children, top);
    return nodes;
}

std::string render(const std::vector<LineageNode>& nodes) {
    std::string text;
    std::vector<bool> open;  // for each depth: does a sibling follow further down?
    for (const auto& node : nodes) {
        open.resize(node.depth + 1, false);
        open[node.depth] = !node.last;
        for (std::size_t depth = 1; depth < node.depth; ++depth) {
            text += open[depth] ? "│  " : "   ";
        }
        if (node.depth > 0) {
            text += node.last ? "└─ " : "├─ ";
        }
        text += label(node) + "\n";
    }
    return text;
}

json::object to_json(const std::vector<LineageNode>& nodes) {
    json::array list;
    for (const auto& node : nodes) {
        json::object object{{"id", node.id.str()}, {"depth", node.depth}, {"focus", node.focus}};
        object["state"] = node.image == nullptr ? "removed" : "registered";
        if (node.image != nullptr) {
            object["name"] = node.image->name;
            object["created"] = format_time(node.image->created);
            object["parent"] =
                node.image->parent ? json::value(node.image->parent->str()) : nullptr;
            object["bake"] = node.image->bake ? json::value(node.image->bake->str()) : nullptr;
        }
        list.push_back(std::move(object));
    }
    return {{"images", std::move(list)}};
}

}  // namespace kiln::inspect
