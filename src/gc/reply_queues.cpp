#include "gc/reply_queues.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace kiln::gc {

namespace {

constexpr std::string_view kOwnQueues = "kiln:";  ///< may stand before the name of one of ours

/// The queue of ours that a request wants its replies in.
std::optional<std::string> reply_queue_of(const json::value& request) {
    const auto* object = request.if_object();
    const auto* reply_to = object != nullptr ? object->if_contains("reply_to") : nullptr;
    if (reply_to == nullptr || !reply_to->is_string()) {
        return std::nullopt;
    }
    std::string_view name = reply_to->get_string();
    if (name.starts_with(kOwnQueues)) {
        name.remove_prefix(kOwnQueues.size());
    }
    return std::string{name};
}

/// What bakes say of a queue.
struct Named {
    std::size_t bakes = 0;
    bool needed = false;  ///< by one that is not over, or has been for a short time only
};

std::map<std::string, Named> named_queues(
    const std::vector<ports::BakeRecord>& bakes, TimePoint before
) {
    std::map<std::string, Named> named;
    for (const auto& bake : bakes) {
        if (const auto queue = reply_queue_of(bake.request)) {
            auto& entry = named[*queue];
            entry.bakes += 1;
            entry.needed = entry.needed || !bake.ended || *bake.ended > before;
        }
    }
    return named;
}

}  // namespace

std::vector<QueueVerdict> plan_reply_queues(
    const std::vector<ports::QueueUse>& queues,
    const std::vector<ports::BakeRecord>& bakes,
    Duration keep,
    TimePoint now
) {
    const auto before = now - keep;
    auto named = named_queues(bakes, before);
    std::vector<QueueVerdict> verdicts;
    for (const auto& queue : queues) {
        const auto& [count, needed] = named[queue.name];
        const bool for_replies = queue.tags.contains(kReplyTag) || count == 1;
        const bool used = queue.created > before || queue.last_used > before || needed;
        if (for_replies && !used && !queue.tags.contains("keep")) {
            verdicts.push_back(
                {queue.name,
                 fmt::format(
                     "a reply queue, last used {}, with {} message{} left",
                     format_time(queue.last_used),
                     queue.messages,
                     queue.messages == 1 ? "" : "s"
                 )}
            );
        }
    }
    return verdicts;
}

}  // namespace kiln::gc
