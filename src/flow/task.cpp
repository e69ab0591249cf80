#include "flow/interpreter.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::flow {
namespace {

using asl::ResourceKind;

/// The types of a task's events, by what it names.
struct TaskTypes {
    HistoryType scheduled, started, succeeded, failed, timed_out;
    HistoryType schedule_failed, start_failed, submit_failed;
};

const TaskTypes& types_of(const asl::Resource& resource) noexcept {
    using enum HistoryType;
    static constexpr TaskTypes kActivity{
        activity_scheduled,
        activity_started,
        activity_succeeded,
        activity_failed,
        activity_timed_out,
        activity_schedule_failed,
        activity_failed,
        activity_failed,
    };
    static constexpr TaskTypes kLambda{
        lambda_function_scheduled,
        lambda_function_started,
        lambda_function_succeeded,
        lambda_function_failed,
        lambda_function_timed_out,
        lambda_function_schedule_failed,
        lambda_function_start_failed,
        lambda_function_failed,
    };
    static constexpr TaskTypes kIntegration{
        task_scheduled,
        task_started,
        task_succeeded,
        task_failed,
        task_timed_out,
        task_failed,
        task_start_failed,
        task_submit_failed,
    };
    switch (resource.kind) {
        case ResourceKind::activity:
            return kActivity;
        case ResourceKind::lambda:
            return kLambda;
        case ResourceKind::integration:
            break;
    }
    return kIntegration;
}

const asl::Resource& resource_of(const Frame& frame) {
    return std::get<asl::TaskFields>(state_of(frame).fields).resource;
}

/// "resource" and "resourceType", which the events of integrations have.
void add_resource(HistoryEvent& event, const asl::Resource& resource) {
    if (resource.kind == ResourceKind::integration) {
        event.more["resourceType"] = resource.service;
        event.more["resource"] = resource.action_with_pattern();
    }
}

/// Part `index` of an ARN, from 0: "arn", partition, service, region, account, …
std::string_view arn_part(std::string_view arn, int index) {
    for (; index > 0; --index) {
        const auto colon = arn.find(':');
        if (colon == std::string_view::npos) {
            return {};
        }
        arn.remove_prefix(colon + 1);
    }
    return arn.substr(0, arn.find(':'));
}

/// Not longer than TimeoutSeconds may be: a path may lead to any number.
std::chrono::seconds timer_length(std::int64_t seconds) {
    constexpr std::int64_t kLongest = 99'999'999;
    return std::chrono::seconds{std::min(seconds, kLongest)};
}

/// As AWS names a task whose result is too long.
std::string_view short_name(const asl::Resource& resource) {
    return resource.kind == ResourceKind::integration ? resource.service : resource.arn;
}

}  // namespace

void Interpreter::begin_task(Frame& frame, const asl::State& state) {
    const auto& fields = std::get<asl::TaskFields>(state.fields);
    frame.task = TaskWait{.number = execution_.next_task++};
    Visit visit{*this, frame};
    DataFlow data{state, frame.input, visit, limits_.payload_bytes};
    auto order = task_order(data, fields);
    const auto& resource = fields.resource;
    if (resource.kind == ResourceKind::activity && !world_.activity_exists(resource.arn)) {
        throw data.runtime_failure(fmt::format("The activity {} does not exist.", resource.arn));
    }
    announce(frame, fields, order);
    frame.task->scheduled = frame.last;
    frame.task->timeout_seconds = order.timeout_seconds;
    frame.task->heartbeat_seconds = order.heartbeat_seconds;
    frame.phase = Phase::scheduled;
    if (resource.kind != ResourceKind::activity) {
        set_task_timers(frame);
    }
    const bool reported = resource.kind == ResourceKind::activity ||
                          resource.pattern == asl::Pattern::wait_for_task_token;
    outcome_.effects.emplace_back(ScheduleTask{
        .frame = frame.id,
        .task = frame.task->number,
        .resource = &resource,
        .parameters = std::move(order.parameters),
        .credentials = std::move(order.credentials),
        .token = reported ? world_.token(frame.task->number) : "",
        .timeout_seconds = order.timeout_seconds,
    });
}

