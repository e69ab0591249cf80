#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace kiln::ports {

/// A volume's state after a command, found again by what led to it.
struct Checkpoint {
    std::string key;  ///< hash of parent, bootstrap, environment and all commands so far
    SnapshotId snapshot;
    std::size_t commands = 0;  ///< how many commands it holds
    Bytes stored;
    TimePoint created;
    TimePoint used;
    std::optional<BakeId> bake;
};

class CheckpointStore {
  public:
    virtual ~CheckpointStore() = default;
    /// A key already there keeps its checkpoint. @returns false then
    virtual bool put(const Checkpoint& checkpoint) = 0;
    /// The one with the most commands among `keys`; marks it used at `now`.
    [[nodiscard]] virtual std::optional<Checkpoint> find_longest(
        const std::vector<std::string>& keys, TimePoint now
    ) = 0;
    /// Least recently used first.
    [[nodiscard]] virtual std::vector<Checkpoint> list() = 0;
    virtual void remove(const std::string& key) = 0;
};

}  // namespace kiln::ports
