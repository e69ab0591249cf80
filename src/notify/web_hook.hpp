#pragma once

#include "net/client.hpp"
#include "notify/channel.hpp"
#include "ports/clock.hpp"

#include <string>
#include <vector>

/// Web hooks that are signed as the Standard Webhooks specification (1.0) has it, so that its
/// libraries verify them.
namespace kiln::notify {

struct WebHookOptions {
    std::string url;  ///< a secret, as its path may be one
    /// What signs; several while one takes the place of another. "whsec_" and base64, or any text.
    std::vector<std::string> secrets;
};

/// How far apart the clocks of both sides may be, and how long a request is taken for a new one.
inline constexpr std::chrono::seconds kReplayWindow = std::chrono::minutes{5};

/// What is wrong with a secret; nullopt: nothing. Pure.
[[nodiscard]] std::optional<std::string> web_hook_secret_problem(std::string_view secret);

/// "v1,BASE64": HMAC-SHA-256 over "ID.TIMESTAMP.BODY", the timestamp in seconds since 1970. Pure.
/// @throws Error  invalid: web_hook_secret_problem
[[nodiscard]] std::string web_hook_signature(
    std::string_view secret, std::string_view id, std::int64_t timestamp, std::string_view body
);

/// The header fields that sign a body: webhook-id, webhook-timestamp, webhook-signature (one
/// signature for each secret, blanks between). Pure.
[[nodiscard]] net::Headers web_hook_headers(
    const WebHookOptions& options, std::string_view id, TimePoint now, std::string_view body
);

/// The receiver's side: is the request signed with `secret`, and not older or newer than `window`?
/// Whoever acts on it does not act on the same webhook-id twice. nullopt: good, else what is not.
/// Takes equally long for every wrong signature. Pure.
[[nodiscard]] std::optional<std::string> web_hook_problem(
    const net::Headers& headers,
    std::string_view body,
    std::string_view secret,
    TimePoint now,
    std::chrono::seconds window = kReplayWindow
);

class WebHookChannel final : public Channel {
  public:
    /// `clock` outlives this.
    WebHookChannel(WebHookOptions options, const ports::Clock& clock)
        : options_{std::move(options)}, clock_{clock} {}

    [[nodiscard]] std::string_view name() const noexcept override { return "webhook"; }

    void send(const Event& event, const std::stop_token& stop, Deadline deadline) override;

  private:
    WebHookOptions options_;
    const ports::Clock& clock_;
    net::HttpClient client_;
};

}  // namespace kiln::notify
