#pragma once

#include "ports/queue_store.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// The embedded queues in the store. One call of apply() is one unit of work.
class SqliteQueueStore final : public ports::QueueStore {
  public:
    /// `store` outlives this, and all that was applied has ended before `store` goes.
    explicit SqliteQueueStore(Store& store) : store_{store} {}

    [[nodiscard]] std::vector<ports::QueueRow> queues() override;
    [[nodiscard]] std::vector<ports::DeduplicationRow> deduplications() override;
    [[nodiscard]] std::vector<ports::MoveTaskRow> move_tasks() override;
    void visit_messages(const Visit& visit) override;
    [[nodiscard]] std::vector<Read> read_ahead(
        ports::MessageKey from, std::size_t at_most, std::size_t at_most_bytes
    ) override;
    void apply(ports::QueueChanges changes, Applied done) override;

  private:
    Store& store_;
};

}  // namespace kiln::sqlite
