#pragma once

#include "gc/retention.hpp"
#include "ports/clock.hpp"
#include "ports/queue.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::gc {

/// One thing that goes, went, or could not go.
struct Item {
    std::string what;  ///< "leftover", "file", "image", "checkpoint", "cached volume", "bake
                       ///< record", "chain", "reply queue"
    std::string name;
    std::string why;
    Bytes size;                         ///< what it takes on disk; 0 where nobody knows
    std::optional<std::string> failed;  ///< why it is still there; the next run tries again
};

enum class DryRun { no, yes };

/// Clean-up that belongs to another module: does it, or says what it would do.
using Chore = std::function<std::vector<Item>(DryRun, const std::stop_token&)>;

/// What a collection works on. Chores may be empty.
struct World {
    ports::Images& images;
    ports::Snapshots& snapshots;
    ports::BakeStore& bakes;
    ports::CheckpointStore& checkpoints;
    ports::Clock& clock;
    Chore sweep;      ///< what belongs to dead owners (ledger)
    Chore reconcile;  ///< files that no record has, records that no file has (the cloud's driver)
    Chore cached_volumes;  ///< volumes that stand ready and nobody wants (the volume cache)
    Chore flatten;         ///< chains that got long (the cloud's driver)
    ports::QueueCensus* census = nullptr;  ///< null: this process holds no queues
    ports::QueueAdmin* queues = nullptr;   ///< set where `census` is
};

struct Options {
    Retention images;
    Duration keep_records{0};
    Duration keep_reply_queues{0};
    Bytes checkpoint_budget;
    DryRun dry_run = DryRun::no;
};

struct Report {
    std::vector<Item> items;
    std::vector<Verdict> spared;
    [[nodiscard]] bool failed() const noexcept;
    [[nodiscard]] Bytes freed() const noexcept;
};

[[nodiscard]] json::object to_json(const Report& report, DryRun dry_run);

/// Runs every collection: leftovers, images, checkpoints, reply queues, records, cached volumes,
/// stray files, chains. One that fails does not keep the others from being tried.
/// @throws Error  cancelled
[[nodiscard]] Report collect(
    const World& world, const Options& options, const std::stop_token& stop
);

/// Checkpoints over budget and long chains only: what is worth doing after a bake.
[[nodiscard]] Report maintain(
    const World& world, const Options& options, const std::stop_token& stop
);

}  // namespace kiln::gc
