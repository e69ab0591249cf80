#include "local/roles.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace kiln::local {

namespace {

constexpr std::array<std::string_view, 2> kArchitectures{"x86_64", "arm64"};

void require_good_name(const std::string& name) {
    if (auto problem = ports::image_name_problem(name)) {
        throw Error{"bad image", {{"name", std::move(*problem)}}};
    }
}

void require_good_spec(const ports::ImageSpec& spec) {
    std::vector<Problem> problems = ports::tag_problems(spec.tags, "tags");
    if (auto problem = ports::image_name_problem(spec.name)) {
        problems.push_back({"name", std::move(*problem)});
    }
    if (std::ranges::find(kArchitectures, spec.architecture) == kArchitectures.end()) {
        problems.push_back(
            {"architecture", "'" + spec.architecture + "' is unknown; use x86_64 or arm64"}
        );
    }
    if (!problems.empty()) {
        throw Error{"bad image", std::move(problems)};
    }
    require_accounts(spec.shared_with, "share_with");
}

std::vector<std::string> sorted(std::vector<std::string> words) {
    std::ranges::sort(words);
    const auto rest = std::ranges::unique(words);
    words.erase(rest.begin(), rest.end());
    return words;
}

}  // namespace

ports::Image LocalImages::register_image(const ports::ImageSpec& spec) {
    require_good_spec(spec);
    const auto root = shared_.snapshot(spec.root_snapshot);
    ports::Image image;
    image.id = ImageId::random();
    image.name = spec.name;
    image.description = spec.description;
    image.architecture = spec.architecture;
    image.owner = "self";
    image.state = ports::ImageState::available;
    image.root_snapshot = spec.root_snapshot;
    image.size = root.snapshot.size;
    image.created = shared_.clock.now();
    image.parent = spec.parent;
    image.bake = spec.bake;
    image.bake_key = spec.bake_key;
    image.tags = spec.tags;
    image.shared_with = sorted(spec.shared_with);
    shared_.ledger.intend(spec.owner, {{ports::ResourceKind::image, image.id.str()}});
    shared_.catalog.put_image(image);
    if (!image.shared_with.empty()) {
        try {
            shared_.catalog.share(spec.root_snapshot.str(), image.shared_with, {});
        } catch (const Error&) {
            shared_.catalog.remove_image(image.id);
            throw;
        }
    }
    return image;
}

std::vector<ports::Image> LocalImages::describe(const ports::ImageFilter& filter) {
    auto found = shared_.catalog.images(filter);
    if (found.size() < filter.ids.size()) {
        for (const auto& id : filter.ids) {
            (void)shared_.image(id);  // not found, or only filtered out
        }
    }
    return found;
}

void LocalImages::deregister(const ImageId& id) {
    ports::ImageFilter filter;
    filter.ids.push_back(id);
    if (!shared_.catalog.images(filter).empty()) {
        shared_.catalog.remove_image(id);
    }
}

void LocalImages::share(
    const ImageId& id, const std::vector<std::string>& add, const std::vector<std::string>& remove
) {
    require_accounts(add, "share_with");
    require_accounts(remove, "unshare");
    const auto image = shared_.image(id);
    shared_.catalog.share(id.str(), add, remove);
    // Image and snapshot are shared together, but another image may need the snapshot's share.
    std::set<std::string> needed;
    for (const auto& other : shared_.catalog.images({})) {
        if (other.root_snapshot == image.root_snapshot && other.id != id) {
            needed.insert(other.shared_with.begin(), other.shared_with.end());
        }
    }
    std::vector<std::string> obsolete;
    std::ranges::copy_if(remove, std::back_inserter(obsolete), [&](const std::string& account) {
        return !needed.contains(account);
    });
    shared_.catalog.share(image.root_snapshot.str(), add, obsolete);
}

void LocalImages::rename(const ImageId& id, const std::string& name) {
    require_good_name(name);
    (void)shared_.image(id);
    shared_.catalog.rename_image(id, name);
}

}  // namespace kiln::local
