#pragma once

#include "queue/attributes.hpp"
#include "queue/definition.hpp"
#include "queue/refusal.hpp"

#include <string>
#include <string_view>

/// The JSON texts of the attributes RedrivePolicy and RedriveAllowPolicy. Pure.
namespace kiln::queue {

/// Refused: invalid_parameter_value
[[nodiscard]] Outcome<RedrivePolicy> parse_redrive_policy(
    const Place& place, std::string_view text
);
[[nodiscard]] std::string show(const Place& place, const RedrivePolicy& policy);

/// Refused: invalid_parameter_value
[[nodiscard]] Outcome<RedriveAllowPolicy> parse_redrive_allow_policy(
    const Place& place, std::string_view text
);
[[nodiscard]] std::string show(const Place& place, const RedriveAllowPolicy& policy);

}  // namespace kiln::queue
