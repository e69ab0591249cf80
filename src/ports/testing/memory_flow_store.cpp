#include "ports/testing/memory_flow_store.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace kiln::ports::testing {

namespace {

bool matches(const ExecutionRow& row, const ExecutionFilter& filter) {
    const auto is = [](const std::string& wanted, const std::string& value) {
        return wanted.empty() || wanted == value;
    };
    return is(filter.machine, row.machine) && is(filter.map_run, row.map_run) &&
           is(filter.version, row.version) && is(filter.alias, row.alias) &&
           is(filter.status, row.status) &&
           (!filter.redriven || *filter.redriven == (row.redrives > 0)) &&
           (!filter.before || row.number < *filter.before);
}

}  // namespace

void MemoryFlowStore::visit_waiting(const std::function<void(const Waiting&)>& visit) {
    auto rows = rows_->lock();
    for (const auto& [execution, frames] : rows->frames) {
        for (const auto& [id, frame] : frames) {
            if (frame.wakes || !frame.waits_for.empty()) {
                visit({execution, id, frame.wakes, frame.waits_for, frame.waits_since});
            }
        }
    }
}

void MemoryFlowStore::visit_open(
    const std::function<void(ExecutionNumber, std::string_view arn)>& visit
) {
    auto rows = rows_->lock();
    for (const auto& [number, row] : rows->executions) {
        if (!row.stopped) {
            visit(number, row.arn);
        }
    }
}

ExecutionNumber MemoryFlowStore::last_number() {
    auto rows = rows_->lock();
    return rows->executions.empty() ? 0 : rows->executions.rbegin()->first;
}

std::optional<ExecutionRow> MemoryFlowStore::find(std::string_view arn) {
    auto rows = rows_->lock();
    const auto found = rows->by_arn.find(arn);
    return found == rows->by_arn.end() ? std::nullopt
                                       : std::optional{rows->executions.at(found->second)};
}

std::optional<ExecutionRow> MemoryFlowStore::find(ExecutionNumber execution) {
    auto rows = rows_->lock();
    const auto found = rows->executions.find(execution);
    return found == rows->executions.end() ? std::nullopt : std::optional{found->second};
}

std::vector<FrameRow> MemoryFlowStore::frames(ExecutionNumber execution) {
    auto rows = rows_->lock();
    std::vector<FrameRow> all;
    if (const auto found = rows->frames.find(execution); found != rows->frames.end()) {
        for (const auto& [id, frame] : found->second) {
            all.push_back(frame);
        }
    }
    return all;
}

std::vector<ExecutionRow> MemoryFlowStore::list(const ExecutionFilter& filter) {
    auto rows = rows_->lock();
    std::vector<ExecutionRow> all;
    for (auto at = rows->executions.rbegin();
         at != rows->executions.rend() && all.size() < filter.at_most;
         ++at) {
        if (matches(at->second, filter)) {
            all.push_back(at->second);
        }
    }
    return all;
}

std::vector<HistoryChunk> MemoryFlowStore::history(
    ExecutionNumber execution, std::int64_t first, std::int64_t last
) {
    auto rows = rows_->lock();
    std::vector<HistoryChunk> all;
    if (const auto found = rows->history.find(execution); found != rows->history.end()) {
        for (const auto& [id, chunk] : found->second) {
            if (chunk.first <= last && chunk.last >= first) {
                all.push_back(chunk);
            }
        }
    }
    return all;
}

std::int64_t MemoryFlowStore::last_event(ExecutionNumber execution) {
    auto rows = rows_->lock();
    const auto found = rows->history.find(execution);
    return found == rows->history.end() ? 0 : found->second.rbegin()->second.last;
}

std::optional<MapRunRow> MemoryFlowStore::find_map_run(std::string_view arn) {
    auto rows = rows_->lock();
    const auto found = rows->map_runs.find(arn);
    return found == rows->map_runs.end() ? std::nullopt : std::optional{found->second};
}

std::vector<MapRunRow> MemoryFlowStore::map_runs(ExecutionNumber execution) {
    auto rows = rows_->lock();
    std::vector<MapRunRow> all;
    for (const auto& [arn, row] : rows->map_runs) {
        if (row.execution == execution) {
            all.push_back(row);
        }
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.task < b.task; });
    return all;
}

