#include "queue/codec.hpp"
#include "queue/core.hpp"

#include <algorithm>

namespace kiln::queue {

namespace {

/// Tasks that a source remembers, and messages that one batch moves.
constexpr std::size_t kMostMoves = 10;
constexpr std::int64_t kMoveStep = 500;

Refusal no_source() {
    return {
        RefusalCode::resource_not_found,
        "The resource that you specified for the SourceArn parameter doesn't exist."};
}

Refusal invalid(std::string message) {
    return {RefusalCode::invalid_parameter_value, std::move(message)};
}

}  // namespace

void Engine::Core::put_move(OwnedQueue& source, const MoveTask& task) {
    committer_.batch().changes.emplace_back(ports::queue_change::PutMoveTask{
        {task.id, source.number(), write_move_task(task)}});
}

void Engine::Core::start_move(
    const std::string& name,
    const std::optional<std::string>& destination,
    std::optional<std::int64_t> per_second,
    Callback<std::string> done
) {
    auto* const source = find(name);
    if (source == nullptr) {
        return answer<std::string>(done, no_source());
    }
    const bool is_target = std::any_of(queues_.begin(), queues_.end(), [&](const auto& entry) {
        const auto& redrive = entry.second->definition->redrive;
        return redrive && redrive->dead_letter_queue == name;
    });
    if (!is_target) {
        return answer<std::string>(
            done, invalid("Source queue must be configured as a Dead Letter Queue.")
        );
    }
    if (destination) {
        const auto* target = find(*destination);
        if (target == nullptr) {
            return answer<std::string>(
                done,
                Refusal{
                    RefusalCode::resource_not_found,
                    "The resource that you specified for the DestinationArn parameter doesn't "
                    "exist."}
            );
        }
        if (target->is_fifo() != source->is_fifo() || target == source) {
            return answer<std::string>(
                done, invalid("The destination must be another queue of the source's type.")
            );
        }
    }
    if (source->running_move() != nullptr) {
        return answer<std::string>(
            done,
            invalid("There is already a task running. Only one active task is allowed for a source "
                    "queue arn at a given time.")
        );
    }
    note([source, moves = source->moves] { source->moves = moves; });
    source->moves.push_front({
        .id = uuids_.next(),
        .source = name,
        .destination = destination,
        .per_second = per_second,
        .to_move = source->index->depths(time_.now()).visible,
        .started = time_.time_of_day(),
    });
    source->next_move = time_.now();
    put_move(*source, source->moves.front());
    if (source->moves.size() > kMostMoves) {
        committer_.batch().changes.emplace_back(ports::queue_change::RemoveMoveTask{
            source->moves.back().id});
        source->moves.pop_back();
    }
    touch(*source);
    answer<std::string>(done, source->moves.front().id);
}

void Engine::Core::list_moves(
    const std::string& name, std::size_t at_most, Callback<std::vector<MoveTask>> done
) {
    const auto* source = find(name);
    if (source == nullptr) {
        return answer<std::vector<MoveTask>>(done, no_source());
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(at_most, source->moves.size()));
    answer<std::vector<MoveTask>>(
        done, std::vector<MoveTask>{source->moves.begin(), source->moves.begin() + count}
    );
}

void Engine::Core::cancel_move(
    const std::string& name, const std::string& id, Callback<std::int64_t> done
) {
    auto* const source = find(name);
    if (source == nullptr) {
        return answer<std::int64_t>(done, no_source());
    }
    auto* const task = source->running_move();
    if (task == nullptr || task->id != id) {
        return answer<std::int64_t>(
            done, Refusal{RefusalCode::resource_not_found, "Task does not exist."}
        );
    }
    note([source, moves = source->moves] { source->moves = moves; });
    task->state = MoveState::cancelled;
    put_move(*source, *task);
    answer<std::int64_t>(done, task->moved);
}

OwnedQueue* Engine::Core::destination_of(const MoveTask& task, const MessageState& state) {
    if (task.destination) {
        return find(*task.destination);
    }
    return state.origin ? find(*state.origin) : nullptr;
}

/// Moves what the running task may move by now.
void Engine::Core::move_some(OwnedQueue& source) {
    auto* const task = source.running_move();
    if (task == nullptr || time_.now() < source.next_move) {
        return;
    }
    note([&source, moves = source.moves] { source.moves = moves; });
    const auto left = std::min(task->to_move - task->moved, kMoveStep);
    const auto step = task->per_second ? std::min<std::int64_t>(left, 1) : left;
    // Whatever is visible counts as received too often: it is taken out.
    const TakeRule rule{
        .retention = source.definition->retention,
        .max_receives = 0,
        .most_aside = static_cast<std::size_t>(std::max<std::int64_t>(step, 0)),
    };
    auto taken = source.index->take(time_.now(), rule);
    Taken expired;
    expired.expired = std::move(taken.expired);
    put_aside(source, expired);
    const auto begun = source.next_move;
    for (auto change = taken.dead.begin(); change != taken.dead.end(); ++change) {
        auto* const target = destination_of(*task, *change->before);
        if (target == nullptr || target->is_fifo() != source.is_fifo()) {
            task->state = MoveState::failed;
            task->failure = task->destination || change->before->origin
                                ? "AWS.SimpleQueueService.NonExistentQueue"
                                : "CouldNotDetermineMessageSource";
            for (auto rest = taken.dead.end(); rest != change; --rest) {
                source.index->revert(*(rest - 1));
            }
            break;
        }
        note(source, *change);
        relocate(
            source, *target, *change, {.sent = time_.now(), .visible_from = time_.now()}, true
        );
        ++task->moved;
    }
    const bool all = taken.dead.empty() || task->moved >= task->to_move;
    if (task->state == MoveState::running && all) {
        task->state = MoveState::completed;
    }
    if (task->per_second) {
        source.next_move = begun + std::chrono::duration_cast<Duration>(std::chrono::seconds{1}) /
                                       *task->per_second;
    }
    put_move(source, *task);
    touch(source);
}

}  // namespace kiln::queue
