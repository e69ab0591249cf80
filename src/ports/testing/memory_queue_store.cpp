#include "ports/testing/memory_queue_store.hpp"

namespace kiln::ports::testing {

namespace {

template <class Map>
auto values_of(const Map& map) {
    std::vector<typename Map::mapped_type> values;
    for (const auto& [key, value] : map) {
        values.push_back(value);
    }
    return values;
}

}  // namespace

std::vector<QueueRow> MemoryQueueStore::queues() {
    return values_of(rows_->lock()->queues);
}

std::vector<DeduplicationRow> MemoryQueueStore::deduplications() {
    return values_of(rows_->lock()->deduplications);
}

std::vector<MoveTaskRow> MemoryQueueStore::move_tasks() {
    return values_of(rows_->lock()->moves);
}

void MemoryQueueStore::visit_messages(const Visit& visit) {
    auto rows = rows_->lock();
    for (const auto& [key, stored] : rows->messages) {
        const auto& group = stored.message->group;
        visit(key, stored.state, group ? std::optional<std::string_view>{*group} : std::nullopt);
    }
}

std::vector<QueueStore::Read> MemoryQueueStore::read_ahead(
    MessageKey from, std::size_t at_most, std::size_t at_most_bytes
) {
    auto rows = rows_->lock();
    std::vector<Read> read;
    std::size_t bytes = 0;
    for (auto at = rows->messages.lower_bound(from);
         at != rows->messages.end() && at->first.queue == from.queue && read.size() < at_most;
         ++at) {
        bytes += at->second.message->body.size();
        if (!read.empty() && bytes > at_most_bytes) {
            break;
        }
        read.push_back({at->first, at->second.message});
    }
    return read;
}

void MemoryQueueStore::apply(QueueChanges changes, Applied done) {
    {
        auto rows = rows_->lock();
        for (const auto& change : changes) {
            std::visit(*rows, change);
        }
    }
    done(nullptr);
}

void MemoryQueueStore::Rows::operator()(const queue_change::AddMessage& change) {
    messages.insert_or_assign(change.key, Stored{change.state, change.message});
}

void MemoryQueueStore::Rows::operator()(const queue_change::SetState& change) {
    if (const auto found = messages.find(change.key); found != messages.end()) {
        found->second.state = change.state;
    }
}

void MemoryQueueStore::Rows::operator()(const queue_change::RemoveMessage& change) {
    messages.erase(change.key);
}

void MemoryQueueStore::Rows::operator()(const queue_change::MoveMessage& change) {
    auto node = messages.extract(change.from);
    if (node.empty()) {
        return;
    }
    auto message = *node.mapped().message;
    message.id = change.id.value_or(message.id);
    message.sent = change.sent.value_or(message.sent);
    messages.insert_or_assign(
        change.to, Stored{change.state, std::make_shared<const QueueMessage>(std::move(message))}
    );
}

void MemoryQueueStore::Rows::operator()(const queue_change::SweepMessages& change) {
    messages.erase(
        messages.lower_bound({change.queue, change.first}),
        messages.upper_bound({change.queue, change.last})
    );
}

void MemoryQueueStore::Rows::operator()(const queue_change::PutQueue& change) {
    queues.insert_or_assign(change.row.number, change.row);
}

void MemoryQueueStore::Rows::operator()(const queue_change::ForgetQueue& change) {
    queues.erase(change.number);
}

void MemoryQueueStore::Rows::operator()(const queue_change::PutDeduplication& change) {
    deduplications.insert_or_assign({change.row.queue, change.row.key}, change.row);
}

void MemoryQueueStore::Rows::operator()(const queue_change::RemoveDeduplication& change) {
    deduplications.erase({change.queue, change.key});
}

void MemoryQueueStore::Rows::operator()(const queue_change::ClearDeduplications& change) {
    std::erase_if(deduplications, [&](const auto& entry) {
        return entry.first.first == change.queue;
    });
}

void MemoryQueueStore::Rows::operator()(const queue_change::PutMoveTask& change) {
    moves.insert_or_assign(change.row.id, change.row);
}

void MemoryQueueStore::Rows::operator()(const queue_change::RemoveMoveTask& change) {
    moves.erase(change.id);
}

}  // namespace kiln::ports::testing
