#pragma once

#include "ports/queue.hpp"
#include "queue/commands.hpp"
#include "queue/definition.hpp"
#include "queue/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// What SQS lets into a message. Pure.
namespace kiln::queue {

/// Body and attributes of one message, and of one batch. Source: AWS' quotas since August 2025.
inline constexpr std::int64_t kMostMessageBytes = 1'048'576;

/// What counts against a queue's MaximumMessageSize: the body, and names, types and values.
[[nodiscard]] std::int64_t size_of(const NewMessage& message) noexcept;

/// XML's characters in valid UTF-8: #x9 #xA #xD #x20-#xD7FF #xE000-#xFFFD #x10000-#x10FFFF.
[[nodiscard]] bool has_only_message_characters(std::string_view text) noexcept;

/// Body, attributes and size.
/// Refused: missing_parameter (no body) · invalid_message_contents · invalid_parameter_value
[[nodiscard]] std::optional<Refusal> refuse_message(
    const QueueDefinition& queue, const NewMessage& message
);

/// What a message needs to have, or must not have, in a queue of this kind: group, deduplication,
/// delay. Such a mistake fails a batch as a whole.
/// Refused: missing_parameter (FIFO: group) · invalid_parameter_value
[[nodiscard]] std::optional<Refusal> refuse_placement(
    const QueueDefinition& queue, const NewMessage& message
);

/// Refused: invalid_parameter_value
[[nodiscard]] std::optional<Refusal> refuse_attribute(
    std::string_view name, const ports::MessageAttribute& attribute
);

/// A number that has to be within [low, high]. `reason` follows "Reason: ".
/// Refused: invalid_parameter_value
[[nodiscard]] std::optional<Refusal> refuse_outside(
    std::string_view parameter,
    std::int64_t value,
    std::int64_t low,
    std::int64_t high,
    std::string_view reason
);

/// 1 to 128 of the letters, digits and punctuation of ASCII: ids of groups and deduplication.
/// Refused: invalid_parameter_value
[[nodiscard]] std::optional<Refusal> refuse_token(
    std::string_view parameter, std::string_view value
);

}  // namespace kiln::queue
