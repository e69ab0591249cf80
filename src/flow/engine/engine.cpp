#include "flow/engine/engine.hpp"

#include "asl/json_error.hpp"
#include "base/error.hpp"
#include "flow/engine/core.hpp"
#include "flow/engine/views.hpp"

#include <fmt/format.h>

namespace kiln::flow {

Engine::Engine(EngineWorld world, EngineSettings settings)
    : core_{std::make_unique<Core>(world, std::move(settings))} {}

Engine::~Engine() = default;

void Engine::start(StartSpec spec, Callback<StartedExecution> done) {
    if (spec.parsed == nullptr) {
        try {
            spec.parsed = parse_payload(spec.input);
        } catch (const Error& error) {
            core_->post(std::move(done), [why = error.message()](Core&, const auto& told) {
                told(Refusal{
                    "InvalidExecutionInput",
                    fmt::format("Invalid State Machine Execution Input: '{}'", why)});
            });
            return;
        }
    }
    core_->post(std::move(done), [spec = std::move(spec)](Core& core, const auto& told) mutable {
        core.start(spec, told);
    });
}

void Engine::watch(std::string arn, Callback<ExecutionView> ended) {
    core_->post(std::move(ended), [arn = std::move(arn)](Core& core, const auto& told) {
        core.watch(arn, told);
    });
}

void Engine::stop(
    std::string arn,
    std::optional<std::string> error,
    std::optional<std::string> cause,
    Callback<TimePoint> done
) {
    core_->post(
        std::move(done),
        [arn = std::move(arn), error = std::move(error), cause = std::move(cause)](
            Core& core, const auto& told
        ) { core.stop(arn, error, cause, told); }
    );
}

void Engine::redrive(std::string arn, std::string client_token, Callback<TimePoint> done) {
    core_->post(
        std::move(done),
        [arn = std::move(arn), token = std::move(client_token)](Core& core, const auto& told) {
            core.redrive(arn, token, told);
        }
    );
}

PollTicket Engine::take_task(
    std::string activity_arn,
    std::string worker,
    std::chrono::milliseconds wait,
    Callback<ActivityTask> done
) {
    const auto ticket = ++core_->last_ticket;
    core_->post(
        std::move(done),
        [ticket, wait, activity = std::move(activity_arn), worker = std::move(worker)](
            Core& core, const auto& told
        ) {
            core.take_task(
                activity, {.ticket = ticket, .worker = worker, .until = {}, .done = told}, wait
            );
        }
    );
    return ticket;
}

void Engine::cancel(PollTicket ticket) {
    core_->inbox->post([core = core_.get(), ticket] { core->cancel(ticket); });
}

void Engine::task_succeeded(std::string token, std::string output, Callback<Done> done) {
    Payload parsed;
    std::string why;
    try {
        parsed = parse_payload(output);
    } catch (const Error& error) {
        const auto fault = asl::explain_json_error(output);
        why = fault ? fault->message : error.message();
    }
    core_->post(
        std::move(done),
        [token = std::move(token), parsed, why = std::move(why)](Core& core, const auto& told) {
            if (parsed == nullptr) {
                return core.output_refused(token, why, told);
            }
            core.task_succeeded(token, parsed, told);
        }
    );
}

void Engine::task_failed(
    std::string token,
    std::optional<std::string> error,
    std::optional<std::string> cause,
    Callback<Done> done
) {
    core_->post(
        std::move(done),
        [token = std::move(token), error = std::move(error), cause = std::move(cause)](
            Core& core, const auto& told
        ) { core.task_failed(token, error, cause, told); }
    );
}

void Engine::task_heartbeat(std::string token, Callback<Done> done) {
    core_->post(std::move(done), [token = std::move(token)](Core& core, const auto& told) {
        core.task_heartbeat(token, told);
    });
}

Result<ExecutionView> Engine::describe(std::string_view arn) {
    auto row = core_->store().find(arn);
    if (!row) {
        return no_execution(arn);
    }
    return view_of(*std::move(row), core_->wall_now());
}

std::vector<ExecutionView> Engine::list(const ports::ExecutionFilter& filter) {
    std::vector<ExecutionView> views;
    for (auto& row : core_->store().list(filter)) {
        views.push_back(view_of(std::move(row), core_->wall_now()));
    }
    return views;
}

Result<HistoryPage> Engine::history(
    std::string_view arn, std::optional<EventId> from, std::size_t at_most, bool reverse
) {
    const auto row = core_->store().find(arn);
    if (!row) {
        return no_execution(arn);
    }
    return read_history(core_->store(), row->number, from, at_most, reverse);
}

Result<MapRunView> Engine::describe_map_run(std::string_view arn) {
    {
        auto views = core_->map_run_views().lock();
        if (const auto found = views->find(arn); found != views->end()) {
            return found->second;
        }
    }
    const auto row = core_->store().find_map_run(arn);
    const auto parent = row ? core_->store().find(row->execution) : std::nullopt;
    if (!parent) {
        return Refusal{"ResourceNotFound", fmt::format("Resource not found: '{}'", arn)};
    }
    return view_of(*row, parent->arn);
}

Result<std::vector<MapRunView>> Engine::map_runs(std::string_view execution_arn) {
    const auto row = core_->store().find(execution_arn);
    if (!row) {
        return no_execution(execution_arn);
    }
    std::vector<MapRunView> runs;
    for (const auto& each : core_->store().map_runs(row->number)) {
        auto view = describe_map_run(each.arn);
        if (auto* const known = std::get_if<MapRunView>(&view)) {
            runs.insert(runs.begin(), std::move(*known));
        }
    }
    return runs;
}

void Engine::update_map_run(
    std::string arn,
    std::optional<std::int64_t> max_concurrency,
    std::optional<std::int64_t> tolerated_count,
    std::optional<double> tolerated_percentage,
    Callback<Done> done
) {
    core_->post(
        std::move(done),
        [arn = std::move(arn),
         update = MapRunUpdate{max_concurrency, tolerated_count, tolerated_percentage}](
            Core& core, const auto& told
        ) { core.update_map_run(arn, update, told); }
    );
}

void Engine::machine_deleted(std::string machine_arn) {
    core_->inbox->post([core = core_.get(), machine = std::move(machine_arn)] {
        core->machine_deleted(machine);
    });
}

std::size_t Engine::open_executions(std::string_view machine_arn) const {
    return core_->slots().open_of(machine_arn);
}

EngineCounters Engine::counters() const {
    return core_->counters();
}

void Engine::release_polls() {
    core_->inbox->post([core = core_.get()] { core->release_polls(); });
}

void Engine::wake() {
    core_->inbox->wake();
}

}  // namespace kiln::flow
