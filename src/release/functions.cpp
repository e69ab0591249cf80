#include "release/functions.hpp"

#include "base/error.hpp"
#include "release/definition.hpp"
#include "release/order_json.hpp"
#include "release/outcome_json.hpp"
#include "release/prepare.hpp"
#include "release/supported.hpp"
#include "release/task_input.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::release {

namespace {

/// What a failure is called in the machine. @throws Error  cancelled: it is no failure
FunctionFailure failure_of(const Error& error) {
    if (error.kind() == ErrorKind::cancelled) {
        throw error;
    }
    std::string cause = error.message();
    for (const auto& problem : error.problems()) {
        if (cause.find(problem.what) == std::string::npos) {
            cause += "\n" + problem.where + ": " + problem.what;
        }
    }
    return {error.kind() == ErrorKind::invalid ? errors::kInvalid : errors::kUnavailable, cause};
}

json::object skipped(const NotDone& why) {
    json::object out{{"skip", true}, {"reason", why.reason}};
    if (why.blocked) {
        out["blocked"] = true;
    }
    return out;
}

/// Asks what `should_run` says. @returns  why the step is not done; nullopt: it is
std::optional<std::string> ask(Probe& probe, const TaskFacts& facts, const std::stop_token& stop) {
    const auto& should = facts.step.should_run;
    if (!should.command.empty()) {
        const auto status = probe.command(should.command, task_environment(facts), stop);
        if (status != 0 && status != 1) {
            throw Error{
                ErrorKind::unavailable,
                fmt::format("should_run: the command ended with exit status {}", status)};
        }
        return status == 0 ? std::nullopt : std::optional<std::string>{"its command says no"};
    }
    if (!should.missing.empty()) {
        const auto url = templates::Template::parse(should.missing).render(task_values(facts));
        return probe.object_exists(url, stop) ? std::optional{url + " is there"} : std::nullopt;
    }
    if (!should.http.empty()) {
        constexpr int kGood = 200;
        constexpr int kNoMoreGood = 300;
        const auto url = templates::Template::parse(should.http).render(task_values(facts));
        const auto status = probe.http_status(url, stop);
        if (std::ranges::find(should.statuses, status) != should.statuses.end()) {
            return std::nullopt;
        }
        if (status < kGood || status >= kNoMoreGood) {
            throw Error{
                ErrorKind::unavailable, fmt::format("should_run: {} answered {}", url, status)};
        }
        return fmt::format("{} answered {}", url, status);
    }
    return std::nullopt;
}

WorkerRequest request_of(const json::object& part, Mode mode) {
    WorkerRequest request{
        .activity = text_of(part, "activity"),
        .step = text_of(part, "name"),
        .script = text_of(part, "script"),
        .script_sha256 = text_of(part, "script_sha256"),
        .init = text_of(part, "init"),
        .init_sha256 = text_of(part, "init_sha256"),
        .fake = mode == Mode::fake_workers};
    if (const auto* worker = part.if_contains("worker"); worker && worker->is_object()) {
        request.worker = worker->get_object();
    }
    return request;
}

}  // namespace

json::value Functions::answer(const json::value& input, const std::stop_token& stop) {
    try {
        const auto* object = input.if_object();
        if (object == nullptr) {
            throw Error{ErrorKind::invalid, "the input of a release's function is an object"};
        }
        return dispatch(*object, stop);
    } catch (const Error& error) {
        throw failure_of(error);
    }
}

json::value Functions::dispatch(const json::object& input, const std::stop_token& stop) {
    const auto function = text_of(input, "function");
    if (function == "parse") {
        return parse_input(input);
    }
    if (function == "distros") {
        return distros(input, stop);
    }
    if (function == "prepare") {
        return prepare(input, stop);
    }
    if (function == "health") {
        return health(input, stop);
    }
    if (function == "normalize") {
        return normalize_results(input);
    }
    if (function == "finish") {
        return finish(input);
    }
    if (function == "check") {
        return check_for_failures(input);
    }
    throw Error{
        ErrorKind::invalid, fmt::format("there is no function \"{}\" of releases", function)};
}

