#pragma once

#include "api/sqs/context.hpp"
#include "api/sqs/failure.hpp"
#include "api/sqs/message_shapes.hpp"
#include "ports/queue.hpp"
#include "queue/commands.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kiln::api::sqs {

/// A message as it came. The rules of src/queue judge what can stand in it; `failure` is what can
/// not even be put into it.
struct IncomingMessage {
    queue::NewMessage message;
    ports::MessageAttributes system_attributes;  ///< as they were given
    std::optional<Failure> failure;
};

[[nodiscard]] IncomingMessage read_message(const Context& context, MessageFields fields);

/// The sums that SDKs compare. None of attributes where there are none.
struct Digests {
    std::string body;
    Text attributes;
    Text system_attributes;
};

[[nodiscard]] Digests digest(const IncomingMessage& message);

/// 20 digits.
[[nodiscard]] std::string shown_sequence(std::int64_t sequence);

}  // namespace kiln::api::sqs
