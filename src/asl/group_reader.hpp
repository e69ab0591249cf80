#pragma once

#include "asl/definition.hpp"
#include "asl/fields.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Groups of states: the machine's, a branch's, an item processor's.
namespace kiln::asl {

/// The states that transitions of one group may lead to, and where they do.
class Targets {
  public:
    using ByName = std::map<std::string, StateIndex, std::less<>>;

    /// @param open  a name that no state has is taken for a state outside the text
    Targets(ByName names, bool open) : names_{std::move(names)}, open_{open} {}

    /// The state that a field names; a missing one is reported, and 0.
    StateIndex read(const Fields& fields, std::string_view key);
    /// The state from which transitions lead from here on.
    void set_source(StateIndex source);

    /// Which states a walk from `start` comes by. @param count  of the states of the text
    [[nodiscard]] std::vector<bool> reached_from(StateIndex start, std::size_t count) const;

    [[nodiscard]] const ByName& names() const noexcept { return names_; }

  private:
    ByName names_;
    bool open_;
    StateIndex source_ = 0;
    std::multimap<StateIndex, StateIndex> edges_;
};

/// What the reading of a state needs besides its fields.
struct StateContext {
    const GroupContext& group;
    Targets& targets;
};

/// Reads StartAt and States. `context.depth` counts the group itself.
/// @param extra  a field that the group's object may have besides: "ProcessorConfig", or ""
[[nodiscard]] StateGroup read_group(
    const Fields& fields, const GroupContext& context, std::string_view extra
);

/// One state as a group of its own; what it leads to follows as Succeed states.
[[nodiscard]] StateGroup read_single_state(
    Session& session, const json::object& state, std::string_view name, bool express
);

/// The variables that a States object assigns in its own group.
[[nodiscard]] std::vector<std::string> assigned_in(
    const json::object& states, QueryLanguage machine_language
);

/// The groups of one group inside another: the context of the inner one.
/// @param isolated  its states do not see the variables outside
[[nodiscard]] GroupContext inner_context(const GroupContext& outer, bool express, bool isolated);

}  // namespace kiln::asl
