#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "ports/bake_store.hpp"

#include <cstdint>
#include <optional>
#include <variant>

/// What is to be done with a request that was received. Pure.
namespace kiln::worker {

/// All that the decision hangs on.
struct Delivery {
    std::int64_t receives = 1;
    TimePoint sent;
    TimePoint now;
    std::optional<Error> malformed;  ///< what is wrong with the request
    std::chrono::seconds deadline{3600};
    ports::BakeState state = ports::BakeState::queued;  ///< of its record
    std::int64_t attempt = 0;                           ///< of its record
    json::value last_result;  ///< of the record: why the newest attempt was given up
};

struct DeliveryLimits {
    std::int64_t max_receives = 3;
    std::chrono::seconds min_time_left{30};
};

/// Somebody may be at work on it: wait for them, then look again.
struct Settle {};

/// It is over: tell its replies again and delete the message.
struct TellAgain {};

/// It can never succeed: refuse it, tell, delete.
struct Refuse {
    Error error;
};

/// It was tried often enough: refuse it, tell, move it to the dead letters.
struct GiveUp {
    Error error;
};

struct Bake {
    std::int64_t attempt = 1;
    std::chrono::seconds time_left{};
};

using Verdict = std::variant<Settle, TellAgain, Refuse, GiveUp, Bake>;

[[nodiscard]] Verdict judge(const Delivery& delivery, const DeliveryLimits& limits);

/// The number of the attempt that a delivery may begin: above all that the record knows, and above
/// those that other machines, with records of their own, began for earlier deliveries.
[[nodiscard]] std::int64_t next_attempt(std::int64_t known, std::int64_t receives) noexcept;

/// How long a message stays hidden from others: what is left of the deadline, and a margin for
/// cleaning up; never more than SQS' 12 h, which renewal goes beyond.
[[nodiscard]] std::chrono::seconds visibility_for(std::chrono::seconds time_left) noexcept;

/// How long a message that failed for want of something waits before it is tried again.
/// @param jitter  in [0, 1]
[[nodiscard]] std::chrono::seconds retry_delay(
    std::int64_t receives, std::optional<std::chrono::seconds> retry_after, double jitter
);

}  // namespace kiln::worker
