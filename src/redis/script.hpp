#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::redis {

/// A Lua script: one atomic step on the server. It takes its keys from its arguments' names, as
/// Sidekiq's keys do not fit a cluster anyway.
class Script {
  public:
    struct Form {
        std::string text;
        std::string sha1;  ///< hex
    };

    /// What a full server still does: taking out may need a little memory, and gives more back.
    enum class When { memory_is_left, always };

    Script(std::string_view text, When when);

    /// As that version of Redis reads it: 6 knows no flags.
    [[nodiscard]] const Form& form(std::int64_t major_version) const noexcept;

  private:
    Form plain_;
    Form flagged_;
};

/// The scripts of queues. The first argument is the queue; they begin their answer with "ok",
/// "unknown" (no such queue) or "over" (that delivery is), where not said otherwise.
namespace scripts {

[[nodiscard]] const Script& create();   ///< queue, spec JSON, (field, value)…: or "conflict"
[[nodiscard]] const Script& destroy();  ///< queue
[[nodiscard]] const Script& purge();    ///< queue
[[nodiscard]] const Script& depth();    ///< queue -> visible, in flight, delayed, oldest payload
[[nodiscard]] const Script& send();     ///< queue, (payload, delay in ms or -1)…
[[nodiscard]] const Script& send_fifo(
);  ///< queue, (before, after, group, id, key)… -> id, sequence…
[[nodiscard]] const Script& take();     ///< queue, how many, ms or -1, nonce, "jobs" or "messages"
                                        ///< -> ms to what is due next or -1, (receipt, payload)…
[[nodiscard]] const Script& extend();   ///< queue, receipt, ms
[[nodiscard]] const Script& remove();   ///< queue, receipt
[[nodiscard]] const Script& redrive();  ///< queue, where from if unknown, how many -> moved

[[nodiscard]] const Script& push_job();     ///< queue, payload, score of `schedule` or ""
[[nodiscard]] const Script& end_job();      ///< queue, receipt, day, "finished" or "failed",
                                            ///< "retry", "dead" or "", payload, score
[[nodiscard]] const Script& enqueue_due();  ///< queue, "retry" or "schedule", old, new -> 1: moved

[[nodiscard]] const Script& beat();  ///< identity, info, busy, time, rtt, quiet, rss, (tid, work)…
                                     ///< -> a signal or ""
[[nodiscard]] const Script& leave();  ///< identity

}  // namespace scripts

}  // namespace kiln::redis
