#pragma once

#include "base/time.hpp"
#include "ports/queue.hpp"

#include <array>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the embedded queues remember. The queue's rules are not here: a store keeps rows.
namespace kiln::ports {

/// Which queue, from 1; free again when its row is forgotten.
using QueueNumber = std::int64_t;
constexpr QueueNumber kLastQueueNumber = (1 << 20) - 1;

/// Which message of a queue, from 1, rising; never used twice in one queue.
using MessageSequence = std::int64_t;
constexpr MessageSequence kLastMessageSequence = (std::int64_t{1} << 43) - 1;

struct MessageKey {
    QueueNumber queue = 0;
    MessageSequence sequence = 0;

    auto operator<=>(const MessageKey&) const = default;
};

/// A queue. Its definition is the engine's JSON.
struct QueueRow {
    QueueNumber number = 0;
    std::string name;        ///< two rows have one name when one of them is a deleted queue's
    std::string definition;  ///< JSON
    std::array<std::uint8_t, 16> secret{};  ///< signs its receipts
    MessageSequence reserved = 0;           ///< all sequences up to this one may have been used
    MessageSequence purged = 0;             ///< messages up to this one are void
    std::optional<TimePoint> purged_at;
    std::optional<TimePoint> deleted_at;  ///< all its messages are void

    bool operator==(const QueueRow&) const = default;
};

/// Who has a message and until when: what changes while it lives.
struct MessageState {
    TimePoint sent;          ///< its age counts from here
    TimePoint visible_from;  ///< the end of its delay or of its delivery
    std::int64_t receives = 0;
    std::optional<TimePoint> first_received;
    /// The queue that its dead letter was moved away from; null where there is none.
    std::shared_ptr<const std::string> origin;

    /// By what `origin` points at.
    friend bool operator==(const MessageState& a, const MessageState& b) {
        return a.sent == b.sent && a.visible_from == b.visible_from && a.receives == b.receives &&
               a.first_received == b.first_received &&
               (a.origin && b.origin ? *a.origin == *b.origin : a.origin == b.origin);
    }
};

/// What a message is: what does not change.
struct QueueMessage {
    std::string id;  ///< a UUID
    std::string body;
    MessageAttributes attributes;
    std::optional<std::string> group;
    std::optional<std::string> deduplication;
    std::optional<std::string> trace_header;
    std::string sender;
    TimePoint sent;

    bool operator==(const QueueMessage&) const = default;
};

using QueueMessagePtr = std::shared_ptr<const QueueMessage>;

/// A deduplication that is remembered. Unique by queue and key.
struct DeduplicationRow {
    QueueNumber queue = 0;
    std::string key;
    std::string message;  ///< the id that duplicates are answered with
    MessageSequence sequence = 0;
    TimePoint until;

    bool operator==(const DeduplicationRow&) const = default;
};

/// A message move task of a queue, as the engine's JSON. Unique by id.
struct MoveTaskRow {
    std::string id;
    QueueNumber queue = 0;
    std::string task;  ///< JSON

    bool operator==(const MoveTaskRow&) const = default;
};

/// Changes of rows. Those of rows that are not there change nothing.
namespace queue_change {

/// Makes the row, or writes it over.
struct PutQueue {
    QueueRow row;
};

/// Its messages have been swept.
struct ForgetQueue {
    QueueNumber number = 0;
};

struct AddMessage {
    MessageKey key;
    MessageState state;
    QueueMessagePtr message;
};

struct SetState {
    MessageKey key;
    MessageState state;
};

struct RemoveMessage {
    MessageKey key;
};

/// The same message under another key. What is not given stays.
struct MoveMessage {
    MessageKey from;
    MessageKey to;
    MessageState state;
    std::optional<std::string> id;
    std::optional<TimePoint> sent;  ///< of the message; the state has its own
};

/// Removes the messages of a queue from `first` to `last`.
struct SweepMessages {
    QueueNumber queue = 0;
    MessageSequence first = 0, last = 0;
};

struct PutDeduplication {
    DeduplicationRow row;
};

struct RemoveDeduplication {
    QueueNumber queue = 0;
    std::string key;
};

/// All of a queue.
struct ClearDeduplications {
    QueueNumber queue = 0;
};

struct PutMoveTask {
    MoveTaskRow row;
};

struct RemoveMoveTask {
    std::string id;
};

}  // namespace queue_change

using QueueChange = std::variant<
    queue_change::AddMessage,
    queue_change::SetState,
    queue_change::RemoveMessage,
    queue_change::MoveMessage,
    queue_change::SweepMessages,
    queue_change::PutQueue,
    queue_change::ForgetQueue,
    queue_change::PutDeduplication,
    queue_change::RemoveDeduplication,
    queue_change::ClearDeduplications,
    queue_change::PutMoveTask,
    queue_change::RemoveMoveTask>;

using QueueChanges = std::vector<QueueChange>;

class QueueStore {
  public:
    virtual ~QueueStore() = default;

    /// All of them, deleted ones too. @throws Error by the store
    [[nodiscard]] virtual std::vector<QueueRow> queues() = 0;
    [[nodiscard]] virtual std::vector<DeduplicationRow> deduplications() = 0;
    [[nodiscard]] virtual std::vector<MoveTaskRow> move_tasks() = 0;
    /// Every message, by rising key, void ones too. `group` is valid during the call only.
    using Visit = std::function<
        void(MessageKey key, const MessageState& state, std::optional<std::string_view> group)>;
    virtual void visit_messages(const Visit& visit) = 0;

    struct Read {
        MessageKey key;
        QueueMessagePtr message;
    };

    /// What messages of one queue are, those from `from` on that are there, by rising key: the
    /// first one always, at most `at_most`, and no more once their bodies have `at_most_bytes`.
    [[nodiscard]] virtual std::vector<Read> read_ahead(
        MessageKey from, std::size_t at_most, std::size_t at_most_bytes
    ) = 0;

    /// nullptr: the changes are durable; else why nothing of them has happened.
    using Applied = std::function<void(std::exception_ptr failure)>;
    /// Makes the changes in their order, all or none; calls take effect in their order. Does not
    /// wait: `done` is called once, on any thread, perhaps before this returns; it must not block.
    virtual void apply(QueueChanges changes, Applied done) = 0;
};

}  // namespace kiln::ports
