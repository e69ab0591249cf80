#pragma once

#include "net/client.hpp"
#include "notify/channel.hpp"
#include "notify/texts.hpp"

namespace kiln::notify {

struct SlackOptions {
    std::string hook;      ///< URL of an incoming hook; a secret
    std::string channel;   ///< where events that name none go; "": the hook's own
    std::string username;  ///< "": the hook's own
    std::string icon;      ///< ":package:"; "": the hook's own
};

/// How Slack wants a channel named: a "#" before a name that has none; "@name" and ids
/// ("C0123456789") as they are. Pure.
[[nodiscard]] std::string slack_channel(std::string_view name);

/// {text, channel, username, icon_emoji}, as Slack's incoming hooks take it. Pure.
[[nodiscard]] std::string slack_body(
    const Event& event, const SlackOptions& options, const Texts& texts
);

/// An incoming hook of Slack, or of what speaks like it (Mattermost, Rocket.Chat).
class SlackChannel final : public Channel {
  public:
    /// `texts` outlives this.
    SlackChannel(SlackOptions options, const Texts& texts)
        : options_{std::move(options)}, texts_{texts} {}

    [[nodiscard]] std::string_view name() const noexcept override { return "slack"; }

    void send(const Event& event, const std::stop_token& stop, Deadline deadline) override;

  private:
    SlackOptions options_;
    const Texts& texts_;
    net::HttpClient client_;
};

}  // namespace kiln::notify
