#pragma once

#include "base/error.hpp"
#include "ports/queue.hpp"
#include "queue/commands.hpp"
#include "queue/definition.hpp"
#include "queue/refusal.hpp"

#include <string_view>
#include <vector>

/// What the blocking interface lets in, and what a refusal is there. Pure.
namespace kiln::queue {

/// What a queue has against a message: its size, and where it is to stand. Gives the message its
/// deduplication, where that is its content's.
[[nodiscard]] std::optional<Refusal> check_message(
    const QueueDefinition& definition, NewMessage& message
);

[[nodiscard]] QueueDefinition to_definition(const ports::QueueSpec& spec);
[[nodiscard]] NewMessage to_message(const ports::OutgoingMessage& message);
[[nodiscard]] ports::ReceivedMessage to_received(const Delivery& delivery);

/// What a user's receipt has to do with a refusal.
enum class About { queue, receipt };
/// A receipt whose delivery is over, or whose message is gone, is a conflict.
[[nodiscard]] Error to_error(const Refusal& refusal, std::string_view queue, About about);

}  // namespace kiln::queue
