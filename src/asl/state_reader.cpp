#include "asl/state_reader.hpp"

#include "asl/settings.hpp"
#include "asl/state_fields.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

bool does_work(StateType type) noexcept {
    return type == StateType::task || type == StateType::parallel || type == StateType::map;
}

std::optional<StateType> read_type(const Fields& fields) {
    if (!fields.require({"Type"})) {
        return std::nullopt;
    }
    const auto name = fields.string("Type");
    const auto type = name ? state_type(*name) : std::nullopt;
    if (name && !type) {
        fields.report().schema(
            "The field 'Type' should have one of these values: "
            "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
            fields.at("Type")
        );
    }
    return type;
}

/// Next or End.
std::optional<StateIndex> read_transition(const Fields& fields, Targets& targets) {
    constexpr std::array<std::string_view, 2> kBoth{"Next", "End"};
    const auto end = fields.boolean("End").value_or(false);
    const auto next = fields.has("Next");
    if (next && end) {
        static_cast<void>(fields.at_most_one(kBoth));
    } else if (!next && !end) {
        fields.report().schema(
            "This object should have only one of the following fields: " + listed(kBoth),
            fields.where()
        );
    }
    return next ? std::optional{targets.read(fields, "Next")} : std::nullopt;
}

void read_jsonpath_flow(const Fields& fields, State& state) {
    state.input_path = read_path_setting(fields, "InputPath");
    state.output_path = read_path_setting(fields, "OutputPath");
    if (state.type == StateType::pass || does_work(state.type)) {
        state.result_path = read_result_path(fields);
        if (state.type != StateType::map) {
            state.parameters = template_setting(fields, "Parameters");
        }
    }
    if (does_work(state.type)) {
        state.result_selector = template_setting(fields, "ResultSelector");
    }
}

void read_jsonata_flow(const Fields& fields, State& state, const Readable& readable) {
    if (state.type == StateType::task || state.type == StateType::parallel) {
        const auto* const arguments = fields.find("Arguments");
        if (arguments != nullptr && !arguments->is_object() && !arguments->is_string()) {
            fields.report().schema("Expected value of type [OBJECT]", fields.at("Arguments"));
        }
        state.parameters = jsonata_expression_setting(fields, "Arguments");
    }
    if (state.type != StateType::fail) {
        state.output = jsonata_setting(fields, "Output", readable);
    }
}

PassFields read_pass(const Fields& fields) {
    PassFields pass;
    if (const auto* const result = fields.find("Result")) {
        pass.result = *result;
        const auto* const text = result->if_string();
        if (text != nullptr && text->starts_with('$')) {
            fields.report().warning(
                codes::kStaticResult,
                "The Result of a Pass state is a constant: a path in it is not followed",
                fields.at("Result")
            );
        }
    }
    return pass;
}

void read_own_fields(const Fields& fields, State& state, StateContext& context) {
    switch (state.type) {
        case StateType::pass:
            state.fields = read_pass(fields);
            return;
        case StateType::task:
            state.fields = read_task(fields, state.language, context.group);
            return;
        case StateType::choice:
            state.fields = read_choice(fields, state.language, context);
            return;
        case StateType::wait:
            state.fields = read_wait(fields, state.language);
            return;
        case StateType::succeed:
            state.fields = SucceedFields{};
            return;
        case StateType::fail:
            state.fields = read_fail(fields, state.language);
            return;
        case StateType::parallel:
            state.fields = read_parallel(fields, context.group);
            return;
        case StateType::map:
            state.fields = read_map(fields, state.name, state.language, context.group);
            return;
    }
}

/// The language of a state; JSONPath cannot come back in a machine of JSONata.
QueryLanguage state_language(const Fields& fields, bool& downgraded) {
    const auto inherited = fields.session().machine_language;
    const auto language = read_language(fields, inherited);
    downgraded = language == QueryLanguage::jsonpath && inherited == QueryLanguage::jsonata;
    if (downgraded) {
        fields.report().schema(
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
            fields.where()
        );
    }
    return language;
}

}  // namespace

std::optional<State> read_state(
    const Fields& fields, std::string_view name, StateContext& context
) {
    const auto type = read_type(fields);
    if (!type) {
        for (const auto* const key : {"Next", "Default"}) {
            if (fields.has(key)) {
                static_cast<void>(context.targets.read(fields, key));
            }
        }
        return std::nullopt;
    }
    State state;
    state.name = name;
    state.type = *type;
    bool downgraded = false;
    state.language = state_language(fields, downgraded);
    check_state_fields(fields, *type, state.language, downgraded);
    static_cast<void>(fields.string("Comment"));
    if (*type != StateType::choice && *type != StateType::succeed && *type != StateType::fail) {
        state.next = read_transition(fields, context.targets);
    }
    const Readable readable{.result = does_work(*type)};
    if (state.language == QueryLanguage::jsonata) {
        read_jsonata_flow(fields, state, readable);
    } else if (*type != StateType::fail) {
        read_jsonpath_flow(fields, state);
    }
    if (*type != StateType::succeed && *type != StateType::fail) {
        state.assign = read_assign(fields, state.language, readable, context.group);
    }
    if (does_work(*type)) {
        state.retry = read_retriers(fields);
        state.catchers = read_catchers(fields, state.language, context);
    }
    read_own_fields(fields, state, context);
    return state;
}

}  // namespace kiln::asl
