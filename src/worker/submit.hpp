#pragma once

#include "bake/request.hpp"
#include "ports/bake_store.hpp"
#include "ports/clock.hpp"
#include "worker/queues.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln::worker {

/// What fills in for keys that a request leaves out.
struct RequestDefaults {
    std::chrono::seconds deadline{3600};   ///< setting bake.deadline
    std::chrono::seconds hang_after{900};  ///< setting bake.hang_after
};

/// Reads a request as it stands in a message: a relative bootstrap or log folder is refused.
/// @throws Error  invalid: not JSON, or every problem with its path
[[nodiscard]] bake::Request read_request(std::string_view body, const RequestDefaults& defaults);

/// The queue of a request's `reply_to`, or nothing.
[[nodiscard]] std::optional<ports::QueueReference> reply_queue(const bake::Request& request);

struct SubmitWorld {
    const Queues& queues;
    ports::BakeStore& bakes;
    const ports::Clock& clock;
    RequestDefaults defaults;
};

/// Checks a request, sends it to the queue as it is and writes its record down. On return both are
/// durable; a death between the two leaves a message, whose consumer writes the record.
/// @param key  of the caller's choice: the same one again is the same bake, sent at most once more
/// @returns  the record: `queued`, or further, when the key was used before
/// @throws Error  invalid: all that is wrong, at once · what Queues and MessageQueue::send throw
ports::BakeRecord submit(
    const SubmitWorld& world,
    const ports::QueueReference& queue,
    const std::string& body,
    const std::optional<std::string>& key = std::nullopt
);

/// The record of a bake that waits for its first attempt.
[[nodiscard]] ports::BakeRecord queued_record(
    const BakeId& id, const ports::QueueReference& queue, std::string_view body, TimePoint accepted
);

/// The bake of a message: the one that it names, or one that is the same for each of its
/// deliveries.
[[nodiscard]] BakeId bake_of(const ports::ReceivedMessage& message);

/// Where a request that may be malformed wants its replies, if that much of it can be read.
[[nodiscard]] std::optional<ports::QueueReference> readable_reply_to(std::string_view body);

}  // namespace kiln::worker
