// Executions: what they did, and how they end before their time.

#include "api/states/operations.hpp"
#include "api/states/show_execution.hpp"
#include "flow/history.hpp"
#include "machines/arns.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::api::states {

namespace {

/// The ARN of an execution. When it is none, it answers so and gives nullopt.
std::optional<std::string> execution_of(const Input& input, Reply& reply) {
    auto arn = input.text("executionArn");
    if (const auto failure = refuse_execution_arn(arn)) {
        reply.fail(*failure);
        return std::nullopt;
    }
    return arn;
}

std::optional<std::int64_t> number_of(const std::string& position) {
    std::int64_t number = 0;
    const auto* const end = position.data() + position.size();
    const auto [stopped, failure] = std::from_chars(position.data(), end, number);
    return failure == std::errc{} && stopped == end ? std::optional{number} : std::nullopt;
}

/// Executions of which machine. When it has none to list, it answers so and gives false.
bool choose_machine(
    const Context& context, const std::string& arn, ports::ExecutionFilter& filter, Reply& reply
) {
    const auto found = context.registry.find(arn);
    const auto* const target = admitted(found, reply);
    if (target == nullptr) {
        return false;
    }
    if (target->machine->type == machines::MachineType::express) {
        reply.fail(type_not_supported());
        return false;
    }
    filter.machine = target->machine->arn;
    if (!target->label.empty()) {
        filter.machine += "/" + target->label;
    }
    if (target->alias) {
        filter.alias = target->machine->alias_arn(target->alias->name);
    } else if (target->version) {
        filter.version = target->machine->version_arn(target->version->number);
    }
    return true;
}

/// Children of which Map Run. When there is no such run, it answers so and gives false.
bool choose_map_run(
    const Context& context, const std::string& arn, ports::ExecutionFilter& filter, Reply& reply
) {
    if (admitted(machines::read_arn(arn, asl::ArnKind::map_run), reply) == nullptr ||
        admitted(context.engine.describe_map_run(arn), reply) == nullptr) {
        return false;
    }
    filter.map_run = arn;
    return true;
}

bool choose(
    const Context& context, const Input& input, ports::ExecutionFilter& filter, Reply& reply
) {
    const auto machine = input.maybe_text("stateMachineArn");
    const auto map_run = input.maybe_text("mapRunArn");
    if (machine.has_value() == map_run.has_value()) {
        reply.fail(invalid(
            machine ? "Must provide a StateMachine ARN or a MapRun ARN, not both"
                    : "Must provide a StateMachine ARN or MapRun ARN"
        ));
        return false;
    }
    return machine ? choose_machine(context, *machine, filter, reply)
                   : choose_map_run(context, *map_run, filter, reply);
}

}  // namespace

void stop_execution(const Context& context, const Input& input, ReplyPtr reply) {
    if (auto arn = execution_of(input, *reply)) {
        context.engine.stop(
            *std::move(arn),
            input.maybe_text("error"),
            input.maybe_text("cause"),
            answer<TimePoint>(
                std::move(reply),
                [](TimePoint stopped) -> json::object {
                    return {{"stopDate", epoch_seconds(stopped)}};
                }
            )
        );
    }
}

void redrive_execution(const Context& context, const Input& input, ReplyPtr reply) {
    if (auto arn = execution_of(input, *reply)) {
        context.engine.redrive(
            *std::move(arn),
            input.maybe_text("clientToken").value_or(""),
            answer<TimePoint>(
                std::move(reply),
                [](TimePoint redriven) -> json::object {
                    return {{"redriveDate", epoch_seconds(redriven)}};
                }
            )
        );
    }
}

void describe_execution(const Context& context, const Input& input, ReplyPtr reply) {
    const auto arn = execution_of(input, *reply);
    if (!arn) {
        return;
    }
    const auto found = context.engine.describe(*arn);
    if (const auto* const view = admitted(found, *reply)) {
        reply->succeed(show_execution(*view, !metadata_only(input)));
    }
}

void list_executions(const Context& context, const Input& input, ReplyPtr reply) {
    ports::ExecutionFilter filter;
    if (!choose(context, input, filter, *reply)) {
        return;
    }
    const auto page = page_of(context, input, *reply);
    if (!page) {
        return;
    }
    filter.status = input.maybe_text("statusFilter").value_or("");
    if (const auto redriven = input.maybe_text("redriveFilter")) {
        filter.redriven = *redriven == "REDRIVEN";
    }
    filter.before = number_of(page->after);
    filter.at_most = page->size + 1;
    answer_page(
        context,
        *page,
        "executions",
        context.engine.list(filter),
        show_execution_item,
        [](const flow::ExecutionView& view) { return std::to_string(view.row.number); },
        *reply
    );
}

void get_execution_history(const Context& context, const Input& input, ReplyPtr reply) {
    const auto arn = execution_of(input, *reply);
    const auto page = arn ? page_of(context, input, *reply) : std::nullopt;
    if (!page) {
        return;
    }
    const auto found = context.engine.history(
        *arn, number_of(page->after), page->size, input.flag("reverseOrder", false)
    );
    const auto* const history = admitted(found, *reply);
    if (history == nullptr) {
        return;
    }
    const bool with_data = input.flag("includeExecutionData", true);
    json::array events;
    for (const auto& event : history->events) {
        events.push_back(flow::show(event, with_data));
    }
    json::object answer{{"events", std::move(events)}};
    if (history->next) {
        answer["nextToken"] = context.tokens.make(page->scope, std::to_string(*history->next));
    }
    reply->succeed(answer);
}

}  // namespace kiln::api::states