void Interpreter::announce(Frame& frame, const asl::TaskFields& fields, const TaskOrder& order) {
    const auto& resource = fields.resource;
    auto& event = append(frame, types_of(resource).scheduled);
    event.input = order.parameters;
    if (resource.kind == ResourceKind::integration) {
        add_resource(event, resource);
        const auto own = arn_part(resource.arn, 3);
        event.more["region"] = own.empty() ? arn_part(execution_.facts.arn, 3) : own;
    } else {
        event.more["resource"] = resource.arn;
    }
    if (order.timeout_seconds) {
        event.more["timeoutInSeconds"] = *order.timeout_seconds;
    }
    if (order.heartbeat_seconds && resource.kind != ResourceKind::lambda) {
        event.more["heartbeatInSeconds"] = *order.heartbeat_seconds;
    }
    const auto* credentials =
        order.credentials != nullptr ? order.credentials->if_object() : nullptr;
    const auto* role = credentials != nullptr ? credentials->if_contains("RoleArn") : nullptr;
    if (role != nullptr && resource.kind != ResourceKind::activity) {
        event.more["taskCredentials"] = json::object{{"roleArn", *role}};
    }
}

void Interpreter::set_task_timers(Frame& frame) {
    const auto& task = *frame.task;
    if (task.timeout_seconds) {
        frame.times_out_at = now() + timer_length(*task.timeout_seconds);
    }
    if (task.heartbeat_seconds) {
        frame.beats_out_at = now() + timer_length(*task.heartbeat_seconds);
    }
}

void Interpreter::on(const TaskStarted& started) {
    auto* const frame = find(started.frame, started.task);
    if (frame == nullptr) {
        return;
    }
    if (frame->phase != Phase::scheduled) {
        return refuse();
    }
    const auto& resource = resource_of(*frame);
    auto& event = append(*frame, types_of(resource).started);
    add_resource(event, resource);
    if (resource.kind == ResourceKind::activity) {
        if (!started.worker.empty()) {
            event.more["workerName"] = started.worker;
        }
        set_task_timers(*frame);
    }
    frame->phase = Phase::started;
}

void Interpreter::on(const TaskSubmitted& submitted) {
    auto* const frame = find(submitted.frame, submitted.task);
    if (frame == nullptr) {
        return;
    }
    if (frame->phase != Phase::scheduled && frame->phase != Phase::started) {
        return refuse();
    }
    auto& event = append(*frame, HistoryType::task_submitted);
    add_resource(event, resource_of(*frame));
    event.output = submitted.output;
    frame->phase = Phase::submitted;
}

void Interpreter::on(const TaskSucceeded& succeeded) {
    auto* const frame = find(succeeded.frame, succeeded.task);
    if (frame == nullptr) {
        return;
    }
    if (frame->phase == Phase::mapping) {
        return refuse();
    }
    const auto& resource = resource_of(*frame);
    try {
        check_payload_size(*succeeded.output, short_name(resource), limits_.payload_bytes);
    } catch (const StateFailure& failure) {
        const auto& why = failure.output();
        return on(TaskFailed{succeeded.frame, succeeded.task, why.error, why.cause});
    }
    auto& event = append(*frame, types_of(resource).succeeded);
    add_resource(event, resource);
    event.output = succeeded.output;
    cancel_timers(*frame);
    frame->task.reset();
    frame->phase = Phase::entering;  // until finish_work knows better
    finish_work(*frame, succeeded.output);
}

void Interpreter::on(const TaskFailed& failed) {
    auto* const frame = find(failed.frame, failed.task);
    if (frame == nullptr) {
        return;
    }
    if (frame->phase == Phase::mapping) {
        return refuse();
    }
    const auto& resource = resource_of(*frame);
    const auto& types = types_of(resource);
    const auto type = failed.at == TaskFailed::At::scheduling ? types.schedule_failed
                      : failed.at == TaskFailed::At::start    ? types.start_failed
                      : failed.at == TaskFailed::At::submit   ? types.submit_failed
                                                              : types.failed;
    auto& event = append(*frame, type);
    add_resource(event, resource);
    event.error = failed.error;
    event.cause = failed.cause;
    cancel_timers(*frame);
    recover(*frame, {failed.error, failed.cause}, false);
}

void Interpreter::on(const TaskBeat& beat) {
    auto* const frame = find(beat.frame, beat.task);
    if (frame == nullptr) {
        return;
    }
    if (frame->beats_out_at) {
        frame->beats_out_at = now() + timer_length(*frame->task->heartbeat_seconds);
    }
}

void Interpreter::time_out(Frame& frame, bool heartbeat) {
    if (!has_open_task(frame) || frame.phase == Phase::mapping) {
        return refuse();
    }
    const auto& resource = resource_of(frame);
    const ErrorOutput error{std::string{error_name::kTimeout}, std::nullopt, heartbeat};
    auto& event = append(frame, types_of(resource).timed_out);
    add_resource(event, resource);
    event.error = error.error;
    cancel_work(frame);
    recover(frame, error, false);
}

}  // namespace kiln::flow
