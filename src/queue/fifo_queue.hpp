#pragma once

#include "queue/hidden_messages.hpp"
#include "queue/message_index.hpp"

#include <list>
#include <map>
#include <set>
#include <unordered_map>

namespace kiln::queue {

/// A FIFO queue: each group in its order, groups in turn.
///
/// Of a group those before its first hidden message can be delivered: nobody gets a message while
/// an earlier one of its group is in flight or delayed. A group that was delivered from goes to the
/// end of the turn.
class FifoQueue final : public MessageIndex {
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
    [[nodiscard]] GroupName group_of(MessageSequence sequence) const override;

  private:
    struct Held {
        MessageState state;
        bool hidden = true;
    };

    struct Group {
        GroupName name;
        std::map<MessageSequence, Held> messages;
        bool in_turn = false;
        std::list<Group*>::iterator turn;
    };

    void put(
        MessageSequence sequence, const std::optional<MessageState>& state, const GroupName& group
    ) override;
    void erase(MessageSequence sequence);
    void surface(TimePoint now);
    /// Puts the group into the turn, or takes it out, as its first message is visible or not.
    void settle_turn(Group& group);
    void leave_turn(Group& group);
    [[nodiscard]] std::optional<MessageChange> held(const Claim& claim) const;
    /// Takes what a group can give. @returns  false: no more from any group
    bool take_from(Group& group, TimePoint now, const TakeRule& rule, Taken& taken);

    std::unordered_map<std::string, Group> groups_;  ///< none is empty
    std::unordered_map<MessageSequence, Group*> group_of_;
    std::list<Group*> turn_;
    HiddenMessages hidden_;
    std::set<std::pair<TimePoint, MessageSequence>> by_age_;
};

}  // namespace kiln::queue
