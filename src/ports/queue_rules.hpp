#pragma once

#include "base/error.hpp"
#include "ports/queue.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What SQS lets into queues and messages, so that a program finds the same behind every driver.
/// Pure. Source: SQS Developer Guide, "Quotas"; SQS API Reference, CreateQueue and SendMessage.
namespace kiln::ports {

inline constexpr std::size_t kMostMessageBytes = 1U << 20;  ///< of a message, and of a batch
inline constexpr std::chrono::seconds kLongestVisibility{43'200};
inline constexpr std::chrono::seconds kLongestMessageDelay{900};
inline constexpr std::chrono::seconds kLongestPoll{20};
inline constexpr std::chrono::seconds kLongestRetention = std::chrono::hours{24 * 14};

/// Of a name, or of a URL that ends in one.
[[nodiscard]] constexpr bool is_fifo(std::string_view queue) noexcept {
    return queue.ends_with(".fifo");
}

/// nullopt: it may be a queue's name. Else what one is made of.
[[nodiscard]] std::optional<std::string> queue_name_problem(std::string_view name);

/// Each, empty: nothing is wrong that can be seen without the server.
[[nodiscard]] std::vector<Problem> problems_of(const QueueSpec& spec);
[[nodiscard]] std::vector<Problem> problems_of(const ReceiveSpec& spec);
/// @param queue  where it is to be sent: a name or a URL
[[nodiscard]] std::vector<Problem> problems_of(
    const OutgoingMessage& message, std::string_view queue
);

/// @throws Error  invalid: with every problem
void check(const QueueSpec& spec);
void check(const ReceiveSpec& spec);

/// What counts against the limit: the body, and names, types and values of the attributes.
[[nodiscard]] std::size_t message_bytes(const OutgoingMessage& message) noexcept;

/// The error of a message that is refused, with every problem.
[[nodiscard]] Error message_error(
    std::size_t number, std::string_view queue, std::vector<Problem> problems
);

}  // namespace kiln::ports
