#include "asl/group_reader.hpp"

#include "asl/characters.hpp"
#include "asl/state_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::size_t kDeepestGroup = 25;
constexpr std::size_t kLongestStateName = 80;

void check_name(Session& session, std::string_view name, const std::string& location) {
    if (name.empty()) {
        session.report.error(codes::kStateName, "Invalid State name: it is empty", location);
    }
    if (count_characters(name) > kLongestStateName) {
        session.report.error(
            codes::kStateName,
            fmt::format(
                "Invalid State name: {} exceeds the 80-character limit allowed by the service", name
            ),
            location
        );
    }
    if (!session.state_names.insert(std::string{name}).second) {
        session.report.error(
            codes::kDuplicateState, fmt::format("Duplicate State name: {}", name), location
        );
    }
}

bool is_end(const json::value& value) {
    const auto* const state = value.if_object();
    if (state == nullptr) {
        return false;
    }
    const auto* const type = state->if_contains("Type");
    const auto* const end = state->if_contains("End");
    return (end != nullptr && end->is_bool() && end->as_bool()) ||
           (type != nullptr && type->is_string() &&
            (type->as_string() == "Succeed" || type->as_string() == "Fail"));
}

void check_graph(
    const Fields& fields,
    const json::object& states,
    const Targets& targets,
    std::optional<StateIndex> start,
    const GroupContext& context
) {
    auto& report = fields.report();
    if (context.depth == 0 && std::none_of(states.begin(), states.end(), [](const auto& member) {
            return is_end(member.value());
        })) {
        report.graph(codes::kNoEnd, "Workflow has no terminal state", "");
        return;
    }
    if (!fields.has("StartAt")) {
        return;
    }
    const auto reached = start ? targets.reached_from(*start, states.size())
                               : std::vector<bool>(states.size(), false);
    std::size_t index = 0;
    for (const auto& member : states) {
        if (!reached[index++]) {
            const std::string_view name = member.key();
            report.graph(
                codes::kTarget,
                fmt::format("State \"{}\" is not reachable.", name),
                below(fields.at("States"), name)
            );
        }
    }
}

State placeholder(std::string_view name) {
    State state;
    state.name = name;
    state.type = StateType::succeed;
    state.fields = SucceedFields{};
    return state;
}

/// A state, whatever is wrong with it.
State read_any(
    Session& session,
    std::string_view name,
    const json::value& value,
    const std::string& where,
    StateContext& context
) {
    if (!value.is_object()) {
        session.report.schema("Expected value of type [OBJECT]", where);
        return placeholder(name);
    }
    auto state = read_state({session, value.as_object(), where}, name, context);
    return state ? std::move(*state) : placeholder(name);
}

void collect_names(const json::value* assign, bool jsonpath, std::vector<std::string>& names) {
    const auto* const object = assign == nullptr ? nullptr : assign->if_object();
    if (object == nullptr) {
        return;
    }
    for (const auto& member : *object) {
        std::string_view key = member.key();
        if (jsonpath && key.size() > 2 && key.substr(key.size() - 2) == ".$") {
            key.remove_suffix(2);
        }
        names.emplace_back(key);
    }
}

}  // namespace

StateIndex Targets::read(const Fields& fields, std::string_view key) {
    const auto name = fields.string(key);
    if (!name) {
        return 0;
    }
    auto found = names_.find(*name);
    if (found == names_.end()) {
        if (!open_) {
            fields.report().graph(
                codes::kTarget, fmt::format("Missing 'Next' target: {}", *name), fields.at(key)
            );
            return 0;
        }
        found = names_.emplace(*name, names_.size()).first;
    }
    edges_.emplace(source_, found->second);
    return found->second;
}

void Targets::set_source(StateIndex source) {
    source_ = source;
}

std::vector<bool> Targets::reached_from(StateIndex start, std::size_t count) const {
    std::vector<bool> reached(count, false);
    std::vector<StateIndex> pending{start};
    while (!pending.empty()) {
        const auto state = pending.back();
        pending.pop_back();
        if (state >= count || reached[state]) {
            continue;
        }
        reached[state] = true;
        const auto [first, last] = edges_.equal_range(state);
        std::transform(first, last, std::back_inserter(pending), [](const auto& edge) {
            return edge.second;
        });
    }
    return reached;
}

