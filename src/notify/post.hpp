#pragma once

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "net/client.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace kiln::notify {

/// "120", or a date as HTTP has it: how long to wait, at least 0; nullopt: neither. Pure.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(
    std::string_view text, std::chrono::sys_seconds now
);

/// What an answer to a POST means: nullopt for 2xx. It repeats the first words of the answer. Pure.
[[nodiscard]] std::optional<Error> post_failure(
    const net::ClientResponse& response, const std::string& host, std::chrono::sys_seconds now
);

/// POSTs to a URL that is itself a secret: of it, messages show the host alone.
/// @throws Error  as post_failure and net::HttpClient have it
void post(
    net::HttpClient& client,
    const std::string& url,
    net::Headers headers,
    std::string body,
    const std::stop_token& stop,
    Deadline deadline
);

}  // namespace kiln::notify
