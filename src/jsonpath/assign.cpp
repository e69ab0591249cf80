#include "jsonpath/path.hpp"
#include "jsonpath/program.hpp"
#include "jsonpath/text.hpp"
#include "jsonpath/walk.hpp"

#include <fmt/format.h>

namespace kiln::jsonpath {

namespace {

/// Whether every step can be taken or made, so that nothing is changed by a failure.
bool can_be_set(const Program& program, const json::value& document) {
    const auto* value = &document;
    for (const auto& step : program.steps) {
        if (step.kind == Step::Kind::index) {
            value = value == nullptr || !value->is_array()
                        ? nullptr
                        : element(value->get_array(), step.indexes.front());
            if (value == nullptr) {
                return false;
            }
        } else if (value != nullptr) {
            const auto* object = value->if_object();
            if (object == nullptr) {
                return false;
            }
            value = object->if_contains(step.names.front());
        }
    }
    return true;
}

}  // namespace

void assign(json::value& document, const Path& path, json::value value) {
    const auto& program = path.program();
    if (!path.is_reference()) {
        throw PathError{
            Fault::syntax,
            path.text(),
            0,
            "only a path of names and indexes, without @ , : ? *, can be assigned to"};
    }
    if (!can_be_set(program, document)) {
        throw PathError{
            Fault::unfit,
            path.text(),
            0,
            fmt::format(
                "Unable to apply ReferencePath {} to input {}", path.text(), compact_text(document)
            )};
    }
    auto* target = &document;
    for (const auto& step : program.steps) {
        if (step.kind == Step::Kind::index) {
            const auto* found = element(target->get_array(), step.indexes.front());
            target =
                &target->get_array()[static_cast<std::size_t>(found - target->get_array().data())];
        } else {
            auto& object = target->is_object() ? target->get_object() : target->emplace_object();
            target = &object[step.names.front()];
        }
    }
    *target = std::move(value);
}

}  // namespace kiln::jsonpath
