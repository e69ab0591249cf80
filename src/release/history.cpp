#include "release/history.hpp"

#include "release/definition.hpp"
#include "release/outcome_json.hpp"

#include <string_view>

namespace kiln::release {

namespace {

std::int64_t number_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

const json::object& object_in(const json::object& object, std::string_view key) {
    static const json::object kNone;
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

/// A text of JSON in an event: "input", "output". Nothing where it is cut.
json::object document_in(const json::object& details, std::string_view key) {
    json::error_code error;
    auto value = json::parse(text_of(details, key), error);
    return !error && value.is_object() ? std::move(value.get_object()) : json::object{};
}

}  // namespace

std::string HistoryReader::step_of(const std::string& state) const {
    constexpr std::string_view kPrepare = "PrepareTo";
    if (steps_.contains(state)) {
        return state;
    }
    const auto step = state.starts_with(kPrepare) ? state.substr(kPrepare.size()) : std::string{};
    return steps_.contains(step) ? step : std::string{};
}

void HistoryReader::read(const json::object& event) {
    const auto id = number_in(event, "id");
    const auto type = text_of(event, "type");
    last_ = std::max(last_, id);
    if (type.ends_with("StateEntered")) {
        enter(id, object_in(event, "stateEnteredEventDetails"));
    } else if (type.ends_with("StateExited")) {
        exit(object_in(event, "stateExitedEventDetails"));
    } else if (type == "ExecutionRedriven") {
        main_over_ = false;
    } else if (type == "ExecutionAborted" || type == "ExecutionTimedOut") {
        end_all(Status::failed);
    } else {
        follow(type, id, event);
    }
}

void HistoryReader::enter(std::int64_t id, const json::object& details) {
    const auto name = text_of(details, "name");
    if (name == states::kMainEnd) {
        main_over_ = true;
    }
    if (name == states::kCheck) {
        results_ = document_in(details, "input");
    }
    if (name == states::kRoot) {
        main_over_ = false;
    }
    const auto step = step_of(name);
    if (step.empty()) {
        return;
    }
    const auto input = document_in(details, "input");
    Outcome outcome{{step, text_of(input, "version"), text_of(input, "distro")}, Status::running};
    outcome.reason = std::string{name == step ? kWaitsForWorker : kBeingPrepared};
    tasks_[id] = outcome.instance;
    note(std::move(outcome));
}

void HistoryReader::exit(const json::object& details) {
    const auto name = text_of(details, "name");
    const auto step = step_of(name);
    const bool asks_distros = name.starts_with("Get") && name.ends_with("ForVersion");
    if (step.empty() && !asks_distros) {
        return;
    }
    const auto output = document_in(details, "output");
    const Instance at{step, text_of(output, "version"), text_of(output, "distro")};
    const auto& left = object_in(object_in(output, "results"), step.empty() ? name : step);
    if (step.empty()) {
        const auto* list = left.if_contains("not_supported");
        if (list != nullptr && list->is_array()) {
            for (const auto& distro : list->get_array()) {
                note({{"", at.version, std::string{distro.as_string()}}, Status::not_supported});
            }
        }
        return;
    }
    auto outcome = raw_outcome(at, left);
    if (outcome.status == Status::running && outcome.reason.empty()) {
        outcome.reason = kBeingPrepared;
    }
    note(std::move(outcome));
}

/// What happens to a task: its events follow from each other, from the state's on.
void HistoryReader::follow(std::string_view type, std::int64_t id, const json::object& event) {
    const auto found = tasks_.find(number_in(event, "previousEventId"));
    if (found == tasks_.end()) {
        return;
    }
    const auto instance = found->second;
    tasks_[id] = instance;
    auto& outcome = outcomes_[instance];
    if (type == "ActivityStarted") {
        const auto& details = object_in(event, "activityStartedEventDetails");
        if (outcome.reason == kBeingPrepared) {
            return;  // the function's own task
        }
        outcome.reason = "runs";
        outcome.end["worker"] = text_of(details, "workerName");
    } else if (type == "ActivityFailed" || type == "ActivityTimedOut") {
        const auto retried = outcome.reason != kBeingPrepared;
        outcome.reason = retried ? "has failed; is tried again" : outcome.reason;
    }
}

void HistoryReader::end_all(Status status) {
    for (auto& [instance, outcome] : outcomes_) {
        if (outcome.status == Status::running) {
            outcome.status = status;
            outcome.error = "States.ExecutionEnded";
            outcome.cause = "the release was ended before this step was";
        }
    }
}

std::vector<Outcome> HistoryReader::outcomes() const {
    std::vector<Outcome> out;
    for (const auto& [instance, outcome] : outcomes_) {
        out.push_back(outcome);
    }
    return out;
}

}  // namespace kiln::release
