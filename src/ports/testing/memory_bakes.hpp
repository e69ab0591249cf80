#pragma once

#include "base/guarded.hpp"
#include "ports/bake_store.hpp"
#include "ports/checkpoint_store.hpp"

#include <map>

namespace kiln::ports::testing {

/// Bakes and their events in memory.
class MemoryBakeStore final : public BakeStore {
  public:
    bool submit(const BakeRecord& record) override;
    Begun begin(const BakeRecord& record, bool force) override;
    void append(
        const BakeId& id,
        std::int64_t attempt,
        const std::vector<BakeEvent>& events,
        const std::optional<Ending>& ended
    ) override;
    void note(const BakeId& id, const std::string& text) override;
    [[nodiscard]] BakeRecord get(const BakeId& id) override;
    [[nodiscard]] std::vector<BakeRecord> list(const BakeFilter& filter) override;
    [[nodiscard]] std::map<BakeState, std::int64_t> count() override;
    [[nodiscard]] std::vector<BakeEvent> events(
        const BakeId& id, const EventPlace& after, std::size_t limit
    ) override;
    std::size_t forget(const std::vector<BakeId>& ids) override;

  private:
    struct Bake {
        BakeRecord record;
        std::map<EventPlace, BakeEvent> events;
    };

    using Bakes = std::map<BakeId, Bake>;

    static const BakeRecord* find_joinable(
        const Bakes& bakes, const BakeRecord& wanted, bool force
    );

    Guarded<Bakes> bakes_;
};

/// Checkpoints in memory.
class MemoryCheckpointStore final : public CheckpointStore {
  public:
    bool put(const Checkpoint& checkpoint) override;
    [[nodiscard]] std::optional<Checkpoint> find_longest(
        const std::vector<std::string>& keys, TimePoint now
    ) override;
    [[nodiscard]] std::vector<Checkpoint> list() override;
    void remove(const std::string& key) override;

  private:
    Guarded<std::map<std::string, Checkpoint>> checkpoints_;
};

}  // namespace kiln::ports::testing
