#include "base/sha256.hpp"
#include "queue/core.hpp"
#include "queue/message_rules.hpp"
#include "queue/port_rules.hpp"

#include <fmt/format.h>

namespace kiln::queue {

std::optional<Refusal> check_message(const QueueDefinition& definition, NewMessage& message) {
    if (size_of(message) > definition.maximum_message_bytes) {
        return Refusal{
            RefusalCode::invalid_parameter_value,
            fmt::format(
                "One or more parameters are invalid. Reason: Message must be shorter than {} "
                "bytes.",
                definition.maximum_message_bytes
            )};
    }
    if (auto refusal = refuse_placement(definition, message)) {
        return refusal;
    }
    if (definition.fifo && !message.deduplication) {
        message.deduplication = sha256(message.body);
    }
    return std::nullopt;
}

void Engine::Core::send(
    const std::string& name, std::vector<NewMessage>& messages, Callback<SendOutcomes> done
) {
    auto* const queue = find_or_refuse(name, done);
    if (queue == nullptr) {
        return;
    }
    queue->used = time_.now();
    SendOutcomes outcomes;
    outcomes.reserve(messages.size());
    for (auto& message : messages) {
        outcomes.push_back(send_one(*queue, message));
    }
    touch(*queue);
    answer<SendOutcomes>(done, std::move(outcomes));
}

Outcome<Sent> Engine::Core::send_one(OwnedQueue& queue, NewMessage& wanted) {
    const auto& definition = *queue.definition;
    if (auto refusal = check_message(definition, wanted)) {
        return std::move(*refusal);
    }
    if (queue.last >= ports::kLastMessageSequence) {
        return Refusal{
            RefusalCode::over_limit, "the queue has had as many messages as it can have"};
    }
    std::string key;
    if (definition.fifo) {
        key = deduplication_key(definition.fifo->made_with, *wanted.group, *wanted.deduplication);
        if (const auto* first = queue.deduplications.find(key, time_.now())) {
            return Sent{first->message, first->sequence};
        }
    }
    const auto sequence = next_sequence(queue);
    const auto now = time_.now();
    const bool own_delay = wanted.delay && !definition.fifo;
    MessageState state{.sent = now, .visible_from = now};
    state.visible_from += own_delay ? *wanted.delay : definition.delay;

    auto message = std::make_shared<const Message>(Message{
        .id = uuids_.next(),
        .body = std::move(wanted.body),
        .attributes = std::move(wanted.attributes),
        .group = std::move(wanted.group),
        .deduplication = std::move(wanted.deduplication),
        .trace_header = std::move(wanted.trace_header),
        .sender = std::move(wanted.sender),
        .sent = time_.time_of_day(),
    });
    const Sent sent{
        message->id, definition.fifo ? std::optional<std::int64_t>{sequence} : std::nullopt};
    const auto group =
        definition.fifo ? std::make_shared<const std::string>(*message->group) : GroupName{};
    const MessageChange change{sequence, std::nullopt, state, group};
    queue.index->apply(change);
    note(queue, change);
    const ports::MessageKey place{queue.number(), sequence};
    cache_.put(place, message);
    auto& batch = committer_.batch();
    batch.bytes += message->body.size();
    batch.changes.emplace_back(ports::queue_change::AddMessage{
        place, time_.shown(state), std::move(message)});
    if (definition.fifo) {
        remember_duplicate(queue, std::move(key), sent);
    }
    return sent;
}

void Engine::Core::remember_duplicate(OwnedQueue& queue, std::string key, const Sent& sent) {
    ports::DeduplicationRow row{
        .queue = queue.number(),
        .key = std::move(key),
        .message = sent.id,
        .sequence = *sent.sequence,
        .until = time_.now() + kDeduplicationInterval,
    };
    auto stale = queue.deduplications.remove(row.key);
    queue.deduplications.put(row);
    note([&queue, key = row.key, stale = std::move(stale)] {
        queue.deduplications.remove(key);
        if (stale) {
            queue.deduplications.put(*stale);
        }
    });
    row.until = time_.shown(row.until);
    committer_.batch().changes.emplace_back(ports::queue_change::PutDeduplication{std::move(row)});
}

}  // namespace kiln::queue
