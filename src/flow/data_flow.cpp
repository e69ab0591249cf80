#include "flow/data_flow.hpp"

#include "flow/json_text.hpp"

#include <fmt/format.h>

namespace kiln::flow {
namespace {

Payload made(json::value value) {
    return std::make_shared<const json::value>(std::move(value));
}

const Payload& empty_object() {
    static const Payload kEmpty = made(json::object{});
    return kEmpty;
}

bool is_jsonata(const asl::State& state) noexcept {
    return state.language == asl::QueryLanguage::jsonata;
}

/// Whether Output and Assign have $states.result.
bool has_result(const asl::State& state) noexcept {
    return state.type == asl::StateType::task || state.type == asl::StateType::parallel ||
           state.type == asl::StateType::map;
}

Payload error_value(const ErrorOutput& error) {
    json::object output;
    if (error.error) {
        output["Error"] = *error.error;
    }
    if (error.cause) {
        output["Cause"] = *error.cause;
    }
    return made(std::move(output));
}

}  // namespace

void check_payload_size(const json::value& value, std::string_view name, std::size_t limit_bytes) {
    const auto extent = measure_json(value, limit_bytes);
    if (extent.too_deep) {
        throw StateFailure{
            error_name::kRuntime,
            fmt::format(
                "The state/task '{}' returned a result that is nested deeper than {} levels.",
                name,
                kDeepestPayload
            )};
    }
    if (extent.bytes > limit_bytes) {
        throw StateFailure{
            error_name::kDataLimitExceeded,
            fmt::format(
                "The state/task '{}' returned a result with a size exceeding the maximum number "
                "of bytes service limit.",
                name
            )};
    }
}

DataFlow::DataFlow(
    const asl::State& state,
    Payload raw,
    Surroundings& around,
    std::size_t limit_bytes,
    Inspection* inspection
)
    : state_{state},
      raw_{std::move(raw)},
      around_{around},
      limit_bytes_{limit_bytes},
      inspection_{inspection} {}

const Payload& DataFlow::effective() {
    if (effective_ == nullptr) {
        effective_ = select(state_.input_path, raw_);
        if (inspection_ != nullptr && !is_jsonata(state_)) {
            inspection_->after_input_path = effective_;
        }
    }
    return effective_;
}

/// InputPath and OutputPath: absent, null, or a path.
Payload DataFlow::select(const asl::PathSetting& setting, const Payload& from) {
    switch (setting.kind) {
        case asl::PathSetting::Kind::absent:
            break;
        case asl::PathSetting::Kind::null:
            return empty_object();
        case asl::PathSetting::Kind::path:
            return require(*setting.path, {.input = from});
    }
    return from;
}

Payload DataFlow::arguments() {
    const auto& given = is_jsonata(state_) ? raw_ : effective();
    auto made_of = state_.parameters ? evaluate(*state_.parameters) : given;
    if (inspection_ != nullptr) {
        (is_jsonata(state_) ? inspection_->after_arguments : inspection_->after_parameters) =
            made_of;
    }
    return made_of;
}

Exit DataFlow::pass() {
    if (is_jsonata(state_)) {
        return pass_through();
    }
    const auto& constant = std::get<asl::PassFields>(state_.fields).result;
    // A Result takes the place of Parameters, which are computed, and may fail, all the same.
    auto result = arguments();
    if (constant) {
        result = share(*constant);
    }
    return leave(std::move(result));
}

Exit DataFlow::leave(Payload result) {
    return is_jsonata(state_) ? leave_jsonata({.input = raw_, .result = std::move(result)})
                              : leave_jsonpath(std::move(result));
}

Exit DataFlow::leave_jsonpath(Payload result) {
    Exit exit;
    if (state_.assign) {
        exit.assigned = assign(*state_.assign, {.input = result});
    }
    if (state_.result_selector) {
        result = evaluate(*state_.result_selector, {.input = result}, "ResultSelector");
    }
    if (inspection_ != nullptr) {
        inspection_->after_result_selector = result;
    }
    exit.output = combine(state_.result_path, std::move(result));
    if (inspection_ != nullptr) {
        inspection_->after_result_path = exit.output;
    }
    exit.output = checked(select(state_.output_path, exit.output));
    return exit;
}

/// @param subject  with result where the state has one, and the error output in a catcher
Exit DataFlow::leave_jsonata(const Subject& subject) {
    Exit exit;
    exit.output = subject.result != nullptr ? subject.result : raw_;
    auto known = subject;
    if (!has_result(state_)) {
        known.result.reset();
    }
    if (state_.output) {
        exit.output = evaluate(*state_.output, known, "Output");
    }
    if (state_.assign) {
        exit.assigned = assign(*state_.assign, known);
    }
    exit.output = checked(std::move(exit.output));
    return exit;
}

Exit DataFlow::pass_through() {
    if (is_jsonata(state_)) {
        return leave_jsonata({.input = raw_});
    }
    Exit exit;
    if (state_.assign) {
        exit.assigned = assign(*state_.assign, {.input = effective()});
    }
    exit.output = checked(select(state_.output_path, effective()));
    return exit;
}

Exit DataFlow::leave_by(const asl::ChoiceRule& rule) {
    Exit exit;
    const Subject subject{.input = is_jsonata(state_) ? raw_ : effective()};
    if (rule.assign) {
        exit.assigned = assign(*rule.assign, subject);
    }
    if (rule.output) {
        exit.output = checked(evaluate(*rule.output, subject, "Output"));
    } else if (is_jsonata(state_)) {
        exit.output = raw_;
    } else {
        exit.output = checked(select(state_.output_path, effective()));
    }
    return exit;
}

/// The error output takes the place of the whole output: OutputPath does not see it.
Exit DataFlow::leave_by(const asl::Catcher& catcher, const ErrorOutput& error) {
    Exit exit;
    const auto output = error_value(error);
    if (!is_jsonata(state_)) {
        if (catcher.assign) {
            exit.assigned = assign(*catcher.assign, {.input = output});
        }
        exit.output = checked(combine(catcher.result_path, output));
        return exit;
    }
    const Subject subject{.input = raw_, .error_output = output};
    exit.output = checked(catcher.output ? evaluate(*catcher.output, subject, "Output") : output);
    if (catcher.assign) {
        exit.assigned = assign(*catcher.assign, subject);
    }
    return exit;
}

/// ResultPath: the result instead of the input, or put into a copy of it, or dropped.
Payload DataFlow::combine(const asl::ResultPath& path, Payload result) {
    switch (path.kind) {
        case asl::PathSetting::Kind::absent:
            return result;
        case asl::PathSetting::Kind::null:
            return raw_;
        case asl::PathSetting::Kind::path:
            break;
    }
    if (path.path->is_root()) {
        return result;
    }
    json::value combined = *raw_;
    try {
        jsonpath::assign(combined, *path.path, *result);
    } catch (const jsonpath::PathError& error) {
        throw runtime_failure(error.message());
    }
    return made(std::move(combined));
}

/// What did not change was checked before.
Payload DataFlow::checked(Payload output) const {
    if (output != raw_) {
        check_payload_size(*output, state_.name, limit_bytes_);
    }
    return output;
}

Payload DataFlow::share(const json::value& constant) {
    auto owner = around_.owner();
    return owner != nullptr ? Payload{std::move(owner), &constant} : made(constant);
}

std::string DataFlow::in_state(std::string_view text) const {
    const auto entered = around_.entered();
    if (entered == 0) {
        return std::string{text};
    }
    return fmt::format(
        "An error occurred while executing the state '{}' (entered at the event id #{}). {}",
        state_.name,
        entered,
        text
    );
}

StateFailure DataFlow::runtime_failure(std::string_view text) const {
    return StateFailure{error_name::kRuntime, in_state(text)};
}

StateFailure DataFlow::query_failure(std::string_view text, std::string location) const {
    return StateFailure::evaluation(in_state(text), std::move(location));
}

}  // namespace kiln::flow
