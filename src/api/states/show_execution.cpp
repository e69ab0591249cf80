#include "api/states/show_execution.hpp"

#include "api/states/reply.hpp"
#include "machines/arns.hpp"

namespace kiln::api::states {

namespace {

constexpr std::int64_t kBilledStep = 100;   // ms
constexpr std::int64_t kBilledMemory = 64;  // MiB, AWS' least

void add_text(json::object& answer, std::string_view name, const std::string& text) {
    if (!text.empty()) {
        answer[name] = text;
    }
}

void add_text(json::object& answer, std::string_view name, const std::optional<std::string>& text) {
    if (text) {
        answer[name] = *text;
    }
}

/// Input, and what came of it.
void add_data(json::object& answer, const ports::ExecutionRow& row, bool with_data) {
    const json::object details{{"included", with_data}};
    answer["inputDetails"] = details;
    if (with_data) {
        answer["input"] = row.input;
    }
    if (!row.output.empty()) {
        answer["outputDetails"] = details;
        if (with_data) {
            answer["output"] = row.output;
        }
    }
    if (with_data) {
        add_text(answer, "error", row.error);
        add_text(answer, "cause", row.cause);
    }
}

void add_redrives(json::object& answer, const flow::ExecutionView& view) {
    answer["redriveCount"] = view.redrives;
    if (view.redriven) {
        answer["redriveDate"] = epoch_seconds(*view.redriven);
    }
}

/// What all of them have.
json::object show_common(const ports::ExecutionRow& row) {
    json::object answer{
        {"executionArn", row.arn},
        {"stateMachineArn", row.machine},
        {"name", row.name},
        {"status", row.status},
        {"startDate", epoch_seconds(row.started)}};
    if (row.stopped) {
        answer["stopDate"] = epoch_seconds(*row.stopped);
    }
    return answer;
}

json::object show_recorded(const flow::ExecutionView& view) {
    auto answer = show_common(view.row);
    add_text(answer, "mapRunArn", view.row.map_run);
    add_text(answer, "stateMachineVersionArn", view.row.version);
    add_text(answer, "stateMachineAliasArn", view.row.alias);
    add_redrives(answer, view);
    return answer;
}

/// What runs is billed by started steps of 100 ms.
std::int64_t billed_milliseconds(const ports::ExecutionRow& row) {
    const auto lasted = row.stopped ? *row.stopped - row.started : Duration{0};
    const auto step = std::chrono::milliseconds{kBilledStep};
    const auto steps = std::max<std::int64_t>(1, (lasted + step - Duration{1}) / step);
    return steps * kBilledStep;
}

}  // namespace

json::object show_execution(const flow::ExecutionView& view, bool with_data) {
    auto answer = show_recorded(view);
    add_data(answer, view.row, with_data);
    add_text(answer, "traceHeader", view.trace_header);
    add_text(answer, "redriveStatus", view.redrive_status);
    add_text(answer, "redriveStatusReason", view.redrive_status_reason);
    return answer;
}

json::object show_execution_item(const flow::ExecutionView& view) {
    return show_recorded(view);
}

json::object show_ended(const flow::ExecutionView& view, bool with_data) {
    auto answer = show_common(view.row);
    if (view.row.status == "ABORTED") {
        answer["status"] = "FAILED";  // the model knows no other word here
    }
    add_data(answer, view.row, with_data);
    add_text(answer, "traceHeader", view.trace_header);
    answer["billingDetails"] = {
        {"billedMemoryUsedInMB", kBilledMemory},
        {"billedDurationInMilliseconds", billed_milliseconds(view.row)}};
    return answer;
}

std::optional<Failure> refuse_execution_arn(std::string_view arn) {
    const auto read = machines::read_arn(arn, asl::ArnKind::execution);
    const auto* const refusal = std::get_if<Failure>(&read);
    return refusal == nullptr ? std::nullopt : std::optional{*refusal};
}

Failure type_not_supported() {
    return {
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine"};
}

}  // namespace kiln::api::states
