#pragma once

#include "base/guarded.hpp"
#include "ports/queue_store.hpp"

#include <map>
#include <memory>

namespace kiln::ports::testing {

/// What queues remember, in memory. Copies are views of the same rows: a process that starts again.
class MemoryQueueStore final : public QueueStore {
  public:
    MemoryQueueStore() : rows_{std::make_shared<Guarded<Rows>>()} {}

    [[nodiscard]] std::vector<QueueRow> queues() override;
    [[nodiscard]] std::vector<DeduplicationRow> deduplications() override;
    [[nodiscard]] std::vector<MoveTaskRow> move_tasks() override;
    void visit_messages(const Visit& visit) override;
    [[nodiscard]] std::vector<Read> read_ahead(
        MessageKey from, std::size_t at_most, std::size_t at_most_bytes
    ) override;
    void apply(QueueChanges changes, Applied done) override;

  private:
    struct Stored {
        MessageState state;
        QueueMessagePtr message;
    };

    struct Rows {
        std::map<QueueNumber, QueueRow> queues;
        std::map<MessageKey, Stored> messages;
        std::map<std::pair<QueueNumber, std::string>, DeduplicationRow> deduplications;
        std::map<std::string, MoveTaskRow> moves;

        void operator()(const queue_change::AddMessage& change);
        void operator()(const queue_change::SetState& change);
        void operator()(const queue_change::RemoveMessage& change);
        void operator()(const queue_change::MoveMessage& change);
        void operator()(const queue_change::SweepMessages& change);
        void operator()(const queue_change::PutQueue& change);
        void operator()(const queue_change::ForgetQueue& change);
        void operator()(const queue_change::PutDeduplication& change);
        void operator()(const queue_change::RemoveDeduplication& change);
        void operator()(const queue_change::ClearDeduplications& change);
        void operator()(const queue_change::PutMoveTask& change);
        void operator()(const queue_change::RemoveMoveTask& change);
    };

    std::shared_ptr<Guarded<Rows>> rows_;
};

}  // namespace kiln::ports::testing
