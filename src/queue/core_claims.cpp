#include "queue/core.hpp"

#include <fmt/format.h>

namespace kiln::queue {

namespace {

Refusal no_receipt(const std::string& receipt) {
    return {
        RefusalCode::receipt_handle_is_invalid,
        fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", receipt)};
}

Refusal bad_receipt(const std::string& receipt, std::string_view reason) {
    return {
        RefusalCode::invalid_parameter_value,
        fmt::format(
            "Value {} for parameter ReceiptHandle is invalid. Reason: {}", receipt, reason
        )};
}

Refusal expired(const std::string& receipt) {
    return bad_receipt(receipt, "The receipt handle has expired.");
}

}  // namespace

void Engine::Core::change_visibility(
    const std::string& name,
    const std::vector<VisibilityChange>& changes,
    DeliveryMatch match,
    Callback<std::vector<Outcome<Done>>> done
) {
    auto* const queue = find_or_refuse(name, done);
    if (queue == nullptr) {
        return;
    }
    const auto refuse = [&](ClaimFault fault, const std::string& receipt) {
        if (fault == ClaimFault::no_message) {
            return bad_receipt(
                receipt, "Message does not exist or is not available for visibility timeout change."
            );
        }
        return match == DeliveryMatch::newest
                   ? Refusal{RefusalCode::message_not_inflight, "The delivery is over."}
                   : expired(receipt);
    };
    std::vector<Outcome<Done>> outcomes;
    for (const auto& [receipt, visibility] : changes) {
        const auto claim = queue->receipts.read(receipt);
        if (!claim) {
            outcomes.emplace_back(no_receipt(receipt));
            continue;
        }
        const auto changed =
            queue->index->change_visibility(time_.now(), *claim, visibility, match);
        if (const auto* fault = std::get_if<ClaimFault>(&changed)) {
            outcomes.emplace_back(refuse(*fault, receipt));
            continue;
        }
        const auto& change = std::get<MessageChange>(changed);
        note(*queue, change);
        committer_.batch().changes.emplace_back(ports::queue_change::SetState{
            {queue->number(), change.sequence}, time_.shown(*change.after)});
        outcomes.emplace_back(Done{});
    }
    touch(*queue);
    answer<std::vector<Outcome<Done>>>(done, std::move(outcomes));
}

void Engine::Core::remove(
    const std::string& name,
    const std::vector<std::string>& receipts,
    Callback<std::vector<Outcome<Done>>> done
) {
    auto* const queue = find_or_refuse(name, done);
    if (queue == nullptr) {
        return;
    }
    queue->used = time_.now();
    std::vector<Outcome<Done>> outcomes;
    outcomes.reserve(receipts.size());
    for (const auto& receipt : receipts) {
        const auto claim = queue->receipts.read(receipt);
        if (!claim) {
            outcomes.emplace_back(no_receipt(receipt));
            continue;
        }
        const auto removed = queue->index->remove(time_.now(), *claim);
        if (const auto* fault = std::get_if<ClaimFault>(&removed)) {
            const bool gone = *fault == ClaimFault::no_message;
            outcomes.push_back(gone ? Outcome<Done>{Done{}} : expired(receipt));
            continue;
        }
        note(*queue, std::get<MessageChange>(removed));
        const ports::MessageKey key{queue->number(), claim->sequence};
        committer_.batch().changes.emplace_back(ports::queue_change::RemoveMessage{key});
        cache_.remove(key);
        outcomes.emplace_back(Done{});
    }
    touch(*queue);
    answer<std::vector<Outcome<Done>>>(done, std::move(outcomes));
}

}  // namespace kiln::queue
