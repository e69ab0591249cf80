#pragma once

#include "cache/demand.hpp"
#include "disk/root_disk.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/ledger.hpp"
#include "ports/volume_cache.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace kiln::cache {

/// The tag of a volume that stands ready: "ready", or "hot" for one that a process holds mounted.
inline constexpr const char* kTag = "kiln:cache";

/// What the cache works on.
struct World {
    ports::Cloud& cloud;
    ports::Ledger& ledger;
    ports::VolumeCache& cache;
    ports::BakeStore& bakes;
    ports::Clock& clock;
    std::filesystem::path run_folder;  ///< each job has a folder below it
    /// Undoes everything that the ledger has of a job; returns when nothing is left.
    std::function<void(const JobId&)> undo_job;
    /// The files that a snapshot's blocks are read from, the topmost first.
    std::function<std::vector<std::filesystem::path>(const SnapshotId&)> files;
    /// What a volume alone takes on disk.
    std::function<Bytes(const VolumeId&)> stored;
};

struct Settings {
    std::size_t count = 0;  ///< volumes that stand ready; 0: the cache is off
    Bytes bytes;            ///< what they may take on disk
    std::size_t hot = 0;    ///< of a long-running process: volumes that it holds mounted
    Duration half_life{0};
    Bytes read_in;  ///< so much of a parent is read into memory with each volume
};

/// A volume that a job can use, with what was done for it already.
struct Ready {
    ports::Volume volume;
    std::unique_ptr<ports::AttachedVolume> attached;  ///< null: still to be attached
    std::optional<disk::MountedRoot> root;            ///< none: still to be mounted
};

/// Makes a volume, attaches it to this host, grows and mounts its root file system: everything that
/// a bake's first steps would do, in the job's folder (`run_folder/JOB`). What it makes is in the
/// ledger before, in the order in which a bake makes it.
/// @param word  the value of its tag
/// @throws Error  as these steps do; what was made until then is for the job's undo
[[nodiscard]] Ready prepare(
    const World& world,
    const JobId& job,
    const Wanted& what,
    const std::string& word,
    const std::stop_token& stop
);

/// Has the kernel read files into its page cache, the topmost first, until `budget` is used up.
/// Does not wait for the disk; memory that is needed otherwise is the kernel's to take back.
/// What cannot be opened is passed over. @returns how much was asked for
Bytes read_in(const std::vector<std::filesystem::path>& files, Bytes budget);

}  // namespace kiln::cache
