#include "flow/engine/child_machines.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace kiln::flow {

const asl::State* find_map(const asl::StateGroup& group, std::string_view label) {
    for (const auto& state : group.states) {
        if (const auto* map = std::get_if<asl::MapFields>(&state.fields)) {
            if (map->distributed && map->label == label) {
                return &state;
            }
            if (const auto* found = find_map(map->processor, label)) {
                return found;
            }
        } else if (const auto* parallel = std::get_if<asl::ParallelFields>(&state.fields)) {
            for (const auto& branch : parallel->branches) {
                if (const auto* found = find_map(branch, label)) {
                    return found;
                }
            }
        }
    }
    return nullptr;
}

std::string_view label_of(std::string_view machine_arn) {
    const auto slash = machine_arn.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : machine_arn.substr(slash + 1);
}

asl::StateMachinePtr ChildMachines::revision(std::int64_t number, Definitions& definitions) {
    auto& known = revisions_[number];
    if (auto machine = known.lock()) {
        return machine;
    }
    auto machine = definitions.revision(number);
    if (machine == nullptr) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format("the definition of revision {} is not there any more", number)};
    }
    known = machine;
    return machine;
}

asl::StateMachinePtr ChildMachines::machine_of(
    const ports::ExecutionRow& row, Definitions& definitions
) {
    const auto label = label_of(row.machine);
    if (!label.empty()) {
        if (auto machine = cut_[{row.revision, std::string{label}}].lock()) {
            return machine;
        }
    }
    auto machine = revision(row.revision, definitions);
    return label.empty() ? machine : children_of(row.revision, machine, label);
}

asl::StateMachinePtr ChildMachines::children_of(
    std::int64_t revision, const asl::StateMachinePtr& parent, std::string_view label
) {
    auto& known = cut_[{revision, std::string{label}}];
    if (auto machine = known.lock()) {
        return machine;
    }
    const auto* const state = find_map(parent->top, label);
    if (state == nullptr) {
        throw Error{ErrorKind::corrupt, fmt::format("no distributed Map has label '{}'", label)};
    }
    auto machine = std::make_shared<asl::StateMachine>();
    machine->top = std::get<asl::MapFields>(state->fields).processor;
    machine->language = parent->language;
    known = machine;
    return machine;
}

}  // namespace kiln::flow
