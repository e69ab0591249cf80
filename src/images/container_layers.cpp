#include "images/container_layers.hpp"

#include "images/tar_scan.hpp"
#include "os/guest_root.hpp"

#include <vector>

namespace kiln::images {

namespace {

constexpr std::string_view kPrefix = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

/// An entry of another type stands in the way of unpacking: archive::extract keeps folders as they
/// are.
bool stands_in_the_way(const os::GuestRoot& tree, const Member& member) {
    using Type = os::GuestRoot::Type;
    const auto type = tree.status("/" + member.path).type;
    return type != Type::none && (type == Type::folder) != member.folder;
}

void hide(const os::GuestRoot& tree, const Whiteout& whiteout) {
    if (whiteout.kind == Whiteout::Kind::entry) {
        tree.remove("/" + whiteout.path);
    }
    if (whiteout.kind != Whiteout::Kind::opaque) {
        return;
    }
    for (const auto& name : tree.list("/" + whiteout.path)) {
        tree.remove("/" + whiteout.path + "/" + name);
    }
}

}  // namespace

Whiteout whiteout_of(std::string_view member) {
    const auto slash = member.rfind('/');
    const auto folder = slash == std::string_view::npos ? "" : member.substr(0, slash + 1);
    const auto name = member.substr(folder.size());
    if (name == kOpaque) {
        return {Whiteout::Kind::opaque, std::string{folder.substr(0, folder.empty() ? 0 : slash)}};
    }
    if (!name.starts_with(kPrefix)) {
        return {};
    }
    const auto hidden = name.substr(kPrefix.size());
    if (hidden.empty() || hidden == "." || hidden == ".." || hidden.starts_with(kPrefix)) {
        return {Whiteout::Kind::marker, ""};
    }
    return {Whiteout::Kind::entry, std::string{folder} + std::string{hidden}};
}

void apply_layer(
    const std::filesystem::path& layer,
    const std::filesystem::path& root,
    const archive::Limits& limits,
    const std::stop_token& stop,
    const std::function<void(Bytes)>& progress
) {
    std::vector<std::string> markers;
    {
        const os::GuestRoot tree{root};
        list_members(
            layer,
            [&](const Member& member) {
                const auto whiteout = whiteout_of(member.path);
                if (whiteout.kind != Whiteout::Kind::none) {
                    hide(tree, whiteout);
                    markers.push_back(member.path);
                } else if (stands_in_the_way(tree, member)) {
                    tree.remove("/" + member.path);
                }
            },
            stop
        );
    }
    (void)archive::extract(layer, root, archive::Ownership::keep, limits, stop, progress);
    const os::GuestRoot tree{root};
    for (const auto& marker : markers) {
        tree.remove("/" + marker);
    }
}

}  // namespace kiln::images
