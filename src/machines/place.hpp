#pragma once

#include "asl/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// ARNs of AWSStepFunctions' resources. Pure.
namespace kiln::machines {

/// In whose name ARNs are made.
struct Place {
    std::string partition = "aws";
    std::string region = "us-east-1";
    std::string account = "000000000000";

    [[nodiscard]] std::string machine_arn(std::string_view name) const;
    [[nodiscard]] std::string activity_arn(std::string_view name) const;
};

/// "arn:PARTITION:states:REGION:ACCOUNT:TYPE:REST"
struct Arn {
    std::string_view type;  ///< "stateMachine", "activity", "execution", "express", "mapRun"
    std::string_view rest;  ///< what follows the type, not empty
};

/// An ARN of a machine taken apart; views of what was parsed.
struct MachineName {
    std::string_view arn;  ///< without qualifier and label
    std::string_view name;
    std::string_view qualifier;  ///< a version's number or an alias' name; "" none
    std::string_view label;      ///< of a distributed Map in it; "" none

    /// The qualifier as a version's number. nullopt: it is none.
    [[nodiscard]] std::optional<std::int64_t> version() const noexcept;
};

/// Refused: InvalidArn: it is no ARN of this service
[[nodiscard]] asl::Result<Arn> parse_arn(std::string_view text);
/// Refused: InvalidArn: it is none, or of a resource of another type
[[nodiscard]] asl::Result<Arn> parse_arn(std::string_view text, std::string_view type);
[[nodiscard]] asl::Result<MachineName> parse_machine_arn(std::string_view text);

}  // namespace kiln::machines
