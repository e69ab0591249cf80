#pragma once

#include "base/guarded.hpp"
#include "ports/catalog.hpp"

#include <map>

namespace kiln::ports::testing {

/// The local cloud's catalog in memory.
class MemoryCatalog final : public Catalog {
  public:
    void put_layer(const Layer& layer) override;
    [[nodiscard]] std::optional<Layer> layer(const LayerId& id) override;
    [[nodiscard]] std::vector<Layer> layers() override;
    [[nodiscard]] std::vector<Layer> chain(const LayerId& top) override;
    void rebase_layer(const LayerId& id, const std::optional<LayerId>& backing) override;
    void remove_layer(const LayerId& id) override;
    [[nodiscard]] std::vector<LayerId> unused_layers() override;

    void put_volume(const VolumeRecord& volume) override;
    void update_volume(const VolumeId& id, VolumeState state, const std::optional<Layer>& new_layer)
        override;
    [[nodiscard]] std::optional<VolumeRecord> volume(const VolumeId& id) override;
    [[nodiscard]] std::vector<VolumeRecord> volumes() override;
    void remove_volume(const VolumeId& id) override;

    void put_snapshot(
        const SnapshotRecord& snapshot,
        const std::optional<VolumeId>& volume,
        const std::optional<Layer>& new_volume_layer
    ) override;
    [[nodiscard]] std::optional<SnapshotRecord> snapshot(const SnapshotId& id) override;
    [[nodiscard]] std::vector<SnapshotRecord> snapshots() override;
    void remove_snapshot(const SnapshotId& id) override;

    void put_image(const Image& image) override;
    [[nodiscard]] std::vector<Image> images(const ImageFilter& filter) override;
    void rename_image(const ImageId& id, const std::string& name) override;
    void remove_image(const ImageId& id) override;

    void set_tags(const std::string& resource, const Tags& tags) override;
    void unset_tags(const std::string& resource, const std::vector<std::string>& keys) override;
    void share(
        const std::string& resource,
        const std::vector<std::string>& add,
        const std::vector<std::string>& remove
    ) override;

  private:
    struct World {
        std::map<LayerId, Layer> layers;
        std::map<VolumeId, VolumeRecord> volumes;
        std::map<SnapshotId, SnapshotRecord> snapshots;
        std::map<ImageId, Image> images;

        void insert_layer(Layer layer);
        [[nodiscard]] bool is_used(const LayerId& id) const;
        [[nodiscard]] bool stands_on(LayerId upper, const LayerId& lower) const;
        void require_free_name(const std::string& name, const ImageId& for_image) const;
        [[nodiscard]] Tags& tags_of(const std::string& resource);
    };

    /// Runs `change` on a copy that replaces the state when it did not throw.
    template <class Change>
    void transact(Change&& change);

    Guarded<World> world_;
};

}  // namespace kiln::ports::testing
