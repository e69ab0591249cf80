#include "release_functions.hpp"

#include "base/log.hpp"
#include "release/definition.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace kiln {

namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::chrono::seconds kBeatEvery{6};  // a third of the tick's heartbeat
constexpr std::chrono::seconds kPoll{75};      // the server answers after 60 s at the latest
constexpr int kThreadsOfFunctions = 4;

/// A task that is over already: it timed out, or its execution has ended.
bool is_over(const Error& error) {
    return error.kind() == ErrorKind::conflict || error.kind() == ErrorKind::not_found ||
           error.kind() == ErrorKind::invalid;
}

/// A report that does not arrive is made up for by the task's time-out.
void report(cli::StatesApi& api, std::string_view operation, const json::object& input) {
    try {
        static_cast<void>(api.call(operation, input, {}));
    } catch (const Error& error) {
        if (!is_over(error)) {
            log_warning(
                "a release's task could not be reported; it is given out again",
                {{"operation", std::string{operation}}, {"error", error.message()}}
            );
        }
    }
}

}  // namespace

std::optional<release::TaskSource::Task> StatesTasks::take(
    const std::string& activity, const std::string& worker, const std::stop_token& stop
) {
    const auto answer = api_.call(
        "GetActivityTask", {{"activityArn", activity}, {"workerName", worker}}, stop, kPoll
    );
    const auto token = cli::text_in(answer, "taskToken");
    if (token.empty()) {
        return std::nullopt;
    }
    return Task{token, parse_json(cli::text_in(answer, "input"))};
}

void StatesTasks::succeed(const std::string& token, const json::value& output) {
    report(api_, "SendTaskSuccess", {{"taskToken", token}, {"output", json::serialize(output)}});
}

void StatesTasks::fail(const std::string& token, const release::FunctionFailure& failure) {
    report(
        api_,
        "SendTaskFailure",
        {{"taskToken", token}, {"error", failure.error}, {"cause", failure.cause}}
    );
}

bool StatesTasks::beat(const std::string& token) {
    try {
        static_cast<void>(api_.call("SendTaskHeartbeat", {{"taskToken", token}}, {}));
        return true;
    } catch (const Error& error) {
        return !is_over(error);
    }
}

bool StatesExecutions::main_is_over(const std::string& execution, const std::stop_token& stop) {
    const auto described = api_.call("DescribeExecution", {{"executionArn", execution}}, stop);
    if (cli::text_in(described, "status") != "RUNNING") {
        return true;
    }
    bool over = false;
    cli::for_each_item(
        api_,
        "GetExecutionHistory",
        {{"executionArn", execution},
         {"reverseOrder", true},
         {"includeExecutionData", false},
         {"maxResults", 1000}},
        "events",
        stop,
        [&](const json::object& event) {
            const auto* details = event.if_contains("stateEnteredEventDetails");
            const auto name = details != nullptr && details->is_object()
                                  ? cli::text_in(details->get_object(), "name")
                                  : std::string{};
            over = name == release::states::kMainEnd;
            // A round of the machine begins at its root.
            return !over && name != release::states::kRoot;
        }
    );
    return over;
}

void NoFleet::ensure(const release::WorkerRequest& request, const std::stop_token& /*stop*/) {
    log_info(
        "a release's task waits for a worker; this server starts none",
        {{"activity", request.activity}, {"step", request.step}}
    );
}

void NoFleet::tend(
    const std::vector<release::WorkerRequest>& /*requests*/, const std::stop_token& /*stop*/
) {}

ReleaseFunctions::ReleaseFunctions(
    cli::StatesApi& api, release::Probe& probe, release::Workers& workers
)
    : api_{api},
      tasks_{api},
      executions_{api},
      ticks_{tasks_},
      functions_{
          probe, workers, executions_, [this](const std::string& round) { ticks_.finish(round); }},
      chores_{std::vector<worker::Chore>{
          {"release functions", kLookEvery, [this](const std::stop_token& stop) { look(stop); }},
          {"release ticks", kBeatEvery, [this](const std::stop_token&) { ticks_.beat(); }}}} {}

std::string ReleaseFunctions::part_of(const std::string& arn, const std::stop_token& stop) {
    const auto answer = api_.call("ListTagsForResource", {{"resourceArn", arn}}, stop);
    const auto* tags = answer.if_contains("tags");
    if (tags == nullptr || !tags->is_array()) {
        return "";
    }
    for (const auto& tag : tags->get_array()) {
        if (cli::text_in(tag.as_object(), "key") == "kiln:release-part") {
            return cli::text_in(tag.as_object(), "value");
        }
    }
    return "";
}

void ReleaseFunctions::look(const std::stop_token& stop) {
    std::erase_if(served_, [&](const auto& one) {
        const bool gone = one.second->left == 0;
        if (gone) {  // the activity was deleted; it may be made again
            parts_.erase(one.first);
        }
        return gone;
    });
    std::set<std::string> fresh;
    cli::for_each_item(api_, "ListActivities", {}, "activities", stop, [&](const auto& item) {
        const auto name = cli::text_in(item, "name");
        const auto arn = cli::text_in(item, "activityArn");
        if ((name.ends_with("-functions") || name.ends_with("-tick")) && !parts_.contains(arn)) {
            fresh.insert(arn);
        }
        return true;
    });
    for (const auto& arn : fresh) {
        const auto part = part_of(arn, stop);
        parts_[arn] = part;
        if (part == "functions" || part == "tick") {
            serve(arn, part);
        }
    }
}

void ReleaseFunctions::serve(const std::string& arn, const std::string& part) {
    auto& served = *(served_[arn] = std::make_unique<Served>());
    const int threads = part == "tick" ? 1 : kThreadsOfFunctions;
    served.left = threads;
    for (int i = 0; i < threads; ++i) {
        const auto name = fmt::format("kiln-{}-{}", ::getpid(), i);
        served.threads.emplace_back([this, arn, part, name, &served](const std::stop_token& stop) {
            if (part == "tick") {
                release::serve_ticks(tasks_, ticks_, arn, name, stop);
            } else {
                release::serve_functions(tasks_, functions_, arn, name, stop);
            }
            --served.left;
        });
    }
    log_info("the functions of a release are served", {{"activity", arn}});
}

}  // namespace kiln
