#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

/// A message queue, as two narrow roles with SQS' words and guarantees: at least once; a message
/// that is not deleted comes back when its visibility ends; a send is answered when it is durable;
/// order is best effort except in FIFO queues (a name that ends in ".fifo").
namespace kiln::ports {

/// A typed attribute of a message.
struct MessageAttribute {
    std::string type;   ///< "String", "Number" or "Binary", each with an optional ".label"
    std::string value;  ///< the text, or the raw bytes of a Binary

    bool operator==(const MessageAttribute&) const = default;
};

using MessageAttributes = std::map<std::string, MessageAttribute>;

struct OutgoingMessage {
    std::string body;  ///< UTF-8, 1 byte to 1 MiB together with the attributes
    MessageAttributes attributes;
    std::optional<std::chrono::seconds> delay;  ///< none: the queue's; 0 to 15 min; not in FIFO
    std::string group;                          ///< FIFO: required
    std::string deduplication;  ///< FIFO: the same one within 5 minutes is sent once
};

struct SentMessage {
    std::string id;        ///< a UUID; of the first one, when this one was a duplicate
    std::string sequence;  ///< FIFO: 20 digits, rising within the group; else ""
};

struct ReceiveSpec {
    int at_most = 1;                                 ///< 1 to 10
    std::chrono::seconds wait{0};                    ///< 0 to 20: a long poll
    std::optional<std::chrono::seconds> visibility;  ///< none: the queue's; 0 to 12 h
};

struct ReceivedMessage {
    std::string id;
    std::string receipt;  ///< of this delivery; the next one has another
    std::string body;
    MessageAttributes attributes;
    std::string group;          ///< "" where none was given
    std::int64_t receives = 1;  ///< deliveries so far, this one included
    TimePoint sent;
};

/// Sends and receives. Queues are named by their plain name. Safe from several threads.
class MessageQueue {
  public:
    virtual ~MessageQueue() = default;

    /// Sends them in this order; each is durable on return. One that is refused ends it: those
    /// before it are sent.
    /// @throws Error  not_found: no such queue · invalid: body, attributes, delay, group ·
    ///                unavailable: the server, or its disk, failed; nothing is sent · denied
    virtual std::vector<SentMessage> send(
        const std::string& queue, const std::vector<OutgoingMessage>& messages
    ) = 0;

    /// Up to `at_most` messages; none after `wait`, or at once when stop is requested.
    /// @throws Error  not_found · invalid · unavailable · denied
    [[nodiscard]] virtual std::vector<ReceivedMessage> receive(
        const std::string& queue, const ReceiveSpec& spec, const std::stop_token& stop
    ) = 0;

    /// The delivery's visibility ends `visibility` from now; 0 gives the message back at once.
    /// A driver that cannot tell (a standard queue of SQS) extends a delivery that is over, too, as
    /// long as the message is there.
    /// @throws Error  not_found: queue · invalid: not a receipt of this queue · conflict: the
    ///                delivery is over (the message is deleted, visible again, or delivered anew)
    virtual void extend(
        const std::string& queue, const std::string& receipt, std::chrono::seconds visibility
    ) = 0;

    /// Deletes the message; durable on return. Deleted already is success.
    /// @throws Error  not_found: queue · invalid: not a receipt of this queue · conflict: FIFO and
    ///                the delivery is over
    virtual void remove(const std::string& queue, const std::string& receipt) = 0;
};

struct DeadLetters {
    std::string queue;          ///< where messages go, of the same kind (FIFO or not)
    std::int64_t receives = 3;  ///< a message that was delivered so often goes there instead
};

struct QueueSpec {
    std::string name;  ///< 1 to 80 of A-Za-z0-9_-, ".fifo" at the end for a FIFO queue
    std::chrono::seconds visibility{30};
    std::chrono::seconds delay{0};
    std::chrono::seconds retention{std::chrono::hours{24 * 4}};  ///< 1 min to 14 days
    std::optional<DeadLetters> dead_letters;
    bool content_deduplication = false;  ///< FIFO: the body's hash is the deduplication
    std::map<std::string, std::string> tags;
};

/// How full a queue is. Exact where one process holds it, approximate elsewhere.
struct QueueDepth {
    std::int64_t visible = 0;
    std::int64_t in_flight = 0;
    std::int64_t delayed = 0;
    std::optional<Duration> oldest_age;  ///< of the oldest message; none where unknown or empty
};

/// Makes and looks after queues. Safe from several threads.
class QueueAdmin {
  public:
    virtual ~QueueAdmin() = default;
    /// A queue of that name with the same settings is success.
    /// @throws Error  conflict: of other settings, or deleted within the last minute · invalid: its
    ///                name or a setting
    virtual void create(const QueueSpec& spec) = 0;
    /// With all its messages. Absent is success.
    virtual void destroy(const std::string& queue) = 0;
    /// Names with this beginning, sorted.
    [[nodiscard]] virtual std::vector<std::string> list(const std::string& prefix) = 0;
    /// @throws Error  not_found
    [[nodiscard]] virtual QueueDepth depth(const std::string& queue) = 0;
    /// Removes all messages. @throws Error  not_found · conflict: purged within the last minute
    virtual void purge(const std::string& queue) = 0;
    /// Begins to move the dead letters of `queue` back to where they came from.
    /// @throws Error  not_found · invalid: no queue has it for its dead letters, or that is under
    /// way
    virtual void redrive(const std::string& queue) = 0;
};

/// How a queue is used, for whoever tidies up.
struct QueueUse {
    std::string name;
    TimePoint created;
    TimePoint last_used;  ///< the newest send, receive or deletion; never before `created`
    std::int64_t messages = 0;
    std::map<std::string, std::string> tags;
};

/// Safe from several threads.
class QueueCensus {
  public:
    virtual ~QueueCensus() = default;
    /// Every queue, by name. A use that nobody remembers counts as one: a driver that has lost
    /// count says when it began to.
    [[nodiscard]] virtual std::vector<QueueUse> census() = 0;
};

}  // namespace kiln::ports
