#pragma once

#include "asl/definition.hpp"
#include "asl/fields.hpp"

/// Which fields a state may have.
namespace kiln::asl {

/// nullopt: no type of that name.
[[nodiscard]] std::optional<StateType> state_type(std::string_view name) noexcept;

/// Reports each field that states of this type do not have, and each that belongs to the other
/// query language. @param downgraded  the language itself is refused: its fields are not judged
void check_state_fields(
    const Fields& fields, StateType type, QueryLanguage language, bool downgraded
);

/// The language of a state, or of the machine. A value that is none is reported.
/// Source: AWS takes everything but "JSONPath" for JSONata, and reports what is neither.
[[nodiscard]] QueryLanguage read_language(const Fields& fields, QueryLanguage inherited);

}  // namespace kiln::asl
