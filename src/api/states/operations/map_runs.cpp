// Runs of distributed Maps.

#include "api/states/operations.hpp"
#include "api/states/show_execution.hpp"
#include "machines/arns.hpp"

#include <charconv>

namespace kiln::api::states {

namespace {

json::object show(const flow::MapRunCounts& counts) {
    return {
        {"pending", counts.pending},
        {"running", counts.running},
        {"succeeded", counts.succeeded},
        {"failed", counts.failed},
        {"timedOut", counts.timed_out},
        {"aborted", counts.aborted},
        {"total", counts.total},
        {"resultsWritten", counts.results_written},
        {"failuresNotRedrivable", counts.failures_not_redrivable},
        {"pendingRedrive", counts.pending_redrive}};
}

json::object show(const flow::MapRunView& run) {
    json::object answer{
        {"mapRunArn", run.arn},
        {"executionArn", run.execution_arn},
        {"status", run.status},
        {"startDate", epoch_seconds(run.started)},
        {"maxConcurrency", run.max_concurrency},
        {"toleratedFailurePercentage", run.tolerated_percentage},
        {"toleratedFailureCount", run.tolerated_count},
        {"itemCounts", show(run.items)},
        {"executionCounts", show(run.executions)},
        {"redriveCount", run.redrives}};
    if (run.stopped) {
        answer["stopDate"] = epoch_seconds(*run.stopped);
    }
    if (run.redriven) {
        answer["redriveDate"] = epoch_seconds(*run.redriven);
    }
    return answer;
}

/// The machine whose Map it is: with the Map's label.
std::string machine_of(std::string_view map_run) {
    const auto read = machines::read_arn(map_run, asl::ArnKind::map_run);
    const auto* const arn = std::get_if<asl::Arn>(&read);
    return arn == nullptr ? std::string{} : machines::machine_arn_of(*arn) + "/" + arn->label;
}

json::object show_item(const flow::MapRunView& run) {
    json::object item{
        {"executionArn", run.execution_arn},
        {"mapRunArn", run.arn},
        {"stateMachineArn", machine_of(run.arn)},
        {"startDate", epoch_seconds(run.started)}};
    if (run.stopped) {
        item["stopDate"] = epoch_seconds(*run.stopped);
    }
    return item;
}

/// The ARN of a Map Run. When it is none, it answers so and gives nullopt.
std::optional<std::string> map_run_of(const Input& input, Reply& reply) {
    auto arn = input.text("mapRunArn");
    if (admitted(machines::read_arn(arn, asl::ArnKind::map_run), reply) == nullptr) {
        return std::nullopt;
    }
    return arn;
}

}  // namespace

void describe_map_run(const Context& context, const Input& input, ReplyPtr reply) {
    const auto arn = map_run_of(input, *reply);
    if (!arn) {
        return;
    }
    const auto found = context.engine.describe_map_run(*arn);
    if (const auto* const run = admitted(found, *reply)) {
        reply->succeed(show(*run));
    }
}

void list_map_runs(const Context& context, const Input& input, ReplyPtr reply) {
    const auto arn = input.text("executionArn");
    if (const auto failure = refuse_execution_arn(arn)) {
        return reply->fail(*failure);
    }
    const auto page = page_of(context, input, *reply);
    if (!page) {
        return;
    }
    const auto found = context.engine.map_runs(arn);
    const auto* const runs = admitted(found, *reply);
    if (runs == nullptr) {
        return;
    }
    std::vector<flow::MapRunView> rest;
    bool begun = page->after.empty();
    for (const auto& run : *runs) {
        if (begun && rest.size() <= page->size) {
            rest.push_back(run);
        }
        begun = begun || run.arn == page->after;
    }
    answer_page(
        context,
        *page,
        "mapRuns",
        rest,
        show_item,
        [](const flow::MapRunView& run) { return run.arn; },
        *reply
    );
}

void update_map_run(const Context& context, const Input& input, ReplyPtr reply) {
    auto arn = map_run_of(input, *reply);
    if (!arn) {
        return;
    }
    context.engine.update_map_run(
        *std::move(arn),
        input.number("maxConcurrency"),
        input.number("toleratedFailureCount"),
        input.decimal("toleratedFailurePercentage"),
        answer_done(std::move(reply))
    );
}

}  // namespace kiln::api::states
