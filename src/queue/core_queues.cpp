#include "base/random.hpp"
#include "queue/codec.hpp"
#include "queue/core.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

/// A name is free so long after its queue's deletion, and a queue is purged at most so often.
constexpr std::chrono::seconds kNameRest{60};
constexpr std::chrono::seconds kPurgeRest{60};

/// Sequences that are taken from the store at once: a restart skips those that were not used.
constexpr MessageSequence kReserve = 1 << 16;

Refusal bad_redrive(const RedrivePolicy& redrive, std::string_view reason) {
    return {
        RefusalCode::invalid_parameter_value,
        fmt::format(
            "Value {} for parameter RedrivePolicy is invalid. Reason: {}",
            redrive.dead_letter_queue,
            reason
        )};
}

bool allows(const QueueDefinition& dead_letters, const std::string& source) {
    const auto& allow = dead_letters.redrive_allow;
    if (!allow || source == dead_letters.name) {
        return true;
    }
    switch (allow->permission) {
        case RedriveAllowPolicy::Permission::allow_all:
            return true;
        case RedriveAllowPolicy::Permission::deny_all:
            return false;
        case RedriveAllowPolicy::Permission::by_queue:
            return std::find(allow->sources.begin(), allow->sources.end(), source) !=
                   allow->sources.end();
    }
    return true;
}

}  // namespace

