#pragma once

#include "base/json.hpp"
#include "ports/queue.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Messages as SQS' JSON protocol writes them, and the sums that guard them. Pure.
namespace kiln::aws {

/// SQS' limit of a message, and of a batch together. Source: SQS Developer Guide, "Message quotas".
inline constexpr std::size_t kMaxMessageBytes = 1U << 20;
inline constexpr std::size_t kMaxBatch = 10;

/// What counts against the limit: the body, and names, types and values of the attributes.
[[nodiscard]] std::size_t message_bytes(const ports::OutgoingMessage& message) noexcept;

/// What SQS would refuse the message for; nullopt: nothing that can be seen from here.
[[nodiscard]] std::optional<std::string> message_problem(
    std::string_view queue, const ports::OutgoingMessage& message
);

/// The members of SendMessage, and of an entry of SendMessageBatch, but for queue and id.
[[nodiscard]] json::object message_json(const ports::OutgoingMessage& message);

/// Hex; "" of no attributes, for which SQS gives none.
[[nodiscard]] std::string md5_of_attributes(const ports::MessageAttributes& attributes);

/// What SQS says of a message that it took.
/// @throws Error  corrupt: it took something else than was sent · unavailable: the answer lacks
///                what belongs there
[[nodiscard]] ports::SentMessage read_sent(
    const json::object& answer, const ports::OutgoingMessage& sent
);

/// @throws Error  corrupt: a check sum does not fit · unavailable: lacks what belongs there
[[nodiscard]] ports::ReceivedMessage read_received(const json::object& message);

}  // namespace kiln::aws
