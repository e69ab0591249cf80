#pragma once

#include "base/time.hpp"
#include "ports/ledger.hpp"
#include "ports/queue.hpp"
#include "ports/queue_reference.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace kiln::worker {

/// The driver that reaches a queue; it outlives whoever asked. Which ones there are is wiring.
/// @throws Error  invalid: no driver for such queues here · what making one throws
using Queues = std::function<ports::MessageQueue&(const ports::QueueReference&)>;

/// Waits that long. @returns  false when stop was requested: give up
using Pause = std::function<bool(Duration, const std::stop_token&)>;

/// Really waits.
[[nodiscard]] Pause real_pause();

/// Attributes of a request's message, and of replies. All are Strings, but for Numbers `sequence`
/// and `attempt`.
inline constexpr std::string_view kBakeAttribute = "kiln.bake";      ///< the id a bake has already
inline constexpr std::string_view kReasonAttribute = "kiln.reason";  ///< of a dead letter
inline constexpr std::string_view kWasAttribute = "kiln.was";        ///< of a dead letter: its bake

/// Where a request goes that was received too often: "bakes-dead" for "bakes".
[[nodiscard]] std::string dead_letters_of(const std::string& queue);

/// Makes a queue for requests and the one for its dead letters; queues that are there already, with
/// whatever settings, stay. The redrive policy is a net for consumers that die before they can
/// reply: they move a request themselves when they see it a `max_receives` + 1st time.
void make_request_queues(
    ports::QueueAdmin& admin, const std::string& queue, std::int64_t max_receives
);

/// A delivery as the ledger names it (ResourceKind::message).
[[nodiscard]] ports::Resource message_resource(
    const ports::QueueReference& queue, const std::string& receipt
);

/// For the sweeper: gives the message of a dead process back, so that the next consumer has it at
/// once. A delivery that is over is success.
/// @throws Error  unavailable: its queue cannot be reached
void give_back(const Queues& queues, const ports::Resource& message);

}  // namespace kiln::worker
