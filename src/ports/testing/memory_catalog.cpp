#include "ports/testing/memory_catalog.hpp"

#include <algorithm>
#include <tuple>

namespace kiln::ports::testing {

namespace {

/// @throws Error not_found
template <class Map, class Id>
typename Map::mapped_type& at(Map& map, const Id& id) {
    const auto found = map.find(id);
    if (found == map.end()) {
        throw Error{ErrorKind::not_found, "no " + id.str()};
    }
    return found->second;
}

template <class Map>
void insert(Map& map, const typename Map::key_type& id, const typename Map::mapped_type& value) {
    if (!map.emplace(id, value).second) {
        throw Error{ErrorKind::conflict, id.str() + " exists already"};
    }
}

template <class Map, class Id>
std::optional<typename Map::mapped_type> find(const Map& map, const Id& id) {
    const auto found = map.find(id);
    return found == map.end() ? std::nullopt : std::optional{found->second};
}

template <class Map>
auto values(const Map& map) {
    std::vector<typename Map::mapped_type> all;
    for (const auto& [id, value] : map) {
        all.push_back(value);
    }
    return all;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    return texts;
}

}  // namespace

template <class Change>
void MemoryCatalog::transact(Change&& change) {
    auto world = world_.lock();
    auto changed = *world;
    change(changed);
    *world = std::move(changed);
}

void MemoryCatalog::World::insert_layer(Layer layer) {
    layer.depth = layer.backing ? at(layers, *layer.backing).depth + 1 : 1;
    insert(layers, layer.id, layer);
}

bool MemoryCatalog::World::is_used(const LayerId& id) const {
    const auto any = [&](const auto& map, const auto& stands) {
        return std::any_of(map.begin(), map.end(), [&](const auto& entry) {
            return stands(entry.second);
        });
    };
    return any(layers, [&](const Layer& layer) { return layer.backing == id; }) ||
           any(volumes, [&](const VolumeRecord& record) { return record.layer == id; }) ||
           any(snapshots, [&](const SnapshotRecord& record) { return record.layer == id; });
}

bool MemoryCatalog::World::stands_on(LayerId upper, const LayerId& lower) const {
    while (upper != lower) {
        const auto& backing = layers.at(upper).backing;
        if (!backing) {
            return false;
        }
        upper = *backing;
    }
    return true;
}

void MemoryCatalog::World::require_free_name(const std::string& name, const ImageId& for_image)
    const {
    for (const auto& [id, image] : images) {
        if (image.name == name && id != for_image) {
            throw Error{ErrorKind::conflict, "the name '" + name + "' is taken by " + id.str()};
        }
    }
}

Tags& MemoryCatalog::World::tags_of(const std::string& resource) {
    if (is_id(id_kind::Image::prefix, resource)) {
        return at(images, ImageId::parse(resource)).tags;
    }
    if (is_id(id_kind::Snapshot::prefix, resource)) {
        return at(snapshots, SnapshotId::parse(resource)).snapshot.tags;
    }
    if (is_id(id_kind::Volume::prefix, resource)) {
        return at(volumes, VolumeId::parse(resource)).volume.tags;
    }
    throw Error{ErrorKind::not_found, "'" + resource + "' is no image, snapshot or volume"};
}

void MemoryCatalog::put_layer(const Layer& layer) {
    transact([&](World& world) { world.insert_layer(layer); });
}

std::optional<Layer> MemoryCatalog::layer(const LayerId& id) {
    return find(world_.lock()->layers, id);
}

std::vector<Layer> MemoryCatalog::layers() {
    auto all = values(world_.lock()->layers);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a.created, a.id) < std::tie(b.created, b.id);
    });
    return all;
}

std::vector<Layer> MemoryCatalog::chain(const LayerId& top) {
    auto world = world_.lock();
    std::vector<Layer> chain{at(world->layers, top)};
    while (chain.back().backing) {
        chain.push_back(at(world->layers, *chain.back().backing));
    }
    return chain;
}

void MemoryCatalog::rebase_layer(const LayerId& id, const std::optional<LayerId>& backing) {
    transact([&](World& world) {
        auto& layer = at(world.layers, id);
        if (backing) {
            (void)at(world.layers, *backing);
            if (world.stands_on(*backing, id)) {
                throw Error{ErrorKind::conflict, backing->str() + " stands on " + id.str()};
            }
        }
        const auto before = layer.depth;
        const auto after = backing ? at(world.layers, *backing).depth + 1 : 1;
        layer.backing = backing;
        for (auto& [other, above] : world.layers) {
            if (world.stands_on(other, id)) {
                above.depth = above.depth + after - before;
            }
        }
    });
}

void MemoryCatalog::remove_layer(const LayerId& id) {
    transact([&](World& world) {
        if (world.is_used(id)) {
            throw Error{ErrorKind::conflict, "layer " + id.str() + " is in use"};
        }
        world.layers.erase(id);
    });
}

std::vector<LayerId> MemoryCatalog::unused_layers() {
    auto world = world_.lock();
    std::vector<LayerId> unused;
    for (const auto& [id, layer] : world->layers) {
        if (!world->is_used(id)) {
            unused.push_back(id);
        }
    }
    return unused;
}

