#pragma once

#include "asl/arn.hpp"
#include "asl/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// ARNs as they are asked for. Pure.
namespace kiln::machines {

/// Refused: InvalidArn, with AWS' reason
[[nodiscard]] asl::Result<asl::Arn> read_arn(std::string_view text);
/// Refused: InvalidArn: it is none, or of a resource of another kind
[[nodiscard]] asl::Result<asl::Arn> read_arn(std::string_view text, asl::ArnKind kind);

/// The machine's own ARN, without version, alias and label.
[[nodiscard]] std::string machine_arn_of(const asl::Arn& arn);
/// The qualifier as a version's number. nullopt: it is none.
[[nodiscard]] std::optional<std::int64_t> version_of(const asl::Arn& arn) noexcept;

/// "Invalid Arn: 'Resource type not valid in this context: TYPE'"
[[nodiscard]] asl::Refusal wrong_resource(asl::ArnKind kind);

}  // namespace kiln::machines
