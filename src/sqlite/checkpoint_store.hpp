#pragma once

#include "base/guarded.hpp"
#include "ports/checkpoint_store.hpp"
#include "sqlite/store.hpp"

#include <future>

namespace kiln::sqlite {

/// Checkpoints in the store.
///
/// find_longest() does not wait until its mark of use is on disk (a lost mark loses nothing but
/// rank); the other calls of this object see it all the same.
class SqliteCheckpointStore final : public ports::CheckpointStore {
  public:
    /// `store` outlives this.
    explicit SqliteCheckpointStore(Store& store) : store_{store} {}

    bool put(const ports::Checkpoint& checkpoint) override;
    [[nodiscard]] std::optional<ports::Checkpoint> find_longest(
        const std::vector<std::string>& keys, TimePoint now
    ) override;
    [[nodiscard]] std::vector<ports::Checkpoint> list() override;
    void remove(const std::string& key) override;

  private:
    void mark_used(const std::string& key, TimePoint now);

    Store& store_;
    Guarded<std::future<void>> marking_;  ///< the newest mark of use
};

}  // namespace kiln::sqlite