void MemoryCatalog::put_volume(const VolumeRecord& record) {
    transact([&](World& world) {
        if (record.layer) {
            (void)at(world.layers, *record.layer);
        }
        if (record.volume.snapshot) {
            (void)at(world.snapshots, *record.volume.snapshot);
        }
        insert(world.volumes, record.volume.id, record);
    });
}

void MemoryCatalog::update_volume(
    const VolumeId& id, VolumeState state, const std::optional<Layer>& new_layer
) {
    transact([&](World& world) {
        auto& record = at(world.volumes, id);
        if (new_layer) {
            world.insert_layer(*new_layer);
            record.layer = new_layer->id;
        }
        record.volume.state = state;
    });
}

std::optional<VolumeRecord> MemoryCatalog::volume(const VolumeId& id) {
    return find(world_.lock()->volumes, id);
}

std::vector<VolumeRecord> MemoryCatalog::volumes() {
    auto all = values(world_.lock()->volumes);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a.volume.created, a.volume.id) < std::tie(b.volume.created, b.volume.id);
    });
    return all;
}

void MemoryCatalog::remove_volume(const VolumeId& id) {
    world_.lock()->volumes.erase(id);
}

void MemoryCatalog::put_snapshot(
    const SnapshotRecord& snapshot,
    const std::optional<VolumeId>& volume,
    const std::optional<Layer>& new_volume_layer
) {
    transact([&](World& world) {
        at(world.layers, snapshot.layer).frozen = true;
        auto record = snapshot;
        record.snapshot.shared_with = sorted(std::move(record.snapshot.shared_with));
        insert(world.snapshots, record.snapshot.id, record);
        if (!volume) {
            return;
        }
        auto& target = at(world.volumes, *volume);
        if (new_volume_layer) {
            world.insert_layer(*new_volume_layer);
            target.layer = new_volume_layer->id;
        }
    });
}

std::optional<SnapshotRecord> MemoryCatalog::snapshot(const SnapshotId& id) {
    return find(world_.lock()->snapshots, id);
}

std::vector<SnapshotRecord> MemoryCatalog::snapshots() {
    auto all = values(world_.lock()->snapshots);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a.snapshot.created, a.snapshot.id) <
               std::tie(b.snapshot.created, b.snapshot.id);
    });
    return all;
}

void MemoryCatalog::remove_snapshot(const SnapshotId& id) {
    transact([&](World& world) {
        for (const auto& [image_id, image] : world.images) {
            if (image.root_snapshot == id) {
                throw Error{
                    ErrorKind::conflict, id.str() + " is the root of image " + image_id.str()};
            }
        }
        world.snapshots.erase(id);
    });
}

void MemoryCatalog::put_image(const Image& image) {
    transact([&](World& world) {
        (void)at(world.snapshots, image.root_snapshot);
        world.require_free_name(image.name, image.id);
        auto put = image;
        put.shared_with = sorted(std::move(put.shared_with));
        insert(world.images, put.id, put);
    });
}

std::vector<Image> MemoryCatalog::images(const ImageFilter& filter) {
    auto all = values(world_.lock()->images);
    std::erase_if(all, [&](const auto& image) { return !matches(filter, image); });
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a.created, a.id) > std::tie(b.created, b.id);
    });
    return all;
}

void MemoryCatalog::rename_image(const ImageId& id, const std::string& name) {
    transact([&](World& world) {
        world.require_free_name(name, id);
        at(world.images, id).name = name;
    });
}

void MemoryCatalog::remove_image(const ImageId& id) {
    world_.lock()->images.erase(id);
}

void MemoryCatalog::set_tags(const std::string& resource, const Tags& tags) {
    transact([&](World& world) {
        auto& all = world.tags_of(resource);
        for (const auto& [key, value] : tags) {
            all[key] = value;
        }
        if (auto problems = tag_problems(all, resource); !problems.empty()) {
            throw Error{"tags over the limits", std::move(problems)};
        }
    });
}

void MemoryCatalog::unset_tags(const std::string& resource, const std::vector<std::string>& keys) {
    transact([&](World& world) {
        auto& all = world.tags_of(resource);
        for (const auto& key : keys) {
            all.erase(key);
        }
    });
}

void MemoryCatalog::share(
    const std::string& resource,
    const std::vector<std::string>& add,
    const std::vector<std::string>& remove
) {
    transact([&](World& world) {
        (void)world.tags_of(resource);
        if (is_id(id_kind::Volume::prefix, resource)) {
            throw Error{ErrorKind::invalid, resource + " is a volume and cannot be shared"};
        }
        auto& accounts =
            is_id(id_kind::Image::prefix, resource)
                ? at(world.images, ImageId::parse(resource)).shared_with
                : at(world.snapshots, SnapshotId::parse(resource)).snapshot.shared_with;
        accounts.insert(accounts.end(), add.begin(), add.end());
        accounts = sorted(std::move(accounts));
        for (const auto& account : remove) {
            std::erase(accounts, account);
        }
    });
}

}  // namespace kiln::ports::testing