OwnedQueue* Engine::Core::find(const std::string& name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

void Engine::Core::note(OwnedQueue& queue, const MessageChange& change) {
    committer_.batch().undo.push_back({&queue, change, {}});
}

void Engine::Core::note(std::function<void()> undo) {
    committer_.batch().undo.push_back({nullptr, {}, std::move(undo)});
}

void Engine::Core::touch(OwnedQueue& queue) {
    if (!queue.dirty) {
        queue.dirty = true;
        dirty_.push_back(queue.number());
    }
}

void Engine::Core::put_row(const OwnedQueue& queue) {
    committer_.batch().changes.emplace_back(ports::queue_change::PutQueue{queue.row});
}

MessageSequence Engine::Core::next_sequence(OwnedQueue& queue) {
    if (queue.last >= queue.row.reserved) {
        note([&queue, reserved = queue.row.reserved] { queue.row.reserved = reserved; });
        // `last` is beyond it after a reservation that failed.
        queue.row.reserved = queue.last + kReserve;
        put_row(queue);
    }
    return ++queue.last;
}

std::optional<Refusal> Engine::Core::check_redrive(const QueueDefinition& definition) {
    if (!definition.redrive) {
        return std::nullopt;
    }
    const auto& redrive = *definition.redrive;
    if (redrive.dead_letter_queue == definition.name) {
        return std::nullopt;
    }
    const auto* dead_letters = find(redrive.dead_letter_queue);
    if (dead_letters == nullptr) {
        return bad_redrive(redrive, "Dead letter target does not exist.");
    }
    if (dead_letters->is_fifo() != definition.fifo.has_value()) {
        return bad_redrive(redrive, "Dead-letter queue must be same type of queue as the source.");
    }
    if (!allows(*dead_letters->definition, definition.name)) {
        return bad_redrive(
            redrive, "The dead-letter queue's RedriveAllowPolicy does not allow this queue."
        );
    }
    return std::nullopt;
}

std::optional<Refusal> Engine::Core::check_name(const std::string& name) const {
    const bool rests =
        std::any_of(tombstones_.begin(), tombstones_.end(), [&](const auto& tombstone) {
            return tombstone.second.name == name && time_.now() < tombstone.second.free_at;
        });
    if (rests) {
        return Refusal{
            RefusalCode::queue_deleted_recently,
            "You must wait 60 seconds after deleting a queue before you can create another with "
            "the same name."};
    }
    if (queues_.size() + tombstones_.size() >= ports::kLastQueueNumber) {
        return Refusal{RefusalCode::over_limit, "there are as many queues as there can be"};
    }
    return std::nullopt;
}

ports::QueueNumber Engine::Core::free_number() const {
    const auto taken = [&](ports::QueueNumber number) {
        return queues_.contains(number) || tombstones_.contains(number);
    };
    // The next one after the newest, mostly; else the first gap.
    ports::QueueNumber number = 1;
    for (const auto last :
         {queues_.empty() ? 0 : queues_.rbegin()->first,
          tombstones_.empty() ? 0 : tombstones_.rbegin()->first}) {
        number = std::max(number, last + 1);
    }
    if (number > ports::kLastQueueNumber) {
        for (number = 1; taken(number); ++number) {
        }
    }
    return number;
}

OwnedQueue& Engine::Core::adopt(std::unique_ptr<OwnedQueue> queue) {
    auto& owned = *queue;
    owned.used = time_.now();
    by_name_.insert_or_assign(owned.definition->name, &owned);
    queues_.insert_or_assign(owned.number(), std::move(queue));
    return owned;
}

std::unique_ptr<OwnedQueue> Engine::Core::disown(ports::QueueNumber number) {
    auto node = queues_.extract(number);
    by_name_.erase(node.mapped()->definition->name);
    return std::move(node.mapped());
}

void Engine::Core::create(
    QueueDefinition wanted, const std::vector<Attribute>& given, Callback<DefinitionPtr> done
) {
    if (const auto* existing = find(wanted.name)) {
        const auto difference = first_difference(*existing->definition, wanted, given);
        if (difference) {
            answer<DefinitionPtr>(
                done,
                Refusal{
                    RefusalCode::queue_name_exists,
                    fmt::format(
                        "A queue already exists with the same name and a different value for "
                        "attribute {}",
                        to_string(*difference)
                    )}
            );
        } else {
            answer<DefinitionPtr>(done, existing->definition);
        }
        return;
    }
    auto refusal = check_name(wanted.name);
    if (!refusal) {
        refusal = check_redrive(wanted);
    }
    if (refusal) {
        return answer<DefinitionPtr>(done, std::move(*refusal));
    }
    wanted.created = wanted.modified = time_.time_of_day();
    if (wanted.fifo) {
        wanted.fifo->made_with = wanted.fifo->scope;
    }
    ports::QueueRow row;
    row.number = free_number();
    row.name = wanted.name;
    row.definition = write_definition(wanted);
    fill_random(row.secret);
    const auto definition = std::make_shared<const QueueDefinition>(std::move(wanted));
    auto& queue = adopt(std::make_unique<OwnedQueue>(row, definition));
    queue.row.reserved = kReserve;
    put_row(queue);
    note([this, number = row.number] { dismiss(*disown(number)); });
    committer_.batch().answers.push_back([this, definition, done](const Refusal* failure) {
        if (failure != nullptr) {
            return done(*failure);
        }
        directory.put(definition);
        done(definition);
    });
}

void Engine::Core::update(
    const std::string& name, const Change& change, Callback<DefinitionPtr> done
) {
    auto* const queue = find_or_refuse(name, done);
    if (queue == nullptr) {
        return;
    }
    auto outcome = change(*queue->definition);
    if (auto* const refusal = std::get_if<Refusal>(&outcome)) {
        return answer<DefinitionPtr>(done, std::move(*refusal));
    }
    auto& wanted = std::get<QueueDefinition>(outcome);
    const auto& before = *queue->definition;
    wanted.name = before.name;
    wanted.created = before.created;
    wanted.modified = time_.time_of_day();
    if (!before.fifo) {
        wanted.fifo.reset();
    } else {
        wanted.fifo = wanted.fifo.value_or(*before.fifo);
        wanted.fifo->made_with = before.fifo->made_with;
    }
    if (wanted.redrive != before.redrive) {
        if (auto refusal = check_redrive(wanted)) {
            return answer<DefinitionPtr>(done, std::move(*refusal));
        }
    }
    note([queue, definition = queue->definition, text = queue->row.definition] {
        queue->definition = definition;
        queue->row.definition = text;
    });
    queue->row.definition = write_definition(wanted);
    queue->definition = std::make_shared<const QueueDefinition>(std::move(wanted));
    put_row(*queue);
    touch(*queue);
    committer_.batch().answers.push_back(
        [this, definition = queue->definition, done](const Refusal* failure) {
            if (failure != nullptr) {
                return done(*failure);
            }
            directory.put(definition);
            done(definition);
        }
    );
}

/// Takes all messages out, and has the store swept once that is durable.
void Engine::Core::empty(OwnedQueue& queue) {
    const auto depths = queue.index->depths(time_.now());
    const bool any = depths.visible + depths.in_flight + depths.delayed != 0;
    auto index = std::make_shared<std::unique_ptr<MessageIndex>>(std::move(queue.index));
    auto duplicates = std::make_shared<Deduplications>(std::move(queue.deduplications));
    queue.index = make_index(*queue.definition);
    queue.deduplications = {};
    queue.attempts.clear();
    note([&queue, index, duplicates] {
        queue.index = std::move(*index);
        queue.deduplications = std::move(*duplicates);
    });
    if (!duplicates->empty()) {
        committer_.batch().changes.emplace_back(ports::queue_change::ClearDeduplications{
            queue.number()});
    }
    if (any) {
        const Sweep sweep{queue.number(), (*index)->first_sequence().value_or(1), queue.last};
        committer_.batch().answers.push_back([this, sweep](const Refusal* failure) {
            if (failure == nullptr) {
                sweeps_.push_back(sweep);
            }
        });
    }
}

/// Tells the receivers of a queue that is gone.
void Engine::Core::dismiss(OwnedQueue& queue) {
    for (; !queue.parked.empty(); queue.parked.pop_front()) {
        const auto& parked = queue.parked.front();
        answer<std::vector<Delivery>>(
            parked.done,
            Refusal{RefusalCode::queue_does_not_exist, "The specified queue does not exist."}
        );
        parked_.erase(parked.ticket);
    }
}

void Engine::Core::destroy(const std::string& name, Callback<Done> done) {
    auto* const queue = find_or_refuse(name, done);
    if (queue == nullptr) {
        return;
    }
    dismiss(*queue);
    empty(*queue);
    for (const auto& move : queue->moves) {
        committer_.batch().changes.emplace_back(ports::queue_change::RemoveMoveTask{move.id});
    }
    queue->row.deleted_at = time_.time_of_day();
    put_row(*queue);
    const auto number = queue->number();
    const auto free_at = time_.now() + kNameRest;
    tombstones_.emplace(number, Tombstone{name, free_at});
    timers_.add({free_at, Timers::Kind::tombstone, static_cast<std::uint64_t>(number)});
    auto kept = std::make_shared<std::unique_ptr<OwnedQueue>>(disown(number));
    note([this, kept] {
        auto& restored = adopt(std::move(*kept));
        restored.row.deleted_at.reset();
        tombstones_.erase(restored.number());
    });
    committer_.batch().answers.push_back([this, name, kept, done](const Refusal* failure) {
        if (failure != nullptr) {
            return done(*failure);
        }
        directory.remove(name);
        done(Done{});
    });
}

void Engine::Core::purge(const std::string& name, Callback<Done> done) {
    auto* const queue = find_or_refuse(name, done);
    if (queue == nullptr) {
        return;
    }
    if (queue->purged_at && time_.now() < *queue->purged_at + kPurgeRest) {
        return answer<Done>(
            done,
            Refusal{
                RefusalCode::purge_queue_in_progress,
                fmt::format(
                    "Only one PurgeQueue operation on {} is allowed every 60 seconds.", name
                )}
        );
    }
    empty(*queue);
    note([queue, purged_at = queue->purged_at, row = queue->row] {
        queue->purged_at = purged_at;
        queue->row.purged = row.purged;
        queue->row.purged_at = row.purged_at;
    });
    queue->purged_at = time_.now();
    queue->row.purged_at = time_.time_of_day();
    queue->row.purged = queue->last;
    put_row(*queue);
    touch(*queue);
    answer<Done>(done, Done{});
}

void Engine::Core::depths(const std::string& name, Callback<Depths> done) {
    if (auto* const queue = find_or_refuse(name, done)) {
        expire(*queue);
        auto depths = queue->index->depths(time_.now());
        if (depths.oldest) {
            depths.oldest = time_.shown(*depths.oldest);
        }
        depths.last_used = time_.shown(queue->used);
        answer<Depths>(done, depths);
    }
}

}  // namespace kiln::queue
