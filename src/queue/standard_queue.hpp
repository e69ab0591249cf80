#pragma once

#include "queue/hidden_messages.hpp"
#include "queue/message_index.hpp"

#include <deque>
#include <set>
#include <unordered_map>

namespace kiln::queue {

/// A standard queue: of the visible messages the one that was sent first is delivered first. One
/// that comes back has its old place in the line.
///
/// A message that nobody has received yet, without a delay, takes 16 bytes; the others about 250.
class StandardQueue final : public MessageIndex {
  public:
    [[nodiscard]] Taken take(TimePoint now, const TakeRule& rule) override;
    [[nodiscard]] std::variant<MessageChange, ClaimFault> change_visibility(
        TimePoint now, const Claim& claim, Duration visibility, DeliveryMatch match
    ) override;
    [[nodiscard]] std::variant<MessageChange, ClaimFault> remove(TimePoint now, const Claim& claim)
        override;
    [[nodiscard]] std::vector<MessageChange> expire(
        TimePoint now, Duration retention, std::size_t at_most
    ) override;
    [[nodiscard]] Depths depths(TimePoint now) override;
    [[nodiscard]] std::optional<MessageState> find(MessageSequence sequence) const override;
    [[nodiscard]] std::optional<TimePoint> next_visible() const override;
    [[nodiscard]] std::optional<TimePoint> oldest() const override;
    [[nodiscard]] std::optional<MessageSequence> first_sequence() const override;

    [[nodiscard]] GroupName group_of(MessageSequence) const override { return nullptr; }

  private:
    struct Fresh {
        MessageSequence sequence;
        TimePoint sent;
    };

    void put(
        MessageSequence sequence, const std::optional<MessageState>& state, const GroupName& group
    ) override;
    void erase(MessageSequence sequence);
    [[nodiscard]] std::deque<Fresh>::const_iterator find_fresh(MessageSequence sequence) const;
    void surface(TimePoint now);
    [[nodiscard]] std::optional<std::pair<MessageSequence, MessageState>> next_ready() const;

    using Ordered = std::set<std::pair<TimePoint, MessageSequence>>;

    std::deque<Fresh> fresh_;  ///< by sequence: never received, visible since they were sent
    std::unordered_map<MessageSequence, MessageState> touched_;  ///< all others, hidden or ready
    HiddenMessages hidden_;
    Ordered ready_;   ///< those of touched_ that are visible, by when they were sent
    Ordered by_age_;  ///< touched_, by when it was sent
};

}  // namespace kiln::queue
