#pragma once

#include "ports/bake_store.hpp"
#include "ports/queue.hpp"

#include <string>
#include <vector>

/// Which reply queues may go. Pure: values in, decisions out.
namespace kiln::gc {

/// The tag of a queue that is for the replies of one client, and goes when it is not used.
inline constexpr const char* kReplyTag = "kiln:reply";

struct QueueVerdict {
    std::string queue;
    std::string why;
};

/// Reply queues that are older than `keep` and were not used for so long.
///
/// A reply queue bears kReplyTag, or is named by exactly one bake: one that several name is a
/// mailbox that its owner comes back to. One that is tagged `keep`, or named by a bake that is not
/// over or ended within `keep`, stays.
[[nodiscard]] std::vector<QueueVerdict> plan_reply_queues(
    const std::vector<ports::QueueUse>& queues,
    const std::vector<ports::BakeRecord>& bakes,
    Duration keep,
    TimePoint now
);

}  // namespace kiln::gc
