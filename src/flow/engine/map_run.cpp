#include "flow/engine/map_run.hpp"

#include <algorithm>

namespace kiln::flow {

namespace {

std::int64_t& counted(MapRunCounts& counts, ChildState state) {
    switch (state) {
        case ChildState::pending:
            return counts.pending;
        case ChildState::again:
            return counts.pending_redrive;
        case ChildState::running:
            return counts.running;
        case ChildState::succeeded:
            return counts.succeeded;
        case ChildState::failed:
            return counts.failed;
        case ChildState::timed_out:
            return counts.timed_out;
        case ChildState::aborted:
            break;
    }
    return counts.aborted;
}

}  // namespace

ChildState child_state(Status status) noexcept {
    switch (status) {
        case Status::succeeded:
            return ChildState::succeeded;
        case Status::timed_out:
            return ChildState::timed_out;
        case Status::aborted:
            return ChildState::aborted;
        case Status::failed:
            return ChildState::failed;
        case Status::running:
        case Status::pending_redrive:
            break;
    }
    return ChildState::running;
}

MapRunChildren::MapRunChildren(std::vector<std::int32_t> items, MapRunLimits limits)
    : states_(items.size(), ChildState::pending), items_of_{std::move(items)}, limits_{limits} {
    for (const auto each : items_of_) {
        items_.total += each;
    }
    items_.pending = items_.total;
    executions_.total = executions_.pending = size();
}

void MapRunChildren::count(std::int64_t index, int by) {
    const auto at = static_cast<std::size_t>(index);
    counted(items_, states_[at]) += by * items_of_[at];
    counted(executions_, states_[at]) += by;
}

void MapRunChildren::set(std::int64_t index, ChildState state) {
    count(index, -1);
    states_[static_cast<std::size_t>(index)] = state;
    count(index, 1);
    if (state == ChildState::again) {
        again_.push_back(index);
    }
    while (!again_.empty() && this->state(again_.front()) != ChildState::again) {
        again_.pop_front();
    }
    while (begun_ < size() && this->state(begun_) != ChildState::pending) {
        ++begun_;
    }
}

void MapRunChildren::redrive() {
    for (std::int64_t index = 0; index < size(); ++index) {
        const auto is = state(index);
        if (is == ChildState::failed || is == ChildState::timed_out || is == ChildState::aborted) {
            set(index, ChildState::again);
        }
    }
}

std::optional<std::int64_t> MapRunChildren::next() const {
    const auto most = limits_.max_concurrency == 0
                          ? kMostChildrenAtOnce
                          : std::min(limits_.max_concurrency, kMostChildrenAtOnce);
    if (executions_.running >= most) {
        return std::nullopt;
    }
    if (!again_.empty()) {
        return again_.front();
    }
    return begun_ < size() ? std::optional{begun_} : std::nullopt;
}

bool MapRunChildren::breached() const noexcept {
    const auto failed = items_.failed + items_.timed_out + items_.aborted;
    if (failed == 0) {
        return false;
    }
    if (!limits_.tolerated_count && !limits_.tolerated_percentage) {
        return true;
    }
    if (limits_.tolerated_count && failed > *limits_.tolerated_count) {
        return true;
    }
    return limits_.tolerated_percentage &&
           100.0 * static_cast<double>(failed) >
               *limits_.tolerated_percentage * static_cast<double>(items_.total);
}

bool MapRunChildren::ended() const noexcept {
    return executions_.pending == 0 && executions_.pending_redrive == 0 && executions_.running == 0;
}

std::vector<std::int64_t> MapRunChildren::running(std::size_t at_most) const {
    std::vector<std::int64_t> found;
    for (std::int64_t index = 0; index < size() && found.size() < at_most; ++index) {
        if (state(index) == ChildState::running) {
            found.push_back(index);
        }
    }
    return found;
}

}  // namespace kiln::flow