json::value Functions::distros(const json::object& input, const std::stop_token& stop) {
    const TaskInput task{input};
    std::vector<Problem> problems;
    const auto distros = read_distros(member(input, "distros"), "distros", problems);
    if (!problems.empty()) {
        throw Error{"the distros of the task's input are not as a plan has them", problems};
    }
    std::optional<std::string> text;
    if (!distros.supported.empty()) {
        const auto url =
            templates::Template::parse(distros.supported).render(task_values(task.facts()));
        text = probe_.text(url, stop);
    }
    const auto found = supported_distros(distros, task.instance.version, task.round.order, text);
    return json::object{
        {"supported", json::array(found.supported.begin(), found.supported.end())},
        {"not_supported", json::array(found.not_supported.begin(), found.not_supported.end())}};
}

json::value Functions::prepare(const json::object& input, const std::stop_token& stop) {
    const TaskInput task{input};
    const auto facts = task.facts();
    const auto& mode = task.round.order.mode;
    if (const auto why = decide({
            .step = task.step,
            .instance = task.instance,
            .versions = task.versions,
            .order = task.round.order,
            .outcomes = collect_outcomes(member(input, "before")),
            .done = read_done(input, task.instance.version),
            .steps = task.steps,
        })) {
        return skipped(*why);
    }
    if (asks(mode)) {
        if (const auto why = ask(probe_, facts, stop)) {
            return skipped({*why});
        }
    }
    auto for_worker = task_input(facts);
    if (mode != Mode::skip_workers && !task.step.worker.empty()) {
        auto part = to_json(task.step);
        part["activity"] = text_of(input, "activity");
        workers_.ensure(request_of(part, mode), stop);
    }
    return json::object{{"skip", false}, {"taskInput", std::move(for_worker)}};
}

json::value Functions::health(const json::object& input, const std::stop_token& stop) {
    const auto mode = read_round(input).order.mode;
    if (mode == Mode::skip_workers || executions_.main_is_over(text_of(input, "execution"), stop)) {
        return json::object{{"go_on", false}};
    }
    std::vector<WorkerRequest> requests;
    if (const auto* steps = member(input, "steps").if_array()) {
        for (const auto& step : *steps) {
            if (const auto* part = step.if_object()) {
                requests.push_back(request_of(*part, mode));
            }
        }
    }
    workers_.tend(requests, stop);
    return json::object{{"go_on", true}};
}

json::value Functions::finish(const json::object& input) {
    finished_(round_name(input));
    return json::object{{"over", true}};
}

json::value parse_input(const json::object& input) {
    const auto vocabulary = read_vocabulary(member(input, "vocabulary"));
    const auto started = parse_time(text_of(input, "started"));
    Round round;
    round.order = parse_words(vocabulary, collect_words(member(input, "input")), started);
    return first_data(round, {});
}

json::value normalize_results(const json::object& input) {
    const auto round = read_round(input);
    const auto versions = round.order.versions.size();
    const auto version = text_of(input, "version");
    const auto outcomes = collect_outcomes(member(input, "results"));
    if (!version.empty()) {
        return normalize(outcomes, version_limit(versions));
    }
    auto output = normalize(outcomes, version_limit(1));
    output["summary"] = count_outcomes(outcomes);
    return json::object{{"release", member(input, "release")}, {"output", std::move(output)}};
}

json::value check_for_failures(const json::object& input) {
    const auto& data = object_member(input, "data");
    const auto outcomes = collect_outcomes(data);
    const auto message = failure_message(outcomes);
    if (!message) {
        return json::object{{"again", false}, {"output", member(data, "output")}};
    }
    auto round = read_round(data);
    const auto* redrives = object_member(input, "execution").if_contains("RedriveCount");
    if (redrives != nullptr && redrives->is_int64() && redrives->get_int64() > round.number) {
        round.number = redrives->get_int64();
        auto again = first_data(round, done_instances(outcomes));
        again["again"] = true;
        return again;
    }
    throw FunctionFailure{errors::kStepsFailed, *message};
}

}  // namespace kiln::release
