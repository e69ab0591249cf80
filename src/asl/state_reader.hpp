#pragma once

#include "asl/group_reader.hpp"

/// States, one function for each type's own fields.
namespace kiln::asl {

/// @return  nullopt: no state can be made of it, which is reported
[[nodiscard]] std::optional<State> read_state(
    const Fields& fields, std::string_view name, StateContext& context
);

[[nodiscard]] TaskFields read_task(
    const Fields& fields, QueryLanguage language, const GroupContext& group
);
[[nodiscard]] ChoiceFields read_choice(
    const Fields& fields, QueryLanguage language, StateContext& context
);
[[nodiscard]] WaitFields read_wait(const Fields& fields, QueryLanguage language);
[[nodiscard]] FailFields read_fail(const Fields& fields, QueryLanguage language);
[[nodiscard]] ParallelFields read_parallel(const Fields& fields, const GroupContext& group);
[[nodiscard]] MapFields read_map(
    const Fields& fields, std::string_view name, QueryLanguage language, const GroupContext& group
);

[[nodiscard]] std::vector<Retrier> read_retriers(const Fields& fields);
[[nodiscard]] std::vector<Catcher> read_catchers(
    const Fields& fields, QueryLanguage language, StateContext& context
);

/// A Choice rule's condition. @param top  it is a rule itself, not inside of And, Or or Not
[[nodiscard]] Condition read_condition(const Fields& fields, QueryLanguage language, bool top);

/// A Resource field. nullopt: reported.
[[nodiscard]] std::optional<Resource> read_resource(const Fields& fields);

}  // namespace kiln::asl
