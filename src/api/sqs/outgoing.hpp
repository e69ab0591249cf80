#pragma once

#include "api/sqs/answers.hpp"
#include "queue/attributes.hpp"
#include "queue/commands.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::api::sqs {

/// What of a message its receiver asked for.
struct Wanted {
    std::vector<std::string> system_attributes;  ///< names, or "All"
    std::vector<std::string> attributes;         ///< names, prefixes ("foo.*"), or "All"
};

/// Refused: invalid_attribute_name (a system attribute that SQS does not have)
[[nodiscard]] std::optional<queue::Refusal> refuse_system_names(
    const std::vector<std::string>& names
);

/// Is the attribute among those asked for?
[[nodiscard]] bool is_wanted(std::string_view name, const std::vector<std::string>& filters);

/// The message as it is shown; a view of `delivery`.
[[nodiscard]] ShownMessage show(
    const queue::Place& place, const queue::Delivery& delivery, const Wanted& wanted
);

}  // namespace kiln::api::sqs
