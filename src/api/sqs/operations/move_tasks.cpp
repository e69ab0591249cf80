// StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask.

#include "api/sqs/answers.hpp"
#include "api/sqs/operations.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "queue/message_rules.hpp"

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

constexpr std::size_t kLongestHandle = 4096;

/// A task, as its handle names it.
struct TaskName {
    std::string id;
    std::string source_arn;
};

std::string handle_of(const TaskName& task) {
    return to_base64(json::serialize(json::object{
        {"taskId", task.id},
        {"sourceArn", task.source_arn},
    }));
}

std::optional<TaskName> task_of(std::string_view handle) {
    const auto text = handle.size() <= kLongestHandle ? from_base64(handle) : std::nullopt;
    if (!text) {
        return std::nullopt;
    }
    try {
        const auto document = parse_json(*text);
        std::vector<Problem> problems;
        ObjectReader reader{document, "", problems};
        auto id = reader.string("taskId", ObjectReader::Need::required);
        auto arn = reader.string("sourceArn", ObjectReader::Need::required);
        reader.finish();
        if (problems.empty()) {
            return TaskName{std::move(*id), std::move(*arn)};
        }
    } catch (const Error&) {
        // No JSON: nothing that was ever handed out.
    }
    return std::nullopt;
}

Failure no_such_resource(std::string_view parameter) {
    return {
        ErrorCode::resource_not_found,
        fmt::format(
            "The resource that you specified for the {} parameter doesn't exist.", parameter
        )};
}

/// The queue that an ARN names; answers when there is none.
std::optional<std::string> queue_of_parameter(
    const Context& context, const Text& arn, std::string_view parameter, Reply& reply
) {
    if (!arn || arn->empty()) {
        reply.fail(missing(parameter));
        return std::nullopt;
    }
    auto name = queue::queue_of_arn(context.place, *arn);
    if (!name || context.engine.find(*name) == nullptr) {
        reply.fail(no_such_resource(parameter));
        return std::nullopt;
    }
    return name;
}

std::string_view word(queue::MoveState state) noexcept {
    switch (state) {
        case queue::MoveState::running:
            return "RUNNING";
        case queue::MoveState::completed:
            return "COMPLETED";
        case queue::MoveState::cancelling:
            return "CANCELLING";
        case queue::MoveState::cancelled:
            return "CANCELLED";
        case queue::MoveState::failed:
            return "FAILED";
    }
    return "";
}

ShownTask show(const queue::Place& place, const queue::MoveTask& task) {
    ShownTask shown;
    shown.source_arn = queue::queue_arn(place, task.source);
    if (task.state == queue::MoveState::running) {
        shown.handle = handle_of({task.id, shown.source_arn});
    }
    shown.status = word(task.state);
    if (task.destination) {
        shown.destination_arn = queue::queue_arn(place, *task.destination);
    }
    shown.per_second = task.per_second;
    shown.moved = task.moved;
    shown.to_move = task.to_move;
    shown.failure = task.failure;
    shown.started =
        std::chrono::floor<std::chrono::milliseconds>(task.started.time_since_epoch()).count();
    return shown;
}

}  // namespace

void start_message_move_task(const Context& context, StartMessageMoveTask request, ReplyPtr reply) {
    auto source = queue_of_parameter(context, request.source_arn, "SourceArn", *reply);
    if (!source) {
        return;
    }
    std::optional<std::string> destination;
    if (request.destination_arn) {
        destination =
            queue_of_parameter(context, request.destination_arn, "DestinationArn", *reply);
        if (!destination) {
            return;
        }
    }
    if (!admit(
            queue::refuse_outside(
                "MaxNumberOfMessagesPerSecond",
                request.per_second.value_or(1),
                1,
                500,
                "Must be between 1 and 500, if provided."
            ),
            *reply
        )) {
        return;
    }
    context.engine.start_move(
        std::move(*source),
        std::move(destination),
        request.per_second,
        [reply, arn = std::move(*request.source_arn)](const queue::Outcome<std::string>& outcome) {
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
                return reply->fail(*refusal);
            }
            reply->succeed(TaskHandleAnswer{handle_of({std::get<std::string>(outcome), arn})});
        }
    );
}

void list_message_move_tasks(const Context& context, ListMessageMoveTasks request, ReplyPtr reply) {
    auto source = queue_of_parameter(context, request.source_arn, "SourceArn", *reply);
    if (!source) {
        return;
    }
    const auto at_most = request.max_results.value_or(1);
    if (!admit(
            queue::refuse_outside(
                "MaxResults", at_most, 1, 10, "Must be between 1 and 10, if provided."
            ),
            *reply
        )) {
        return;
    }
    context.engine.list_moves(
        std::move(*source),
        static_cast<std::size_t>(at_most),
        [reply,
         place = context.place](const queue::Outcome<std::vector<queue::MoveTask>>& outcome) {
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
                return reply->fail(*refusal);
            }
            TasksAnswer answer;
            for (const auto& task : std::get<std::vector<queue::MoveTask>>(outcome)) {
                answer.results.push_back(show(place, task));
            }
            reply->succeed(std::move(answer));
        }
    );
}

void cancel_message_move_task(
    const Context& context, CancelMessageMoveTask request, ReplyPtr reply
) {
    if (!request.task_handle || request.task_handle->empty()) {
        return reply->fail(missing("TaskHandle"));
    }
    auto task = task_of(*request.task_handle);
    if (!task) {
        return reply->fail(
            {ErrorCode::invalid_parameter_value, "Value for parameter TaskHandle is invalid."}
        );
    }
    auto source = queue_of_parameter(context, task->source_arn, "SourceArn", *reply);
    if (!source) {
        return;
    }
    context.engine.cancel_move(
        std::move(*source),
        std::move(task->id),
        [reply](const queue::Outcome<std::int64_t>& outcome) {
            if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
                return reply->fail(*refusal);
            }
            reply->succeed(MovedAnswer{std::get<std::int64_t>(outcome)});
        }
    );
}

}  // namespace kiln::api::sqs
