#pragma once

#include "base/time.hpp"
#include "ports/queue.hpp"
#include "ports/queue_store.hpp"
#include "queue/refusal.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What callers ask of queues, and what they are told. Checked against SQS' ranges by the caller;
/// the engine checks what depends on a queue's state, and what its own rules rely on.
namespace kiln::queue {

struct NewMessage {
    std::string body;
    ports::MessageAttributes attributes;
    std::optional<std::chrono::seconds> delay;  ///< none: the queue's
    std::optional<std::string> group;           ///< FIFO: required; else kept as it is
    std::optional<std::string> deduplication;   ///< FIFO: required, or content based
    std::optional<std::string> trace_header;    ///< AWSTraceHeader
    std::string sender;                         ///< SenderId
};

struct Sent {
    std::string id;                        ///< a UUID; of the first one, when this is a duplicate
    std::optional<std::int64_t> sequence;  ///< FIFO; rising; shown with 20 digits

    bool operator==(const Sent&) const = default;
};

/// One for each message, in their order.
using SendOutcomes = std::vector<Outcome<Sent>>;

/// What a message is, from its sending to its end. Never changes.
using Message = ports::QueueMessage;

struct Delivery {
    std::shared_ptr<const Message> message;
    std::string receipt;  ///< opaque: base64url characters
    std::int64_t receives = 1;
    TimePoint first_received;
    std::optional<std::int64_t> sequence;           ///< FIFO
    std::optional<std::string> dead_letter_source;  ///< the queue that it was moved away from
};

struct Receive {
    std::string queue;
    int at_most = 1;                                 ///< 1 to 10
    std::optional<std::chrono::seconds> wait;        ///< none: the queue's
    std::optional<std::chrono::seconds> visibility;  ///< none: the queue's
    std::optional<std::string> attempt;              ///< FIFO: ReceiveRequestAttemptId
};

/// A receive that may be waiting.
struct ReceiveTicket {
    std::uint64_t number = 0;
};

/// Which delivery a receipt has to be of.
enum class DeliveryMatch {
    any,     ///< SQS': in a standard queue an older receipt does, as long as the message is there
    newest,  ///< only that one, and not ended; else message_not_inflight
};

struct VisibilityChange {
    std::string receipt;
    std::chrono::seconds visibility{0};  ///< from now; 0: visible at once
};

struct Depths {
    std::int64_t visible = 0;
    std::int64_t in_flight = 0;
    std::int64_t delayed = 0;
    std::optional<TimePoint> oldest;  ///< when the oldest message was sent
    TimePoint last_used;  ///< the newest send, receive or deletion since the engine began, or that
};

enum class MoveState { running, completed, cancelling, cancelled, failed };

/// A message move task.
struct MoveTask {
    std::string id;  ///< a UUID
    std::string source;
    std::optional<std::string> destination;  ///< none: each goes back to where it came from
    std::optional<std::int64_t> per_second;  ///< 1 to 500
    MoveState state = MoveState::running;
    std::int64_t moved = 0;
    std::int64_t to_move = 0;  ///< what was there at its start
    TimePoint started;
    std::optional<std::string> failure;  ///< "AWS.SimpleQueueService.NonExistentQueue"
};

struct NamePage {
    std::vector<std::string> names;   ///< sorted
    std::optional<std::string> more;  ///< set: there are more; the last name of this page
};

}  // namespace kiln::queue
