#pragma once

#include "machines/rules.hpp"

#include <string>

/// What becomes of a machine. Pure: (what there is, what is asked, facts) -> what there is then.
namespace kiln::machines {

/// A creation whose parts were checked by themselves.
struct CheckedMachine {
    std::string arn;
    CreateMachine command;
    Configuration configuration;
    std::string digest;  ///< of the definition
};

/// @param there  the machine of this name; nullptr: none
/// The same again is the same answer: name, definition, type and configuration count, and, when
/// it is to be published, the version's description; role and tags do not (AWS' rule).
[[nodiscard]] Decided<Machine, CreatedMachine> create_machine(
    const Machine* there, const CheckedMachine& checked, const Facts& facts
);

/// @param there   the machine of this ARN; nullptr: none, or the ARN is a version's
/// @param digest  of the new definition, where there is one
[[nodiscard]] Decided<Machine, UpdatedMachine> update_machine(
    const Machine* there,
    const UpdateMachine& command,
    const std::string& digest,
    const Facts& facts
);

/// Publishing without a version description, description without publishing.
[[nodiscard]] std::optional<Refusal> refuse_description(
    bool publish, const std::optional<std::string>& description
);

/// @param open  executions of it that have not ended
[[nodiscard]] Decided<Machine, Done> delete_machine(
    const Machine* there, std::size_t open, const Facts& facts
);

/// The current revision becomes a version; one that is published already stays the one it is.
[[nodiscard]] Decided<Machine, PublishedVersion> publish_version(
    const Machine* there, const PublishVersion& command, const Facts& facts
);

/// One that is not there is success.
[[nodiscard]] Decided<Machine, Done> delete_version(
    const Machine* there, std::int64_t number, const Facts& facts
);

}  // namespace kiln::machines
