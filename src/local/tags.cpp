#include "local/roles.hpp"

namespace kiln::local {

void LocalTags::set(const std::string& resource, const ports::Tags& tags) {
    ports::Tags merged = present(resource);
    for (const auto& [key, value] : tags) {
        merged[key] = value;
    }
    require_good_tags(merged);
    shared_.catalog.set_tags(resource, tags);
}

void LocalTags::unset(const std::string& resource, const std::vector<std::string>& keys) {
    (void)present(resource);
    shared_.catalog.unset_tags(resource, keys);
}

ports::Tags LocalTags::present(const std::string& resource) const {
    if (resource.starts_with("ami-")) {
        return shared_.image(ImageId::parse(resource)).tags;
    }
    if (resource.starts_with("snap-")) {
        return shared_.snapshot(SnapshotId::parse(resource)).snapshot.tags;
    }
    if (resource.starts_with("vol-")) {
        return shared_.volume(VolumeId::parse(resource)).volume.tags;
    }
    if (resource.starts_with("i-")) {
        return {};  // whether it exists is the catalog's to say, with the change itself
    }
    throw Error{
        ErrorKind::invalid,
        "'" + resource +
            "' is no resource that has tags; use an id that begins with ami-, snap-, vol- or i-"};
}

}  // namespace kiln::local
