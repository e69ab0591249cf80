#include "asl/render.hpp"
#include "asl/transitions.hpp"

#include <fmt/format.h>

namespace kiln::asl {

namespace {

void write_group(const StateGroup& group, const std::string& indent, std::string& out);

void write_state(
    const StateGroup& group, const State& state, const std::string& indent, std::string& out
) {
    const auto is_start = &state == &group.states[group.start_at];
    out += fmt::format("{}{} {}  {}", indent, is_start ? "▶" : "•", state.name, summary(state));
    if (!state.retry.empty()) {
        out +=
            fmt::format(", {} retrier{}", state.retry.size(), state.retry.size() == 1 ? "" : "s");
    }
    const auto transitions = transitions_of(state);
    const auto inner = groups_of(state);
    const auto ends = state.type != StateType::choice && !state.next;
    out +=
        ends && state.type != StateType::succeed && state.type != StateType::fail ? "  ■\n" : "\n";
    for (std::size_t i = 0; i < inner.size(); ++i) {
        out += state.type == StateType::parallel ? fmt::format("{}  ├ branch {}\n", indent, i + 1)
                                                 : fmt::format("{}  ├ each item\n", indent);
        write_group(*inner[i], indent + "  │ ", out);
    }
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        const auto& each = transitions[i];
        out += fmt::format(
            "{}  {} {}→ {}\n",
            indent,
            i + 1 == transitions.size() ? "└" : "├",
            each.label.empty() ? "" : each.label + ' ',
            group.states[each.to].name
        );
    }
}

void write_group(const StateGroup& group, const std::string& indent, std::string& out) {
    for (const auto& state : group.states) {
        write_state(group, state, indent, out);
    }
}

}  // namespace

std::string render_text(const StateMachine& machine) {
    std::string out;
    if (!machine.comment.empty()) {
        out += machine.comment + "\n\n";
    }
    write_group(machine.top, "", out);
    return out;
}

}  // namespace kiln::asl
