#pragma once

#include "machines/commands.hpp"
#include "machines/machine.hpp"
#include "ports/machine_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// What all rules share. Pure.
namespace kiln::machines {

/// What a rule may know beside what there is.
struct Facts {
    TimePoint now;
    ports::RevisionNumber next_revision = 0;
    std::string uuid;  ///< a new one
    std::size_t most_versions = 1'000;
    std::size_t most_aliases = 100;
};

/// What a command does to one thing (a machine, an activity). Without changes nothing is different.
template <class Thing, class Answer>
struct Decision {
    Answer answer;
    std::optional<Thing> after;  ///< what stands in its place; nullopt with changes: it is gone
    ports::MachineChanges changes;
};

template <class Thing, class Answer>
using Decided = std::variant<Decision<Thing, Answer>, Refusal>;

/// 1 to 80 characters, none of them white space, a control or one of <>{}[]?*"#%\^|~`$&,;:/
/// Refused: InvalidName
[[nodiscard]] std::optional<Refusal> refuse_name(std::string_view name);

/// `current` with `given` written over it. Refused: TooManyTags: more than 50
[[nodiscard]] Result<Tags> merge_tags(const Tags& current, const Tags& given, std::string_view arn);
[[nodiscard]] Tags without_tags(Tags current, const std::vector<std::string>& keys);

/// A configuration from what was given, in AWS' form. What is not given is `current`'s.
/// Refused: InvalidLoggingConfiguration · InvalidEncryptionConfiguration
[[nodiscard]] Result<Configuration> configure(
    const std::optional<json::object>& logging,
    const std::optional<json::object>& tracing,
    const std::optional<json::object>& encryption,
    const Configuration& current
);
/// What a machine has that was given nothing.
[[nodiscard]] Configuration default_configuration();
/// Refused: InvalidEncryptionConfiguration
[[nodiscard]] Result<json::object> encryption_of(const std::optional<json::object>& given);

[[nodiscard]] Refusal machine_does_not_exist(std::string_view arn);
[[nodiscard]] Refusal machine_is_deleting(std::string_view arn);
/// "Request references a resource that does not exist."
[[nodiscard]] Refusal no_such_reference();

}  // namespace kiln::machines
