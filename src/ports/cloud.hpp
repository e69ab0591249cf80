#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

/// A cloud, as narrow roles. Values have EC2's names and meaning, so that EC2 fits behind them.
/// Every call that makes something names the job that owns it; the driver writes the resource to
/// the ledger before it makes it, and the owner releases it when it is to stay.
namespace kiln::ports {

using Tags = std::map<std::string, std::string>;

enum class VolumeState { creating, available, in_use, deleting };
enum class SnapshotState { pending, completed, error };
enum class ImageState { pending, available, failed };

[[nodiscard]] std::string_view to_string(VolumeState state) noexcept;
[[nodiscard]] std::string_view to_string(SnapshotState state) noexcept;
[[nodiscard]] std::string_view to_string(ImageState state) noexcept;

struct Volume {
    VolumeId id;
    std::string zone;  ///< "local-1a"
    Bytes size;
    std::optional<SnapshotId> snapshot;  ///< what it was made from
    VolumeState state = VolumeState::creating;
    TimePoint created;
    Tags tags;
};

struct Snapshot {
    SnapshotId id;
    Bytes size;    ///< of the volume
    Bytes stored;  ///< what this snapshot alone takes on disk
    std::string description;
    SnapshotState state = SnapshotState::pending;
    TimePoint created;
    Tags tags;
    std::vector<std::string> shared_with;  ///< account numbers, sorted
};

struct Image {
    ImageId id;
    std::string name;
    std::string description;
    std::string architecture;  ///< EC2's words: "x86_64", "arm64"
    std::string owner;         ///< account; "self" on the local cloud
    ImageState state = ImageState::pending;
    SnapshotId root_snapshot;
    Bytes size;
    TimePoint created;
    std::optional<ImageId> parent;  ///< the image this one was baked from
    std::optional<BakeId> bake;     ///< the bake that made it
    std::string bake_key;           ///< "" for an imported image
    Tags tags;
    std::vector<std::string> shared_with;
};

/// EC2's filters. All that are set must hold. Values of one filter are alternatives; `*` and `?`
/// are wildcards as EC2 has them.
struct ImageFilter {
    std::vector<ImageId> ids;
    std::vector<std::string> names;
    std::map<std::string, std::vector<std::string>> tags;  ///< tag:KEY = any of
    std::vector<std::string> tag_keys;
    std::vector<std::string> owners;
    std::vector<std::string> architectures;
    std::vector<std::string> states;
};

struct VolumeSpec {
    JobId owner;
    std::optional<SnapshotId> snapshot;  ///< none: an empty volume, then `size` is required
    std::optional<Bytes> size;           ///< none: the snapshot's; never smaller than it
    std::string zone;                    ///< "": the driver's default
    Tags tags;
};

class Volumes {
  public:
    virtual ~Volumes() = default;
    /// Milliseconds on the local cloud, whatever the size.
    /// @throws Error  not_found: no such snapshot · invalid: smaller than the snapshot · exhausted
    virtual Volume create(const VolumeSpec& spec, Deadline deadline) = 0;
    /// All, or those named. @throws Error not_found: one of `ids` does not exist
    virtual std::vector<Volume> describe(const std::vector<VolumeId>& ids) = 0;
    /// A volume already gone is success. @throws Error conflict: attached
    virtual void remove(const VolumeId& id, Deadline deadline) = 0;
};

/// A volume that this host can read and write. Detached at the end of the object.
class AttachedVolume {
  public:
    virtual ~AttachedVolume() = default;
    /// A block device, or a regular file that stands for one: the whole disk, from its first byte.
    [[nodiscard]] virtual std::filesystem::path device() const = 0;
    /// Everything written is durable afterwards.
    /// @throws Error  unavailable: the storage behind it failed meanwhile · exhausted: it ran full
    virtual void detach() = 0;
    /// Did the storage behind it fail? nullopt: no. Cheap; asked after a failure to name its cause.
    [[nodiscard]] virtual std::optional<Error> failure() = 0;
};

struct AttachSpec {
    JobId owner;
    VolumeId volume;
    std::filesystem::path work_folder;  ///< a folder of the job's, for sockets and mount points
    bool read_only = false;
};

class Attachments {
  public:
    virtual ~Attachments() = default;
    /// @throws Error  not_found · conflict: attached already · denied: not root · unavailable
    virtual std::unique_ptr<AttachedVolume> attach(const AttachSpec& spec, Deadline deadline) = 0;
};

struct SnapshotSpec {
    JobId owner;
    VolumeId volume;
    std::string description;
    Tags tags;
};

class Snapshots {
  public:
    virtual ~Snapshots() = default;
    /// Freezes what the volume holds now. An attached volume may go on being written to: the caller
    /// has made its file system consistent first (os::QuietFilesystem). Returns when it is
    /// complete.
    virtual Snapshot create(const SnapshotSpec& spec, Deadline deadline) = 0;
    virtual std::vector<Snapshot> describe(const std::vector<SnapshotId>& ids) = 0;
    /// Frees only what no image, volume or other snapshot needs. Absent is success.
    /// @throws Error  conflict: an image is registered on it (the message names it)
    virtual void remove(const SnapshotId& id, Deadline deadline) = 0;
    virtual void share(const SnapshotId& id, const std::vector<std::string>& accounts) = 0;
};

struct ImageSpec {
    JobId owner;
    std::string name;
    std::string description;
    std::string architecture;
    SnapshotId root_snapshot;
    std::optional<ImageId> parent;
    std::optional<BakeId> bake;
    std::string bake_key;
    Tags tags;
    std::vector<std::string> shared_with;  ///< image and snapshot are shared together
};

class Images {
  public:
    virtual ~Images() = default;
    /// Atomic: image, tags and shares, or nothing.
    /// @throws Error  not_found: no such snapshot · conflict: an image of that name exists
    virtual Image register_image(const ImageSpec& spec) = 0;
    /// Newest first. @throws Error not_found: one of `filter.ids` does not exist
    virtual std::vector<Image> describe(const ImageFilter& filter) = 0;
    /// Removes the registration; its snapshot stays. Absent is success.
    virtual void deregister(const ImageId& id) = 0;
    virtual void share(
        const ImageId& id,
        const std::vector<std::string>& add,
        const std::vector<std::string>& remove
    ) = 0;
    /// @throws Error  conflict: an image of that name exists
    virtual void rename(const ImageId& id, const std::string& name) = 0;
};

class TagStore {
  public:
    virtual ~TagStore() = default;
    /// `resource` is any id of the cloud. @throws Error not_found · invalid: over EC2's limits
    virtual void set(const std::string& resource, const Tags& tags) = 0;
    virtual void unset(const std::string& resource, const std::vector<std::string>& keys) = 0;
};

/// The roles of one cloud, together. The object that made them outlives this.
struct Cloud {
    std::string name;  ///< "local", "ec2"
    Volumes& volumes;
    Attachments& attachments;
    Snapshots& snapshots;
    Images& images;
    TagStore& tags;
};

/// JSON of each, as `--json` and the API show it.
[[nodiscard]] json::object to_json(const Volume& volume);
[[nodiscard]] json::object to_json(const Snapshot& snapshot);
[[nodiscard]] json::object to_json(const Image& image);

/// EC2's wildcard match: `*` any run, `?` one character, a backslash takes the next one literally.
[[nodiscard]] bool wildcard_match(std::string_view pattern, std::string_view text) noexcept;

/// Does the image pass every filter that is set? Pure; drivers that filter elsewhere agree with it.
[[nodiscard]] bool matches(const ImageFilter& filter, const Image& image);

/// EC2's alphabet for an image's name, 3 to 128 of `A-Za-z0-9 ()[]./-'@_`; nullopt when it is good.
[[nodiscard]] std::optional<std::string> image_name_problem(std::string_view name);

/// EC2's rules for tags: at most 50, key 1 to 127 characters and not `aws:…`, value up to 255.
[[nodiscard]] std::vector<Problem> tag_problems(const Tags& tags, std::string_view where);

}  // namespace kiln::ports
