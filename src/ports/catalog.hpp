#pragma once

#include "ports/cloud.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the local cloud remembers: images, snapshots, volumes, and the files (layers) they stand
/// on.
namespace kiln::ports {

/// One qcow2 file. A frozen layer never changes what it reads as; flattening may replace the file
/// by another that reads the same and stands on a lower layer.
struct Layer {
    LayerId id;
    std::optional<LayerId> backing;
    Bytes virtual_size;
    bool frozen = false;
    std::size_t depth = 1;  ///< layers from here to the bottom, this one included
    TimePoint created;
};

struct VolumeRecord {
    Volume volume;
    std::optional<LayerId>
        layer;  ///< none: empty, no file yet. A frozen layer: written to copy-on-write
};

struct SnapshotRecord {
    Snapshot snapshot;
    LayerId layer;  ///< frozen
};

/// Every mutating call is one transaction and returns when it is durable.
class Catalog {
  public:
    virtual ~Catalog() = default;

    /// Its depth is worked out from the backing layer's; the given one is not looked at.
    /// @throws Error  conflict: the id is taken · not_found: the backing layer
    virtual void put_layer(const Layer& layer) = 0;
    [[nodiscard]] virtual std::optional<Layer> layer(const LayerId& id) = 0;
    [[nodiscard]] virtual std::vector<Layer> layers() = 0;
    /// From `top` down to the bottom. @throws Error not_found
    [[nodiscard]] virtual std::vector<Layer> chain(const LayerId& top) = 0;
    /// The layer stands on another one now; depths of all above it are made true.
    /// @throws Error  not_found: either layer · conflict: `backing` stands on `id`
    virtual void rebase_layer(const LayerId& id, const std::optional<LayerId>& backing) = 0;
    /// Absent is success. @throws Error  conflict: a snapshot, volume or layer stands on it
    virtual void remove_layer(const LayerId& id) = 0;
    /// Layers that no snapshot, no volume and no layer stands on.
    [[nodiscard]] virtual std::vector<LayerId> unused_layers() = 0;

    /// @throws Error  not_found: its layer or snapshot
    virtual void put_volume(const VolumeRecord& volume) = 0;
    /// Sets the state and, if given, inserts `new_layer` and points the volume at it, in one
    /// transaction: nobody ever sees a layer that nothing stands on. Without it the layer stays.
    /// @throws Error  not_found: the volume, or the new layer's backing
    virtual void update_volume(
        const VolumeId& id, VolumeState state, const std::optional<Layer>& new_layer = std::nullopt
    ) = 0;
    [[nodiscard]] virtual std::optional<VolumeRecord> volume(const VolumeId& id) = 0;
    [[nodiscard]] virtual std::vector<VolumeRecord> volumes() = 0;
    /// With its tags. Absent is success.
    virtual void remove_volume(const VolumeId& id) = 0;

    /// Freezes the record's layer, inserts the snapshot and, if given, points the volume at
    /// `volume_layer`, in one transaction.
    virtual void put_snapshot(
        const SnapshotRecord& snapshot,
        const std::optional<VolumeId>& volume = std::nullopt,
        const std::optional<Layer>& new_volume_layer = std::nullopt
    ) = 0;
    [[nodiscard]] virtual std::optional<SnapshotRecord> snapshot(const SnapshotId& id) = 0;
    [[nodiscard]] virtual std::vector<SnapshotRecord> snapshots() = 0;
    /// With tags and shares; the layer stays. Absent is success.
    /// @throws Error  conflict: an image is registered on it
    virtual void remove_snapshot(const SnapshotId& id) = 0;

    /// @throws Error  conflict: name taken · not_found: snapshot
    virtual void put_image(const Image& image) = 0;
    /// With the filter applied in SQL where an index helps; ports::matches() holds for each. Newest
    /// first.
    [[nodiscard]] virtual std::vector<Image> images(const ImageFilter& filter) = 0;
    /// @throws Error  not_found · conflict: another image has that name
    virtual void rename_image(const ImageId& id, const std::string& name) = 0;
    /// With tags and shares; its snapshot stays. Absent is success.
    virtual void remove_image(const ImageId& id) = 0;

    /// `resource` is the id of an image, snapshot or volume.
    /// @throws Error  not_found · invalid: with those already there, over EC2's limits
    /// (tag_problems)
    virtual void set_tags(const std::string& resource, const Tags& tags) = 0;
    virtual void unset_tags(const std::string& resource, const std::vector<std::string>& keys) = 0;
    /// Of an image or a snapshot. @throws Error not_found · invalid: a volume
    virtual void share(
        const std::string& resource,
        const std::vector<std::string>& add,
        const std::vector<std::string>& remove
    ) = 0;
};

}  // namespace kiln::ports
