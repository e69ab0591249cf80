#pragma once

#include "ports/queue.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What SQS lets into queues and messages, so that a program finds the same on Redis. Pure.
namespace kiln::redis {

[[nodiscard]] constexpr bool is_fifo(std::string_view queue) noexcept {
    return queue.ends_with(".fifo");
}

/// Each: @throws Error  invalid: with every problem
void check(const ports::QueueSpec& spec);
void check(const ports::ReceiveSpec& spec);
void check_visibility(std::chrono::seconds visibility);

/// nullopt: it may be sent to `queue`. Else what is wrong with it.
[[nodiscard]] std::optional<Error> problem_of(
    const ports::OutgoingMessage& message, const std::string& queue
);

/// A spec as it is compared and kept.
[[nodiscard]] std::string spec_json(const ports::QueueSpec& spec);

}  // namespace kiln::redis
