#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::net {

/// An absolute URL with a host, taken apart. Text is as written, not percent-decoded.
struct Url {
    std::string scheme;  ///< lower case
    std::string user;    ///< secret, with the password
    std::string password;
    std::string host;  ///< lower case; an IPv6 address without its brackets
    std::optional<std::uint16_t> port;
    std::string path;      ///< begins with '/'
    std::string query;     ///< without '?'; may hold secrets
    std::string fragment;  ///< without '#'

    /// What may be shown: neither user nor query nor fragment.
    [[nodiscard]] std::string shown() const;
    /// What is asked for: without user and fragment.
    [[nodiscard]] std::string target() const;
    /// This machine: localhost, 127.0.0.0/8, ::1.
    [[nodiscard]] bool loopback() const;
    [[nodiscard]] bool same_origin(const Url& other) const;
};

/// @throws Error  invalid: not a URL; the message does not repeat it, since it may hold secrets
[[nodiscard]] Url parse_url(std::string_view text);

/// May kiln fetch from there? https, or http to this machine. nullopt: yes, else what is wrong.
[[nodiscard]] std::optional<std::string> fetch_problem(const Url& url);

/// %41 -> A. A percent sign without two hex digits stays.
[[nodiscard]] std::string percent_decoded(std::string_view text);

}  // namespace kiln::net
