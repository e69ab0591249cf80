#include "api/states/map_processor.hpp"

#include "base/json.hpp"

namespace kiln::api::states {

namespace {

/// The name of the Map with this label. nullptr: there is none.
const std::string* find_map(const asl::StateGroup& group, std::string_view label) {
    for (const auto& state : group.states) {
        if (const auto* const map = std::get_if<asl::MapFields>(&state.fields)) {
            if (map->distributed && map->label == label) {
                return &state.name;
            }
            if (const auto* const name = find_map(map->processor, label)) {
                return name;
            }
        }
        if (const auto* const parallel = std::get_if<asl::ParallelFields>(&state.fields)) {
            for (const auto& branch : parallel->branches) {
                if (const auto* const name = find_map(branch, label)) {
                    return name;
                }
            }
        }
    }
    return nullptr;
}

/// The state of this name, at any depth: names are unique in a machine.
const json::object* find_state(const json::value& place, std::string_view name) {
    if (const auto* const object = place.if_object()) {
        const auto* const states = object->if_contains("States");
        if (states != nullptr && states->is_object()) {
            if (const auto* const state = states->get_object().if_contains(name)) {
                return state->if_object();
            }
        }
        for (const auto& member : *object) {
            if (const auto* const state = find_state(member.value(), name)) {
                return state;
            }
        }
    }
    if (const auto* const array = place.if_array()) {
        for (const auto& item : *array) {
            if (const auto* const state = find_state(item, name)) {
                return state;
            }
        }
    }
    return nullptr;
}

}  // namespace

std::string map_processor(
    const asl::StateMachine& machine, std::string_view definition, std::string_view label
) {
    const auto* const name = find_map(machine.top, label);
    if (name == nullptr) {
        return "{}";
    }
    const auto document = json::parse(definition);
    const auto* const state = find_state(document, *name);
    for (const auto* const field : {"ItemProcessor", "Iterator"}) {
        if (const auto* const processor = state == nullptr ? nullptr : state->if_contains(field)) {
            return json::serialize(*processor);
        }
    }
    return "{}";
}

}  // namespace kiln::api::states
