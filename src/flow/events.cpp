#include "flow/interpreter.hpp"

#include <array>

namespace kiln::flow {

HistoryEvent& Interpreter::emit(HistoryType type, EventId previous) {
    // The last place is kept for the execution's end.
    if (execution_.last_event + 1 >= limits_.events) {
        throw HistoryFull{};
    }
    auto& event = outcome_.history.emplace_back();
    event.id = ++execution_.last_event;
    event.previous = previous;
    event.at = now();
    event.type = type;
    return event;
}

void Interpreter::emit_end(HistoryType type, EventId previous, const ErrorOutput& error) {
    auto& event = outcome_.history.emplace_back();
    event.id = ++execution_.last_event;
    event.previous = previous;
    event.at = now();
    event.type = type;
    event.error = error.error;
    event.cause = error.cause;
}

HistoryEvent& Interpreter::append(Frame& frame, HistoryType type) {
    auto& event = emit(type, frame.last);
    frame.last = event.id;
    touch(frame);
    return event;
}

void Interpreter::emit_iteration(
    HistoryType type, const Frame& child, const Frame& map, EventId previous
) {
    auto& event = emit(type, previous);
    event.name = name_of(state_of(map));
    event.more["index"] = child.index;
}

/// Shares the definition: no name is copied.
std::shared_ptr<const std::string> Interpreter::name_of(const asl::State& state) const {
    return {execution_.facts.machine, &state.name};
}

void Interpreter::touch(const Frame& frame) {
    if (last_touched_ != frame.id) {
        execution_.touched.insert(frame.id);
        last_touched_ = frame.id;
    }
}

Frame& Interpreter::add_frame(FrameId parent, std::int64_t index, const asl::StateGroup& group) {
    const auto id = execution_.next_frame++;
    auto& frame = execution_.frames.emplace_hint(execution_.frames.end(), id, Frame{})->second;
    frame.id = id;
    frame.parent = parent;
    frame.index = index;
    frame.group = &group;
    frame.state = group.start_at;
    touch(frame);
    return frame;
}

void Interpreter::remove_frame(Frame& frame) {
    const auto id = frame.id;
    execution_.touched.erase(id);
    execution_.enlarged.erase(id);
    execution_.removed.insert(id);
    last_touched_ = -1;
    execution_.frames.erase(id);
}

const asl::StateGroup* child_group(const Frame& parent, std::int64_t index) {
    const auto& fields = state_of(parent).fields;
    if (const auto* map = std::get_if<asl::MapFields>(&fields)) {
        return &map->processor;
    }
    const auto* parallel = std::get_if<asl::ParallelFields>(&fields);
    const auto at = static_cast<std::size_t>(index);
    return parallel != nullptr && index >= 0 && at < parallel->branches.size()
               ? &parallel->branches[at]
               : nullptr;
}

}  // namespace kiln::flow
