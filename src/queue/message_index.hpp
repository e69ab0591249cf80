#pragma once

#include "ports/queue_store.hpp"
#include "queue/commands.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The rules of one queue's messages, without bodies, threads, clocks and stores.
namespace kiln::queue {

using ports::MessageSequence;
using ports::MessageState;

/// A FIFO message's group, shared by all its messages; null in a standard queue's index.
using GroupName = std::shared_ptr<const std::string>;

/// What happened to one message: a value that can be made, and taken back.
struct MessageChange {
    MessageSequence sequence = 0;
    std::optional<MessageState> before;  ///< none: it comes into the queue
    std::optional<MessageState> after;   ///< none: it leaves the queue
    GroupName group;
};

struct TakeRule {
    std::size_t at_most = 1;
    Duration visibility{0};
    Duration retention{0};
    std::optional<std::int64_t> max_receives;  ///< received so often: `dead` instead of delivered
    GroupName dead_letters;  ///< where `dead` goes; what came from there is not sent back
    std::int64_t most_in_flight = 0;
    std::size_t most_aside = 1'000;  ///< put aside: bounds what one call does
};

struct Taken {
    std::vector<MessageChange> delivered;
    std::vector<MessageChange> dead;     ///< taken out, for the dead letter queue
    std::vector<MessageChange> expired;  ///< taken out, too old
    bool limited = false;                ///< no more, because so many are in flight
};

/// A message that a receipt names, and the delivery that the receipt is of.
struct Claim {
    MessageSequence sequence = 0;
    std::int64_t receives = 0;
};

/// Why a claim does not hold.
enum class ClaimFault {
    no_message,  ///< the message is gone
    over,        ///< that delivery has ended, and it matters
};

/// Which messages a queue has, which of them are visible, and in which order they are delivered.
///
/// A value: no call looks at a clock. `now` never goes back; all calls that decide make their
/// change here and return it, so that `revert` can take it back, last one first.
class MessageIndex {
  public:
    virtual ~MessageIndex() = default;

    /// Makes a change that was decided elsewhere: a message that arrives, or is loaded.
    void apply(const MessageChange& change) { put(change.sequence, change.after, change.group); }

    void revert(const MessageChange& change) { put(change.sequence, change.before, change.group); }

    /// The next messages for a receiver. A few too old or received too often are put aside.
    [[nodiscard]] virtual Taken take(TimePoint now, const TakeRule& rule) = 0;
    /// Ends the delivery `visibility` from now.
    [[nodiscard]] virtual std::variant<MessageChange, ClaimFault> change_visibility(
        TimePoint now, const Claim& claim, Duration visibility, DeliveryMatch match
    ) = 0;
    [[nodiscard]] virtual std::variant<MessageChange, ClaimFault> remove(
        TimePoint now, const Claim& claim
    ) = 0;
    /// Takes out at most `at_most` that are older than `retention`.
    [[nodiscard]] virtual std::vector<MessageChange> expire(
        TimePoint now, Duration retention, std::size_t at_most
    ) = 0;

    [[nodiscard]] virtual Depths depths(TimePoint now) = 0;
    [[nodiscard]] virtual std::optional<MessageState> find(MessageSequence sequence) const = 0;
    /// When one that is hidden becomes visible next.
    [[nodiscard]] virtual std::optional<TimePoint> next_visible() const = 0;
    /// When the oldest message was sent.
    [[nodiscard]] virtual std::optional<TimePoint> oldest() const = 0;
    /// The lowest of all.
    [[nodiscard]] virtual std::optional<MessageSequence> first_sequence() const = 0;
    /// null in a standard queue, and where there is no such message.
    [[nodiscard]] virtual GroupName group_of(MessageSequence sequence) const = 0;

  protected:
    MessageIndex() = default;
    MessageIndex(const MessageIndex&) = default;
    MessageIndex& operator=(const MessageIndex&) = default;

  private:
    /// Whatever the message's state was, it is this one now.
    virtual void put(
        MessageSequence sequence, const std::optional<MessageState>& state, const GroupName& group
    ) = 0;
};

/// What becomes of a message that is the next one to be delivered. Pure.
enum class Fate { delivered, dead, expired };
[[nodiscard]] Fate fate_of(const MessageState& state, TimePoint now, const TakeRule& rule);

/// The state after one more delivery. Pure.
[[nodiscard]] MessageState delivered(const MessageState& state, TimePoint now, Duration visibility);

[[nodiscard]] inline bool never_received(const MessageState& state) {
    return state.receives == 0;
}

}  // namespace kiln::queue
