#include "net/url.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kiln::net {

namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

[[noreturn]] void refuse(std::string_view why) {
    throw Error{ErrorKind::invalid, fmt::format("not a URL that can be fetched: {}", why)};
}

std::string lower(std::string_view text) {
    std::string out{text};
    for (auto& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

/// Cuts `text` at the first `mark` and returns what comes after it, "" when there is none.
std::string_view cut(std::string_view& text, char mark) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto after = text.substr(at + 1);
    text = text.substr(0, at);
    return after;
}

void parse_host(std::string_view text, Url& url) {
    std::string_view port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) {
            refuse("'[' without ']' in its host");
        }
        url.host = lower(text.substr(1, end - 1));
        if (url.host.empty() ||
            url.host.find_first_not_of("0123456789abcdef:.") != std::string::npos) {
            refuse("its host is not an IPv6 address");
        }
        text.remove_prefix(end + 1);
        if (!text.empty() && text.front() != ':') {
            refuse("text after the ']' of its host");
        }
        port = text.empty() ? text : text.substr(1);
    } else {
        port = cut(text, ':');
        url.host = lower(text);
        if (url.host.empty()) {
            refuse("it has no host");
        }
        const auto allowed = std::string{kLetters} + std::string{kDigits} + "-._";
        if (url.host.find_first_not_of(allowed) != std::string::npos) {
            refuse("its host may hold letters, digits, '-', '.' and '_'");
        }
    }
    if (!port.empty()) {
        std::uint16_t number = 0;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (error != std::errc{} || end != port.data() + port.size() || number == 0) {
            refuse("its port must be a number from 1 to 65535");
        }
        url.port = number;
    }
}

std::uint16_t port_of(const Url& url) {
    return url.port.value_or(url.scheme == "http" ? std::uint16_t{80} : std::uint16_t{443});
}

std::string base_of(const Url& url) {
    const bool v6 = url.host.find(':') != std::string::npos;
    return fmt::format(
        "{}://{}{}{}",
        url.scheme,
        v6 ? fmt::format("[{}]", url.host) : url.host,
        url.port ? fmt::format(":{}", *url.port) : "",
        url.path
    );
}

}  // namespace

std::string Url::shown() const {
    return base_of(*this);
}

std::string Url::target() const {
    return base_of(*this) + (query.empty() ? "" : "?" + query);
}

bool Url::loopback() const {
    if (host == "localhost" || host == "::1") {
        return true;
    }
    // 127.0.0.0/8 as four plain numbers: "127.example.org" is not among them.
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos &&
           std::count(host.begin(), host.end(), '.') == 3;
}

bool Url::same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port_of(*this) == port_of(other);
}

Url parse_url(std::string_view text) {
    const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>';
    });
    if (!printable) {
        refuse("blanks, control characters, quotes, backslashes and others must be percent-encoded"
        );
    }
    Url url;
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos || scheme_end == 0) {
        refuse("it does not begin with a scheme, https://");
    }
    url.scheme = lower(text.substr(0, scheme_end));
    text.remove_prefix(scheme_end + 3);
    url.fragment = cut(text, '#');
    url.query = cut(text, '?');
    const auto path = text.find('/');
    url.path = path == std::string_view::npos ? "/" : text.substr(path);
    auto authority = text.substr(0, path);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        auto user = authority.substr(0, at);
        url.password = cut(user, ':');
        url.user = user;
        authority.remove_prefix(at + 1);
    }
    parse_host(authority, url);
    return url;
}

std::optional<std::string> fetch_problem(const Url& url) {
    if (url.scheme == "https" || (url.scheme == "http" && url.loopback())) {
        return std::nullopt;
    }
    if (url.scheme == "http") {
        return "http:// is for this machine alone (localhost); use https://";
    }
    return fmt::format("scheme {}:// cannot be fetched; use https://", url.scheme);
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        const char* first = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(first, first + 2, value, 16).ptr == first + 2) {
            out += static_cast<char>(value);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace kiln::net
