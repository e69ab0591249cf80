#include "notify/post.hpp"

#include "base/utf8.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include <fmt/format.h>

namespace kiln::notify {

namespace {

constexpr std::size_t kMostRepeated = 200;  ///< bytes of an answer's body in a message

std::string first_words(std::string body) {
    body.resize(std::min(body.size(), kMostRepeated));
    for (auto& c : body) {
        c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    while (body.ends_with(' ')) {
        body.pop_back();
    }
    return to_utf8(body);
}

ErrorKind kind_of(unsigned status) {
    if (status == 401 || status == 403 || status == 407) {
        return ErrorKind::denied;
    }
    if (status == 404 || status == 410) {
        return ErrorKind::not_found;
    }
    if (status == 429) {
        return ErrorKind::exhausted;
    }
    if (status == 408 || status == 425 || status >= 500) {
        return ErrorKind::unavailable;
    }
    return ErrorKind::invalid;
}

/// The same failure, without the URL's path.
Error without_path(const Error& error, const net::Url& url) {
    auto message = error.message();
    const auto shown = url.shown();
    for (auto at = message.find(shown); at != std::string::npos; at = message.find(shown, at)) {
        message.replace(at, shown.size(), url.host);
    }
    Error out{error.kind(), std::move(message)};
    if (!error.hint().empty()) {
        out = std::move(out).hint(error.hint());
    }
    return error.retry_after() ? std::move(out).retry_after(*error.retry_after()) : out;
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(
    std::string_view text, std::chrono::sys_seconds now
) {
    std::uint32_t seconds = 0;
    const auto* end = text.data() + text.size();
    if (const auto [at, error] = std::from_chars(text.data(), end, seconds);
        error == std::errc{} && at == end) {
        return std::chrono::seconds{seconds};
    }
    std::tm date{};
    const std::string copy{text};
    const char* rest = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (rest == nullptr || *rest != '\0') {
        return std::nullopt;
    }
    const std::chrono::sys_seconds then{std::chrono::seconds{::timegm(&date)}};
    return std::max(then - now, std::chrono::seconds{0});
}

std::optional<Error> post_failure(
    const net::ClientResponse& response, const std::string& host, std::chrono::sys_seconds now
) {
    if (response.status >= 200 && response.status < 300) {
        return std::nullopt;
    }
    const auto said = first_words(response.body);
    Error error{
        kind_of(response.status),
        fmt::format("{} answers {}{}{}", host, response.status, said.empty() ? "" : ": ", said)};
    const auto after = response.headers.find("Retry-After");
    const auto wait = after ? parse_retry_after(*after, now) : std::nullopt;
    return wait ? std::move(error).retry_after(*wait) : error;
}

void post(
    net::HttpClient& client,
    const std::string& url,
    net::Headers headers,
    std::string body,
    const std::stop_token& stop,
    Deadline deadline
) {
    const auto parsed = net::parse_url(url);
    net::ClientResponse response;
    try {
        response = client.send(
            {.method = "POST",
             .url = url,
             .headers = std::move(headers),
             .body = std::move(body),
             .deadline = deadline},
            stop
        );
    } catch (const Error& error) {
        throw without_path(error, parsed);
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (auto failure = post_failure(response, parsed.host, now)) {
        throw *failure;
    }
}

}  // namespace kiln::notify
