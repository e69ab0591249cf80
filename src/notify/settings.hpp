#pragma once

#include "notify/mail_channel.hpp"
#include "notify/notifier.hpp"
#include "notify/policy.hpp"
#include "notify/queue_channel.hpp"
#include "notify/slack.hpp"
#include "notify/web_hook.hpp"
#include "ports/queue_reference.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace kiln::notify {

/// A channel that is set up, and what it is to hear of.
template <class Options>
struct Subscriber {
    Options options;
    std::vector<Kind> kinds;  ///< empty: all
};

/// What the operator decides.
struct Settings {
    std::optional<Subscriber<SlackOptions>> slack;
    std::optional<Subscriber<MailOptions>> mail;
    std::optional<Subscriber<WebHookOptions>> web_hook;
    std::optional<Subscriber<ports::QueueReference>> queue;
    Texts texts;
    RetryPolicy policy;
    Duration keep = std::chrono::days{14};  ///< rows that have ended
};

/// The driver of a queue; may throw.
using QueueOf = std::function<ports::MessageQueue&(const ports::QueueReference&)>;

/// One for each that is set up. `settings` and `clock` outlive them.
[[nodiscard]] std::vector<std::unique_ptr<Channel>> make_channels(
    const Settings& settings, const ports::Clock& clock, QueueOf queue_of
);

/// The same channels' names, with what each hears of. Pure.
[[nodiscard]] std::vector<Route> routes_of(const Settings& settings);

}  // namespace kiln::notify
