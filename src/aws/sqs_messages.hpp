#pragma once

#include "base/json.hpp"
#include "ports/queue.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// Messages as SQS' JSON protocol writes them, and the sums that guard them. Pure.
namespace kiln::aws {

/// Of a batch. Source: SQS API Reference, SendMessageBatch.
inline constexpr std::size_t kMaxBatch = 10;

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
