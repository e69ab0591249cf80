#include "api/tests/states_fake_engine.hpp"

#include "asl/arn.hpp"
#include "asl/json_error.hpp"

#include <fmt/format.h>

namespace kiln::api::states::testing {

EngineScript& script() {
    static EngineScript only;
    return only;
}

std::atomic<std::size_t>& polls_begun() {
    static std::atomic<std::size_t> only = 0;
    return only;
}

std::atomic<std::size_t>& cancellations() {
    static std::atomic<std::size_t> only = 0;
    return only;
}

}  // namespace kiln::api::states::testing

namespace kiln::flow {

using api::states::testing::cancellations;
using api::states::testing::polls_begun;
using api::states::testing::script;

class Engine::Core {};

namespace {

Refusal no_execution(std::string_view arn) {
    return {"ExecutionDoesNotExist", fmt::format("Execution Does Not Exist: '{}'", arn)};
}

constexpr TimePoint kStarted{std::chrono::milliseconds{1'700'000'000'125}};

ExecutionView view_of(const StartSpec& spec, std::string arn) {
    ExecutionView view;
    view.row.number = static_cast<std::int64_t>(script().executions.size()) + 1;
    view.row.arn = std::move(arn);
    view.row.name = spec.name;
    view.row.machine = spec.machine.arn;
    view.row.version = spec.machine.version;
    view.row.alias = spec.machine.alias;
    view.row.revision = spec.machine.revision;
    view.row.status = "SUCCEEDED";
    view.row.role = spec.machine.role_arn;
    view.row.started = kStarted;
    view.row.stopped = kStarted + std::chrono::milliseconds{101};
    view.row.input = spec.input;
    view.row.output = spec.input;
    view.redrive_status = "NOT_REDRIVABLE";
    view.redrive_status_reason = "Execution is SUCCEEDED and cannot be redriven";
    view.trace_header = spec.trace_header;
    return view;
}

void report(const std::string& call, const std::string& token, const Callback<Done>& done) {
    script().calls.push_back(call + " " + token);
    if (token == "bad") {
        done(Refusal{"InvalidToken", "Invalid Token: 'Invalid token'"});
    } else {
        done(Done{});
    }
}

}  // namespace

Engine::Engine(EngineWorld, EngineSettings) {
    script() = {};
    polls_begun() = 0;
    cancellations() = 0;
}

Engine::~Engine() = default;

void Engine::start(StartSpec spec, Callback<StartedExecution> done) {
    auto& it = script();
    it.started.push_back(spec);
    if (spec.name.empty()) {
        spec.name = fmt::format("uuid-{}", it.started.size());
    }
    const asl::ArnPlace place{"aws", "us-east-1", "000000000000"};
    auto arn = spec.machine.express
                   ? asl::express_execution_arn(place, spec.machine.name, spec.name, "id")
                   : asl::execution_arn(place, spec.machine.name, spec.name);
    if (it.executions.contains(arn)) {
        return done(Refusal{
            "ExecutionAlreadyExists", fmt::format("Execution Already Exists: '{}'", arn)});
    }
    it.executions.emplace(arn, view_of(spec, arn));
    done(StartedExecution{arn, kStarted});
}

void Engine::watch(std::string arn, Callback<ExecutionView> ended) {
    ended(describe(arn));
}

void Engine::stop(
    std::string arn,
    std::optional<std::string> error,
    std::optional<std::string> cause,
    Callback<TimePoint> done
) {
    script().calls.push_back(
        fmt::format("stop {} {} {}", arn, error.value_or("-"), cause.value_or("-"))
    );
    script().executions.contains(arn) ? done(kStarted) : done(no_execution(arn));
}

void Engine::redrive(std::string arn, std::string client_token, Callback<TimePoint> done) {
    script().calls.push_back(fmt::format("redrive {} {}", arn, client_token));
    done(Refusal{"ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven"});
}

PollTicket Engine::take_task(
    std::string activity_arn,
    std::string worker,
    std::chrono::milliseconds wait,
    Callback<ActivityTask> done
) {
    auto& it = script();
    it.calls.push_back(fmt::format("take {} {} {}", activity_arn, worker, wait.count()));
    it.polls.push_back(std::move(done));
    return ++polls_begun();
}

void Engine::cancel(PollTicket ticket) {
    script().cancelled.push_back(ticket);
    script().polls[ticket - 1](ActivityTask{});
    ++cancellations();
}

void Engine::task_succeeded(std::string token, std::string output, Callback<Done> done) {
    if (const auto fault = asl::explain_json_error(output)) {
        return done(Refusal{"InvalidOutput", "Invalid Output: '" + fault->message + "'"});
    }
    report("succeeded " + output, token, done);
}

void Engine::task_failed(
    std::string token,
    std::optional<std::string> error,
    std::optional<std::string> cause,
    Callback<Done> done
) {
    report("failed " + error.value_or("-") + " " + cause.value_or("-"), token, done);
}

void Engine::task_heartbeat(std::string token, Callback<Done> done) {
    report("beat", token, done);
}

Result<ExecutionView> Engine::describe(std::string_view arn) {
    const auto at = script().executions.find(arn);
    return at == script().executions.end() ? Result<ExecutionView>{no_execution(arn)} : at->second;
}

std::vector<ExecutionView> Engine::list(const ports::ExecutionFilter& filter) {
    auto& it = script();
    it.filters.push_back(filter);
    std::map<std::int64_t, ExecutionView, std::greater<>> newest;
    for (const auto& [arn, view] : it.executions) {
        if (view.row.machine == filter.machine &&
            (filter.version.empty() || view.row.version == filter.version) &&
            (filter.status.empty() || view.row.status == filter.status) &&
            (!filter.before || view.row.number < *filter.before)) {
            newest.emplace(view.row.number, view);
        }
    }
    std::vector<ExecutionView> found;
    for (const auto& [number, view] : newest) {
        if (found.size() < filter.at_most) {
            found.push_back(view);
        }
    }
    return found;
}

Result<HistoryPage> Engine::history(
    std::string_view arn, std::optional<EventId> from, std::size_t at_most, bool reverse
) {
    if (!script().executions.contains(arn)) {
        return no_execution(arn);
    }
    HistoryPage page;
    auto id = from.value_or(reverse ? script().events : 1);
    for (; id >= 1 && id <= script().events && page.events.size() < at_most;
         id += reverse ? -1 : 1) {
        HistoryEvent event;
        event.id = id;
        event.previous = id - 1;
        event.at = kStarted;
        event.type = HistoryType::pass_state_entered;
        event.name = std::make_shared<const std::string>("A");
        event.input = std::make_shared<const json::value>(json::object{{"n", id}});
        page.events.push_back(std::move(event));
    }
    if (id >= 1 && id <= script().events) {
        page.next = id;
    }
    return page;
}

Result<MapRunView> Engine::describe_map_run(std::string_view arn) {
    const auto at = script().map_runs.find(arn);
    if (at == script().map_runs.end()) {
        return Refusal{"ResourceNotFound", fmt::format("Resource not found: '{}'", arn)};
    }
    return at->second;
}

Result<std::vector<MapRunView>> Engine::map_runs(std::string_view execution_arn) {
    if (!script().executions.contains(execution_arn)) {
        return no_execution(execution_arn);
    }
    std::vector<MapRunView> runs;
    for (const auto& [arn, run] : script().map_runs) {
        runs.push_back(run);
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
    script().calls.push_back(fmt::format(
        "update {} {} {} {}",
        arn,
        max_concurrency.value_or(-1),
        tolerated_count.value_or(-1),
        tolerated_percentage.value_or(-1)
    ));
    done(Done{});
}

void Engine::machine_deleted(std::string machine_arn) {
    script().calls.push_back("deleted " + machine_arn);
}

std::size_t Engine::open_executions(std::string_view) const {
    return 0;
}

void Engine::wake() {}

}  // namespace kiln::flow
