#include "flow/interpreter.hpp"

#include <algorithm>

namespace kiln::flow {

void Interpreter::begin_parallel(Frame& frame, const asl::State& state) {
    Visit visit{*this, frame};
    DataFlow data{state, frame.input, visit, limits_.payload_bytes};
    const auto input = data.arguments();
    append(frame, HistoryType::parallel_state_started);
    auto& fork = frame.fork.emplace();
    fork.total =
        static_cast<std::int64_t>(std::get<asl::ParallelFields>(state.fields).branches.size());
    fork.at_most = fork.total;
    fork.items = input;
    fork.results.resize(static_cast<std::size_t>(fork.total));
    execution_.enlarged.insert(frame.id);
    frame.phase = Phase::forked;
    begin_children(frame, frame.last);
}

void Interpreter::begin_map(Frame& frame, const asl::State& state) {
    const auto& fields = std::get<asl::MapFields>(state.fields);
    Visit visit{*this, frame};
    DataFlow data{state, frame.input, visit, limits_.payload_bytes};
    MapOrder order;
    read_items(data, fields, order);
    // A redriven Map Run has begun before.
    if (!(fields.distributed && frame.task)) {
        append(frame, HistoryType::map_state_started).more["length"] = item_count(order.items);
    }
    if (fields.distributed) {
        return begin_map_run(frame, state, std::move(order), data);
    }
    begin_inline_map(frame, order);
    if (fields.item_selector) {
        frame.fork->input = data.effective();
    }
    begin_children(frame, frame.last);
    if (frame.fork->total == 0) {
        complete(frame, frame.last);
    }
}

void Interpreter::begin_inline_map(Frame& frame, const MapOrder& order) {
    auto& fork = frame.fork.emplace();
    fork.total = item_count(order.items);
    fork.at_most = order.max_concurrency == 0
                       ? limits_.iterations_at_once
                       : std::min(order.max_concurrency, limits_.iterations_at_once);
    fork.items = order.items;
    fork.results.resize(static_cast<std::size_t>(fork.total));
    execution_.enlarged.insert(frame.id);
    frame.phase = Phase::forked;
}

/// As many as may run at once. Those that begin together have the same previous event.
void Interpreter::begin_children(Frame& frame, EventId previous) {
    const auto& fork = *frame.fork;
    while (fork.begun < fork.total && static_cast<std::int64_t>(fork.running.size()) < fork.at_most
    ) {
        begin_child(frame, previous);
    }
}

/// @throws StateFailure  by ItemSelector: the Map's failure
void Interpreter::begin_child(Frame& frame, EventId previous) {
    const auto index = frame.fork->begun;
    auto input = child_input(frame, index);
    auto& child = add_frame(frame.id, index, *child_group(frame, index));
    child.input = std::move(input);
    child.last = previous;
    auto& fork = *frame.fork;
    ++fork.begun;
    fork.children.push_back(child.id);
    fork.running.insert(child.id);
    touch(frame);
    if (is_map(frame)) {
        emit_iteration(HistoryType::map_iteration_started, child, frame, previous);
        child.last = execution_.last_event;
    }
    ready_.push_back(child.id);
}

Payload Interpreter::child_input(Frame& frame, std::int64_t index) {
    const auto& state = state_of(frame);
    const auto* map = std::get_if<asl::MapFields>(&state.fields);
    if (map == nullptr) {
        return frame.fork->items;
    }
    if (!map->item_selector) {
        return item_at(frame.fork->items, index);
    }
    Visit visit{*this, frame};
    visit.look_at(map_context(frame.fork->items, index, ""));
    DataFlow data{state, frame.input, visit, limits_.payload_bytes};
    data.set_effective(frame.fork->input);
    return item_input(data, *map, frame.fork->items, index);
}

void Interpreter::settle(Frame& child) {
    auto& parent = execution_.frames.at(child.parent);
    touch(parent);
    try {
        if (child.phase == Phase::done) {
            settle_done(parent, child);
        } else {
            settle_failed(parent, child);
        }
    } catch (const StateFailure& failure) {
        fail(parent, failure);
    }
    if (execution_.status == Status::running && parent.phase == Phase::entering) {
        ready_.push_back(parent.id);
    }
}

void Interpreter::settle_done(Frame& parent, Frame& child) {
    auto& fork = *parent.fork;
    fork.results[static_cast<std::size_t>(child.index)] = child.output;
    fork.running.erase(child.id);
    ++fork.finished;
    parent.last = child.last;
    auto last = child.last;
    if (is_map(parent)) {
        emit_iteration(HistoryType::map_iteration_succeeded, child, parent, child.last);
        last = execution_.last_event;
    }
    if (fork.finished == fork.total) {
        return complete(parent, last);
    }
    begin_children(parent, child.last);
}

/// All branches or iterations have given their results.
void Interpreter::complete(Frame& frame, EventId previous) {
    json::array results;
    results.reserve(frame.fork->results.size());
    for (const auto& result : frame.fork->results) {
        results.push_back(*result);
    }
    emit(
        is_map(frame) ? HistoryType::map_state_succeeded : HistoryType::parallel_state_succeeded,
        previous
    );
    frame.last = previous;
    const auto& state = state_of(frame);
    Visit visit{*this, frame};
    DataFlow data{state, frame.input, visit, limits_.payload_bytes};
    leave(frame, data.leave(std::make_shared<const json::value>(std::move(results))), state.next);
}

void Interpreter::remove_children(Frame& frame) {
    if (!frame.fork) {
        return;
    }
    for (const auto id : frame.fork->children) {
        const auto found = execution_.frames.find(id);
        if (found != execution_.frames.end()) {
            remove_children(found->second);
            drop_variables(found->second);
            remove_frame(found->second);
        }
    }
    frame.fork.reset();
    execution_.enlarged.insert(frame.id);
    touch(frame);
}

}  // namespace kiln::flow
