#pragma once

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Resources and their owners. Every resource is written down before it is made; what belongs to a
/// job whose holder is dead is undone by the sweeper (src/ledger).
namespace kiln::ports {

/// What kind of thing, hence how it is undone.
enum class ResourceKind {
    process,  ///< name: the path of a pid file that the process keeps locked (fcntl) while it lives
    mount,    ///< name: the mount point
    loop,     ///< name: the backing file's path
    cgroup,   ///< name: the group's name
    folder,   ///< name: the path; removed with all below it
    layer,    ///< name: a LayerId; the local cloud removes file and row
    volume,   ///< name: a VolumeId
    snapshot,  ///< name: a SnapshotId
    image,     ///< name: an ImageId
    bake,      ///< name: a BakeId, "/" and an attempt; marked as interrupted, or queued again
    message,   ///< name: a queue's reference, a space, a receipt; the message is given back
    firewall,  ///< name: of an nftables table of the family inet; removed with all its rules
};

[[nodiscard]] std::string_view to_string(ResourceKind kind) noexcept;
/// @throws Error corrupt: unknown word
[[nodiscard]] ResourceKind resource_kind(std::string_view word);

struct Resource {
    ResourceKind kind;
    std::string name;

    bool operator==(const Resource&) const = default;
};

struct LedgerEntry {
    std::int64_t sequence = 0;  ///< rises; undone in falling order
    Resource resource;
    JobId job;
    HolderId holder;
    TimePoint since;
};

/// Each mutating call returns when it is durable.
class Ledger {
  public:
    virtual ~Ledger() = default;
    /// Writes the resources down, in this order, as the job's. One already there is left as it is.
    virtual void intend(const JobId& job, const std::vector<Resource>& resources) = 0;
    /// They are undone, or are to stay for good.
    virtual void release(const JobId& job, const std::vector<Resource>& resources) = 0;
    virtual void release_all(const JobId& job) = 0;
    /// In rising order of sequence.
    [[nodiscard]] virtual std::vector<LedgerEntry> entries() = 0;
    /// Every process that an entry belongs to, once.
    [[nodiscard]] virtual std::vector<HolderId> holders() = 0;
};

}  // namespace kiln::ports
