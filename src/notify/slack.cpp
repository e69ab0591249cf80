#include "notify/slack.hpp"

#include "notify/post.hpp"

#include <algorithm>

namespace kiln::notify {

namespace {

/// "C0123456789": a channel (C), a private one (G), a conversation (D), somebody (U, W).
bool is_id(std::string_view name) {
    constexpr std::size_t kShortest = 9;
    return name.size() >= kShortest &&
           std::string_view{"CGDUW"}.find(name[0]) != std::string::npos &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

}  // namespace

std::string slack_channel(std::string_view name) {
    if (name.empty() || name.front() == '#' || name.front() == '@' || is_id(name)) {
        return std::string{name};
    }
    return '#' + std::string{name};
}

std::string slack_body(const Event& event, const SlackOptions& options, const Texts& texts) {
    json::object body{{"text", texts.render(event, Markup::slack)}};
    const auto add = [&](std::string_view key, std::string value) {
        if (!value.empty()) {
            body[key] = std::move(value);
        }
    };
    add("channel", slack_channel(event.channel.empty() ? options.channel : event.channel));
    add("username", options.username);
    add("icon_emoji", options.icon);
    return json::serialize(body);
}

void SlackChannel::send(const Event& event, const std::stop_token& stop, Deadline deadline) {
    post(
        client_,
        options_.hook,
        {{"Content-Type", "application/json; charset=utf-8"}, {"Idempotency-Key", event.key}},
        slack_body(event, options_, texts_),
        stop,
        deadline
    );
}

}  // namespace kiln::notify
