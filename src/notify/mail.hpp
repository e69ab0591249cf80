#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Mails as RFC 5322 and MIME have them.
namespace kiln::notify {

/// "kiln@example.org", or "Kiln of the build farm <kiln@example.org>".
struct MailAddress {
    std::string name;  ///< any UTF-8 without control characters; "": none
    std::string address;
};

/// @throws Error  invalid: no address, or characters that could begin another header field
[[nodiscard]] MailAddress parse_mail_address(std::string_view text);

struct Mail {
    MailAddress from;
    std::vector<MailAddress> to;
    std::string subject;  ///< one line
    std::string body;     ///< plain text, UTF-8, lines ended by "\n"
    std::string id;       ///< of the event: the same one, the same Message-ID
    std::string kind;     ///< of the event
    TimePoint time;
};

/// A text of a header field: as it is while it is printable ASCII, else encoded words (RFC 2047),
/// folded. Pure. @throws Error  invalid: a control character, such as a line's end
[[nodiscard]] std::string header_text(std::string_view text, std::size_t already_on_line);

/// Quoted-printable (RFC 2045, 6.7) with lines ended by CRLF. Pure.
[[nodiscard]] std::string quoted_printable(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 +0000". Pure.
[[nodiscard]] std::string mail_date(TimePoint time);

/// Header and body, ready to be sent. Pure. @throws Error  invalid: as header_text
[[nodiscard]] std::string mail_text(const Mail& mail);

}  // namespace kiln::notify