StateGroup read_group(const Fields& fields, const GroupContext& context, std::string_view extra) {
    StateGroup group;
    auto& session = fields.session();
    if (context.depth > kDeepestGroup) {
        session.report.error(
            codes::kTooDeep,
            fmt::format("States are nested deeper than {} levels", kDeepestGroup),
            fields.where()
        );
        return group;
    }
    const auto complete = fields.require({"States", "StartAt"});
    if (context.depth > 0) {
        fields.only({"States", "StartAt", extra.empty() ? std::string_view{"States"} : extra});
    }
    const auto* const states = fields.object("States");
    if (states == nullptr || states->empty()) {
        if (states != nullptr) {
            session.report.schema("Value cannot be empty", fields.at("States"));
        }
        return group;
    }
    Targets::ByName names;
    for (const auto& member : *states) {
        names.emplace(std::string{member.key()}, names.size());
    }
    Targets targets{names, false};
    std::optional<StateIndex> start;
    if (complete) {
        targets.set_source(states->size());
        group.start_at = targets.read(fields, "StartAt");
        const auto* const name = fields.find("StartAt")->if_string();
        start = name != nullptr && names.count(std::string_view{*name}) != 0
                    ? std::optional{group.start_at}
                    : std::nullopt;
    }
    auto own = context;
    for (auto& variable : assigned_in(*states, session.machine_language)) {
        own.own_variables.insert(std::move(variable));
    }
    StateContext state_context{own, targets};
    for (const auto& member : *states) {
        const std::string_view name = member.key();
        const auto where = below(fields.at("States"), name);
        check_name(session, name, where);
        targets.set_source(group.states.size());
        group.states.push_back(read_any(session, name, member.value(), where, state_context));
    }
    check_graph(fields, *states, targets, start, context);
    group.by_name = std::move(names);
    return group;
}

StateGroup read_single_state(
    Session& session, const json::object& state, std::string_view name, bool express
) {
    GroupContext context;
    context.express = express;
    Targets targets{{{std::string{name}, 0}}, true};
    StateContext state_context{context, targets};
    session.state_names.insert(std::string{name});
    for (auto& variable : assigned_in({{name, state}}, session.machine_language)) {
        context.own_variables.insert(std::move(variable));
    }
    StateGroup group;
    auto read = read_state({session, state, fmt::format("/States/{}", name)}, name, state_context);
    group.by_name = targets.names();
    group.states.resize(group.by_name.size());
    for (const auto& [target, index] : group.by_name) {
        group.states[index] = placeholder(target);
    }
    if (read) {
        group.states[0] = std::move(*read);
    }
    return group;
}

std::vector<std::string> assigned_in(const json::object& states, QueryLanguage machine_language) {
    std::vector<std::string> names;
    for (const auto& member : states) {
        const auto* const state = member.value().if_object();
        if (state == nullptr) {
            continue;
        }
        const auto* const language = state->if_contains("QueryLanguage");
        const auto jsonpath = language == nullptr ? machine_language == QueryLanguage::jsonpath
                                                  : *language == "JSONPath";
        collect_names(state->if_contains("Assign"), jsonpath, names);
        for (const auto* const key : {"Choices", "Catch"}) {
            const auto* const rules = state->if_contains(key);
            if (rules == nullptr || !rules->is_array()) {
                continue;
            }
            for (const auto& rule : rules->as_array()) {
                if (const auto* const object = rule.if_object()) {
                    collect_names(object->if_contains("Assign"), jsonpath, names);
                }
            }
        }
    }
    return names;
}

GroupContext inner_context(const GroupContext& outer, bool express, bool isolated) {
    GroupContext inner;
    inner.express = express;
    inner.depth = outer.depth + 1;
    if (!isolated) {
        inner.outer_variables = outer.own_variables;
        inner.outer_variables.insert(outer.outer_variables.begin(), outer.outer_variables.end());
    }
    return inner;
}

}  // namespace kiln::asl