std::vector<MapRunRow> MemoryFlowStore::open_map_runs() {
    auto rows = rows_->lock();
    std::vector<MapRunRow> all;
    for (const auto& [arn, row] : rows->map_runs) {
        if (!row.stopped) {
            all.push_back(row);
        }
    }
    return all;
}

void MemoryFlowStore::visit_children(
    std::string_view map_run,
    std::int64_t from_index,
    const std::function<bool(const ExecutionRow&)>& visit
) {
    std::vector<ExecutionRow> children;
    {
        auto rows = rows_->lock();
        for (const auto& [number, row] : rows->executions) {
            if (row.map_run == map_run && row.map_index >= from_index) {
                children.push_back(row);
            }
        }
    }
    std::stable_sort(children.begin(), children.end(), [](const auto& a, const auto& b) {
        return a.map_index < b.map_index;
    });
    for (const auto& child : children) {
        if (!visit(child)) {
            return;
        }
    }
}

std::vector<ExecutionNumber> MemoryFlowStore::ended_before(TimePoint time, std::size_t at_most) {
    auto rows = rows_->lock();
    std::vector<std::pair<TimePoint, ExecutionNumber>> ended;
    for (const auto& [number, row] : rows->executions) {
        if (row.stopped && *row.stopped < time) {
            ended.emplace_back(*row.stopped, number);
        }
    }
    std::sort(ended.begin(), ended.end());
    std::vector<ExecutionNumber> numbers;
    for (std::size_t i = 0; i < std::min(at_most, ended.size()); ++i) {
        numbers.push_back(ended[i].second);
    }
    return numbers;
}

void MemoryFlowStore::apply(FlowChanges changes, Applied done) {
    {
        auto rows = rows_->lock();
        for (const auto& change : changes) {
            std::visit(*rows, change);
        }
    }
    done(nullptr);
}

void MemoryFlowStore::Rows::operator()(const flow_change::AddExecution& change) {
    KILN_CHECK(by_arn.emplace(change.row.arn, change.row.number).second);
    KILN_CHECK(executions.emplace(change.row.number, change.row).second);
}

void MemoryFlowStore::Rows::operator()(const flow_change::SetExecution& change) {
    const auto found = executions.find(change.execution);
    if (found == executions.end()) {
        return;
    }
    auto& row = found->second;
    row.status = change.state.status;
    row.redrives = change.state.redrives;
    row.stopped = change.state.stopped;
    row.output = change.state.output;
    row.error = change.state.error;
    row.cause = change.state.cause;
    row.more = change.state.more;
}

void MemoryFlowStore::Rows::operator()(const flow_change::PutFrame& change) {
    auto& row = frames[change.execution][change.row.frame];
    auto body = std::move(row.body);
    row = change.row;
    if (!change.with_body) {
        row.body = std::move(body);
    }
}

void MemoryFlowStore::Rows::operator()(const flow_change::RemoveFrame& change) {
    frames[change.execution].erase(change.frame);
}

void MemoryFlowStore::Rows::operator()(const flow_change::ClearFrames& change) {
    frames.erase(change.execution);
}

void MemoryFlowStore::Rows::operator()(const flow_change::AddHistory& change) {
    history[change.execution].insert_or_assign(change.chunk.first, change.chunk);
}

void MemoryFlowStore::Rows::operator()(const flow_change::PutMapRun& change) {
    auto& row = map_runs[change.row.arn];
    auto items = std::move(row.items);
    row = change.row;
    if (!change.with_items) {
        row.items = std::move(items);
    }
}

void MemoryFlowStore::Rows::operator()(const flow_change::RemoveExecution& change) {
    if (const auto found = executions.find(change.execution); found != executions.end()) {
        by_arn.erase(found->second.arn);
        executions.erase(found);
    }
    frames.erase(change.execution);
    history.erase(change.execution);
    std::erase_if(map_runs, [&](const auto& entry) {
        return entry.second.execution == change.execution;
    });
}

}  // namespace kiln::ports::testing
