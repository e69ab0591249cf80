#pragma once

#include "ports/catalog.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// The local cloud's catalog in the store.
class SqliteCatalog final : public ports::Catalog {
  public:
    /// `store` outlives this.
    explicit SqliteCatalog(Store& store) : store_{store} {}

    void put_layer(const ports::Layer& layer) override;
    [[nodiscard]] std::optional<ports::Layer> layer(const LayerId& id) override;
    [[nodiscard]] std::vector<ports::Layer> layers() override;
    [[nodiscard]] std::vector<ports::Layer> chain(const LayerId& top) override;
    void rebase_layer(const LayerId& id, const std::optional<LayerId>& backing) override;
    void remove_layer(const LayerId& id) override;
    [[nodiscard]] std::vector<LayerId> unused_layers() override;

    void put_volume(const ports::VolumeRecord& volume) override;
    void update_volume(
        const VolumeId& id, ports::VolumeState state, const std::optional<ports::Layer>& new_layer
    ) override;
    [[nodiscard]] std::optional<ports::VolumeRecord> volume(const VolumeId& id) override;
    [[nodiscard]] std::vector<ports::VolumeRecord> volumes() override;
    void remove_volume(const VolumeId& id) override;

    void put_snapshot(
        const ports::SnapshotRecord& snapshot,
        const std::optional<VolumeId>& volume,
        const std::optional<ports::Layer>& new_volume_layer
    ) override;
    [[nodiscard]] std::optional<ports::SnapshotRecord> snapshot(const SnapshotId& id) override;
    [[nodiscard]] std::vector<ports::SnapshotRecord> snapshots() override;
    void remove_snapshot(const SnapshotId& id) override;

    void put_image(const ports::Image& image) override;
    [[nodiscard]] std::vector<ports::Image> images(const ports::ImageFilter& filter) override;
    void rename_image(const ImageId& id, const std::string& name) override;
    void remove_image(const ImageId& id) override;

    void set_tags(const std::string& resource, const ports::Tags& tags) override;
    void unset_tags(const std::string& resource, const std::vector<std::string>& keys) override;
    void share(
        const std::string& resource,
        const std::vector<std::string>& add,
        const std::vector<std::string>& remove
    ) override;

  private:
    Store& store_;
};

}  // namespace kiln::sqlite
