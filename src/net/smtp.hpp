#pragma once

#include "base/deadline.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::net {

/// A server that takes mail.
struct SmtpServer {
    enum class Tls {
        starttls,  ///< asked for after the greeting, and nothing is said without it
        implicit,  ///< from the first byte, usually port 465
        none,
    };

    std::string host;
    std::uint16_t port = 587;
    Tls tls = Tls::starttls;
    std::string user;  ///< "": no AUTH
    std::string password;
    /// In place of the system's certificates (which CURL_CA_BUNDLE and SSL_CERT_FILE name too).
    std::optional<std::filesystem::path> authorities;
};

struct SmtpMail {
    std::string from;  ///< addresses without names: "kiln@example.org"
    std::vector<std::string> to;
    std::string text;  ///< header and body, lines ended by CRLF
    Deadline deadline = Deadline::never();
};

/// What is wrong with a bare address; nullopt: nothing. ASCII, one '@', nothing that could end a
/// line or an envelope's address.
[[nodiscard]] std::optional<std::string> mail_address_problem(std::string_view address);

/// Hands a mail to a server for all of its recipients. Blocks. A server that refuses one of them
/// gets nothing.
/// @throws Error  invalid: an address, or the server refused for good (5xx) · denied: certificate,
///                no STARTTLS, login; a password without TLS to another machine ·
///                unavailable: no answer, or the server refused for now (4xx) · timed_out ·
///                cancelled
void send_mail(const SmtpServer& server, const SmtpMail& mail, const std::stop_token& stop);

}  // namespace kiln::net
