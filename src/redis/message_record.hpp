#pragma once

#include "base/json.hpp"
#include "ports/queue.hpp"

#include <string>
#include <string_view>

/// How kiln's messages stand in Sidekiq's queues: a job of class `Kiln::Message`, whose one
/// argument has `body`, `attributes` and, in FIFO queues, `group` and `sequence`. Any other job is
/// a message whose body is the job's JSON. Pure.
namespace kiln::redis {

inline constexpr std::string_view kMessageClass = "Kiln::Message";

/// The job's text, with the sequence left out between the halves: the server knows it. A message of
/// a standard queue has none, and `after` is empty.
struct MessageText {
    std::string before;
    std::string after;
};

[[nodiscard]] MessageText write_message(
    const ports::OutgoingMessage& message,
    const std::string& queue,
    const std::string& id,
    TimePoint now
);

/// @param receipt  COUNT-NONCE-ID
/// @throws Error  invalid: no JSON, or of class Kiln::Message and not as written
[[nodiscard]] ports::ReceivedMessage read_message(std::string_view text, std::string receipt);

/// Of a receipt of any queue.
struct ReceiptParts {
    std::int64_t count = 0;
    std::string id;
};

/// @throws Error  invalid: no receipt
[[nodiscard]] ReceiptParts read_receipt(std::string_view receipt);

}  // namespace kiln::redis
