#include "flow/interpreter.hpp"

namespace kiln::flow {

/// Hands the Map to whoever runs its children.
void Interpreter::begin_map_run(
    Frame& frame, const asl::State& state, MapOrder order, DataFlow& data
) {
    read_map_run(data, std::get<asl::MapFields>(state.fields), order);
    const bool redriven = frame.task.has_value();
    if (!redriven) {
        frame.task = TaskWait{.number = execution_.next_task++, .scheduled = frame.last};
    }
    frame.phase = Phase::mapping;
    outcome_.effects.emplace_back(StartMapRun{
        .frame = frame.id,
        .task = frame.task->number,
        .state = &state,
        .items = std::move(order.items),
        .reader_parameters = std::move(order.reader_parameters),
        .writer_parameters = std::move(order.writer_parameters),
        .batch_input = std::move(order.batch_input),
        .input = data.effective(),
        .max_concurrency = order.max_concurrency,
        .tolerated_count = order.tolerated_count,
        .tolerated_percentage = order.tolerated_percentage,
        .max_items = order.max_items,
        .max_items_per_batch = order.max_items_per_batch,
        .max_bytes_per_batch = order.max_bytes_per_batch,
        .redriven = redriven,
    });
}

void Interpreter::on(const MapRunStarted& started) {
    auto* const frame = find(started.frame, started.task);
    if (frame == nullptr) {
        return;
    }
    if (frame->phase != Phase::mapping) {
        return refuse();
    }
    auto& event = append(
        *frame, started.redrives > 0 ? HistoryType::map_run_redriven : HistoryType::map_run_started
    );
    event.more["mapRunArn"] = started.arn;
    if (started.redrives > 0) {
        event.more["redriveCount"] = started.redrives;
    }
}

void Interpreter::on(const MapRunEnded& ended) {
    auto* const frame = find(ended.frame, ended.task);
    if (frame == nullptr) {
        return;
    }
    if (frame->phase != Phase::mapping) {
        return refuse();
    }
    if (ended.output == nullptr) {
        auto& event = append(*frame, HistoryType::map_run_failed);
        event.error = ended.error;
        event.cause = ended.cause;
        return recover(*frame, {ended.error, ended.cause}, true);
    }
    append(*frame, HistoryType::map_run_succeeded);
    emit(HistoryType::map_state_succeeded, frame->last);
    frame->task.reset();
    frame->phase = Phase::entering;  // until finish_work knows better
    finish_work(*frame, ended.output);
}

}  // namespace kiln::flow
