// What a test shows of the state's data.

#include "flow/json_text.hpp"
#include "flow/test_state/state_test.hpp"

namespace kiln::flow {
namespace {

class Shown {
  public:
    void text(std::string_view member, const Payload& value) {
        if (value != nullptr) {
            object_[member] = json_text(*value);
        }
    }

    template <class Number>
    void number(std::string_view member, const std::optional<Number>& value) {
        if (value) {
            object_[member] = *value;
        }
    }

    [[nodiscard]] json::object take() && { return std::move(object_); }

    [[nodiscard]] bool empty() const noexcept { return object_.empty(); }

    json::object& object() noexcept { return object_; }

  private:
    json::object object_;
};

/// A Pass' Result hides what came before it, and AWS shows none of that for a Parallel.
bool shows_input_filters(const asl::State& state) noexcept {
    const auto* const pass = std::get_if<asl::PassFields>(&state.fields);
    return state.type != asl::StateType::parallel && (pass == nullptr || !pass->result);
}

/// A Map's items have filters of their own.
bool shows_parameters(const asl::State& state) noexcept {
    return shows_input_filters(state) && state.type != asl::StateType::map;
}

void show_jsonpath(const asl::State& state, const Inspection& inspection, Shown& shown) {
    if (shows_input_filters(state)) {
        shown.text("afterInputPath", inspection.after_input_path);
    }
    if (shows_parameters(state)) {
        shown.text("afterParameters", inspection.after_parameters);
    }
    shown.text("afterItemsPath", inspection.after_items_path);
    shown.text("afterResultSelector", inspection.after_result_selector);
    shown.text("afterResultPath", inspection.after_result_path);
}

void show_variables(const Variables& given, const Variables& assigned, Shown& shown) {
    auto all = given;
    for (const auto& [name, value] : assigned) {
        all[name] = value;
    }
    if (all.empty()) {
        return;
    }
    json::object variables;
    for (const auto& [name, value] : all) {
        variables[name] = *value;
    }
    shown.object()["variables"] = json_text(variables);
}

void show_details(const ErrorDetails& details, Shown& shown) {
    Shown inner;
    inner.number("catchIndex", details.catch_index);
    inner.number("retryIndex", details.retry_index);
    inner.number("retryBackoffIntervalSeconds", details.backoff_seconds);
    if (!inner.empty()) {
        shown.object()["errorDetails"] = std::move(inner).take();
    }
}

}  // namespace

json::object show_inspection(
    const asl::State& state,
    const json::value& input,
    const Inspection& inspection,
    const Variables& variables,
    const TestEnd& end
) {
    Shown shown;
    shown.object()["input"] = json_text(input);
    if (state.language == asl::QueryLanguage::jsonpath) {
        show_jsonpath(state, inspection, shown);
    } else if (state.type == asl::StateType::task && state.parameters) {
        shown.text("afterArguments", inspection.after_arguments);
    }
    shown.text("afterItemSelector", inspection.after_item_selector);
    shown.text("afterItemBatcher", inspection.after_item_batcher);
    shown.number("maxConcurrency", inspection.max_concurrency);
    shown.number("toleratedFailureCount", inspection.tolerated_count);
    shown.number("toleratedFailurePercentage", inspection.tolerated_percentage);
    shown.text("result", end.result);
    show_variables(variables, end.assigned, shown);
    show_details(end.details, shown);
    return std::move(shown).take();
}

}  // namespace kiln::flow
