#include "cli/machine_picture.hpp"

#include <fmt/format.h>

namespace kiln::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : ", ") + word;
    }
    return out;
}

bool is_terminal(const asl::State& state) {
    return state.type == asl::StateType::succeed || state.type == asl::StateType::fail;
}

void write_group(std::string& out, const asl::StateGroup& group, const std::string& indent);

std::string subject_of(const asl::State& state) {
    const auto* task = std::get_if<asl::TaskFields>(&state.fields);
    return task == nullptr ? "" : " " + task->resource.arn;
}

void write_below(std::string& out, const asl::State& state, const std::string& indent) {
    const bool parallel = state.type == asl::StateType::parallel;
    int number = 0;
    for (const auto* group : groups_below(state)) {
        out += parallel ? fmt::format("{}branch {}\n", indent, ++number)
                        : fmt::format("{}each item\n", indent);
        write_group(out, *group, indent + "  ");
    }
}

void write_state(
    std::string& out,
    const asl::StateGroup& group,
    const asl::State& state,
    const std::string& indent
) {
    out += fmt::format(
        "{}{} ({}{})\n", indent, state.name, asl::to_string(state.type), subject_of(state)
    );
    const auto deeper = indent + "  ";
    write_below(out, state, deeper);
    for (const auto& transition : transitions_of(state)) {
        out += fmt::format(
            "{}{}{}{}-> {}\n",
            deeper,
            transition.caught ? "catch " : "",
            transition.label,
            transition.label.empty() ? "" : " ",
            transition.target ? group.states[*transition.target].name : "end"
        );
    }
}

void write_group(std::string& out, const asl::StateGroup& group, const std::string& indent) {
    for (const auto& row : rows_of(group)) {
        for (const auto index : row) {
            write_state(out, group, group.states[index], indent);
        }
    }
}

}  // namespace

std::vector<Transition> transitions_of(const asl::State& state) {
    std::vector<Transition> out;
    if (const auto* choice = std::get_if<asl::ChoiceFields>(&state.fields)) {
        int number = 0;
        for (const auto& rule : choice->rules) {
            out.push_back({std::to_string(++number), rule.next});
        }
        if (choice->fallback) {
            out.push_back({"Default", choice->fallback});
        }
        return out;
    }
    if (!is_terminal(state)) {
        out.push_back({"", state.next});
    }
    for (const auto& catcher : state.catchers) {
        out.push_back({joined(catcher.error_equals), catcher.next, true});
    }
    return out;
}

std::vector<const asl::StateGroup*> groups_below(const asl::State& state) {
    std::vector<const asl::StateGroup*> out;
    if (const auto* parallel = std::get_if<asl::ParallelFields>(&state.fields)) {
        for (const auto& branch : parallel->branches) {
            out.push_back(&branch);
        }
    } else if (const auto* map = std::get_if<asl::MapFields>(&state.fields)) {
        out.push_back(&map->processor);
    }
    return out;
}

std::vector<std::vector<asl::StateIndex>> rows_of(const asl::StateGroup& group) {
    std::vector<std::vector<asl::StateIndex>> rows;
    std::vector<bool> seen(group.states.size(), false);
    std::vector<asl::StateIndex> row{group.start_at};
    seen.at(group.start_at) = true;
    while (!row.empty()) {
        rows.push_back(row);
        row.clear();
        for (const auto index : rows.back()) {
            for (const auto& transition : transitions_of(group.states[index])) {
                if (transition.target && !seen[*transition.target]) {
                    seen[*transition.target] = true;
                    row.push_back(*transition.target);
                }
            }
        }
    }
    for (asl::StateIndex index = 0; index < group.states.size(); ++index) {
        if (!seen[index]) {
            row.push_back(index);  // nothing leads there
        }
    }
    if (!row.empty()) {
        rows.push_back(row);
    }
    return rows;
}

std::string machine_text(const asl::StateMachine& machine) {
    std::string out = machine.comment.empty() ? "" : machine.comment + "\n";
    out += "start -> " + machine.top.states[machine.top.start_at].name + "\n";
    write_group(out, machine.top, "");
    return out;
}

}  // namespace kiln::cli
