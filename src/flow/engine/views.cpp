#include "flow/engine/views.hpp"

#include "base/error.hpp"
#include "flow/frame_codec.hpp"
#include "flow/json_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::flow {

namespace {

/// AWS: executions can be redriven for 14 days; nobody has more events than 24,999 then.
constexpr std::chrono::hours kRedrivable{24 * 14};
constexpr EventId kMostEventsToRedrive = 24'999;

std::optional<TimePoint> shown(const std::optional<TimePoint>& time, Duration drift) {
    return time ? std::optional{*time + drift} : std::nullopt;
}

}  // namespace

Refusal no_execution(std::string_view arn) {
    return {"ExecutionDoesNotExist", fmt::format("Execution Does Not Exist: '{}'", arn)};
}

Payload parse_payload(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDeepestPayload;
    json::error_code failure;
    auto value = json::parse(text, failure, {}, options);
    if (failure) {
        throw Error{ErrorKind::invalid, fmt::format("not JSON: {}", failure.message())};
    }
    return std::make_shared<const json::value>(std::move(value));
}

std::string redrive_hindrance(const ports::ExecutionRow& row, EventId last_event, TimePoint now) {
    if (row.status == "RUNNING" || row.status == "SUCCEEDED") {
        return fmt::format("Execution is {} and cannot be redriven", row.status);
    }
    if (row.stopped && now - *row.stopped > kRedrivable) {
        return "Execution ended more than 14 days ago and cannot be redriven";
    }
    if (last_event >= kMostEventsToRedrive) {
        return "Execution has too many history events and cannot be redriven";
    }
    return {};
}

ExecutionView view_of(ports::ExecutionRow row, TimePoint now) {
    const auto head = read_head(row.more);
    Execution execution;
    decode_execution(head.execution, execution);
    ExecutionView view;
    view.redrives = row.redrives;
    view.redriven = shown(execution.redriven_at, head.stamp.drift);
    view.trace_header = head.extras.trace_header;
    view.redrive_status_reason = redrive_hindrance(row, execution.last_event, now);
    if (!view.redrive_status_reason.empty()) {
        view.redrive_status = "NOT_REDRIVABLE";
    } else {
        view.redrive_status = row.map_run.empty() ? "REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN";
    }
    view.row = std::move(row);
    return view;
}

ExecutionView view_of(const OpenExecution& open, const Timeline& time) {
    const auto& execution = open.execution;
    ExecutionView view;
    view.row = open.row;
    view.row.input = json_text(*execution.facts.input);
    view.row.status = to_string(execution.status);
    view.row.stopped = shown(execution.ended, time.stamp().drift);
    view.row.output = execution.output != nullptr ? json_text(*execution.output) : "";
    view.row.error = execution.error;
    view.row.cause = execution.cause;
    view.redrive_status = "NOT_REDRIVABLE";
    view.trace_header = open.extras.trace_header;
    return view;
}

HistoryPage read_history(
    ports::FlowStore& store,
    ports::ExecutionNumber execution,
    std::optional<EventId> from,
    std::size_t at_most,
    bool reverse
) {
    const auto most = static_cast<EventId>(std::max<std::size_t>(at_most, 1));
    const auto begin = from ? *from : reverse ? store.last_event(execution) : 1;
    const auto first = reverse ? std::max<EventId>(begin - most, 1) : begin;
    const auto last = reverse ? begin : begin + most;  // one more: is there another page?
    HistoryPage page;
    for (const auto& chunk : store.history(execution, first, last)) {
        std::string_view rest = chunk.events;
        while (!rest.empty()) {
            auto event = decode_event(rest);
            if (event.id >= first && event.id <= last) {
                page.events.push_back(std::move(event));
            }
        }
    }
    if (reverse) {
        std::reverse(page.events.begin(), page.events.end());
    }
    if (page.events.size() > static_cast<std::size_t>(most)) {
        page.next = page.events[static_cast<std::size_t>(most)].id;
        page.events.resize(static_cast<std::size_t>(most));
    }
    return page;
}

}  // namespace kiln::flow
