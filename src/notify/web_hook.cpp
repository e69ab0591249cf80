#include "notify/web_hook.hpp"

#include "base/base64.hpp"
#include "base/hmac.hpp"
#include "notify/post.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::notify {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kShortestSecret = 16;  ///< bytes

std::optional<std::string> key_of(std::string_view secret) {
    if (secret.starts_with(kPrefix)) {
        return from_base64(secret.substr(kPrefix.size()));
    }
    return std::string{secret};
}

std::int64_t seconds_of_day(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && at == end ? std::optional{number} : std::nullopt;
}

/// Is one of the signatures, blanks between, this one?
bool has_signature(std::string_view all, std::string_view wanted) {
    bool found = false;
    for (;;) {
        const auto blank = all.find(' ');
        found = equal_in_constant_time(all.substr(0, blank), wanted) || found;
        if (blank == std::string_view::npos) {
            return found;
        }
        all.remove_prefix(blank + 1);
    }
}

}  // namespace

std::optional<std::string> web_hook_secret_problem(std::string_view secret) {
    const auto key = key_of(secret);
    if (!key) {
        return "what follows whsec_ is not base64";
    }
    return key->size() >= kShortestSecret
               ? std::nullopt
               : std::optional{fmt::format("it has less than {} bytes", kShortestSecret)};
}

std::string web_hook_signature(
    std::string_view secret, std::string_view id, std::int64_t timestamp, std::string_view body
) {
    if (const auto problem = web_hook_secret_problem(secret)) {
        throw Error{ErrorKind::invalid, "the secret of a web hook: " + *problem};
    }
    const auto key = *key_of(secret);
    const auto digest =
        hmac_sha256(std::string_view{key}, fmt::format("{}.{}.{}", id, timestamp, body));
    return "v1," + to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

net::Headers web_hook_headers(
    const WebHookOptions& options, std::string_view id, TimePoint now, std::string_view body
) {
    const auto timestamp = seconds_of_day(now);
    std::string signatures;
    for (const auto& secret : options.secrets) {
        signatures += signatures.empty() ? "" : " ";
        signatures += web_hook_signature(secret, id, timestamp, body);
    }
    return {
        {"webhook-id", std::string{id}},
        {"webhook-timestamp", std::to_string(timestamp)},
        {"webhook-signature", std::move(signatures)}};
}

std::optional<std::string> web_hook_problem(
    const net::Headers& headers,
    std::string_view body,
    std::string_view secret,
    TimePoint now,
    std::chrono::seconds window
) {
    const auto id = headers.value_or("webhook-id", "");
    const auto timestamp = parse_number(headers.value_or("webhook-timestamp", ""));
    if (id.empty() || !timestamp) {
        return "webhook-id or webhook-timestamp is missing, or no number";
    }
    const auto ours = seconds_of_day(now);
    if (*timestamp < ours - window.count() || *timestamp > ours + window.count()) {
        return "its timestamp is too far from now";
    }
    const auto wanted = web_hook_signature(secret, id, *timestamp, body);
    if (!has_signature(headers.value_or("webhook-signature", ""), wanted)) {
        return "its signature does not match";
    }
    return std::nullopt;
}

void WebHookChannel::send(const Event& event, const std::stop_token& stop, Deadline deadline) {
    auto body = json::serialize(event_json(event));
    auto headers = web_hook_headers(options_, event.key, clock_.now(), body);
    headers.add("Content-Type", "application/json");
    headers.add("Idempotency-Key", event.key);
    post(client_, options_.url, std::move(headers), std::move(body), stop, deadline);
}

}  // namespace kiln::notify
