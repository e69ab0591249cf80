#include "notify/mail.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/sha256.hpp"
#include "base/utf8.hpp"
#include "net/smtp.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::notify {

namespace {

constexpr std::string_view kEnd = "\r\n";
constexpr std::size_t kMostOfLine = 76;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return !is_control(c) && static_cast<unsigned char>(c) < 0x80;
    });
}

void refuse_controls(std::string_view text) {
    if (std::any_of(text.begin(), text.end(), is_control)) {
        throw Error{
            ErrorKind::invalid, "a mail's header may not have control characters in its texts"};
    }
}

/// "=?UTF-8?B?…?=", as many as are needed, each of whole characters, on lines of their own.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t kMostBytes = 42;  // 56 of base64 and 12 around them: below 75
    std::string out;
    while (!text.empty()) {
        const auto size = text.size() <= kMostBytes ? text.size() : utf8_floor(text, kMostBytes);
        out += out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?";
        out += to_base64(text.substr(0, size)) + "?=";
        text.remove_prefix(size);
    }
    return out;
}

std::string shown(const MailAddress& address) {
    if (address.name.empty()) {
        return address.address;
    }
    if (!is_plain(address.name)) {
        return fmt::format("{} <{}>", header_text(address.name, 0), address.address);
    }
    std::string quoted;
    for (const char c : address.name) {
        quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    }
    return fmt::format("\"{}\" <{}>", quoted, address.address);
}

/// The same for the same event and sender, so that a mail that is sent twice is one to its readers.
std::string message_id(const Mail& mail) {
    const auto at = mail.from.address.find('@');
    return fmt::format("<kiln.{}{}>", sha256(mail.id).substr(0, 32), mail.from.address.substr(at));
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}{}", name, value, kEnd);
}

/// "=3D"
std::string quoted_byte(char c) {
    return fmt::format("={:02X}", static_cast<unsigned char>(c));
}

std::string quoted_line(std::string_view line) {
    std::string out;
    std::size_t column = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        const bool blank_at_end = (c == ' ' || c == '\t') && at + 1 == line.size();
        const bool plain = c == '\t' || (!is_control(c) && static_cast<unsigned char>(c) < 0x80);
        const auto piece = plain && c != '=' && !blank_at_end ? std::string{c} : quoted_byte(c);
        if (column + piece.size() >= kMostOfLine) {  // room for the '=' of a line that goes on
            out += "=\r\n";
            column = 0;
        }
        out += piece;
        column += piece.size();
    }
    return out;
}

}  // namespace

MailAddress parse_mail_address(std::string_view text) {
    refuse_controls(text);
    MailAddress out;
    const auto open = text.rfind('<');
    if (open != std::string_view::npos && text.ends_with('>')) {
        auto name = text.substr(0, open);
        while (name.ends_with(' ')) {
            name.remove_suffix(1);
        }
        if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"')) {
            name = name.substr(1, name.size() - 2);
        }
        out.name = name;
        text = text.substr(open + 1, text.size() - open - 2);
    }
    if (const auto problem = net::mail_address_problem(text)) {
        throw Error{ErrorKind::invalid, *problem};
    }
    if (!is_utf8(out.name)) {
        throw Error{ErrorKind::invalid, "the name of a mail address is not UTF-8"};
    }
    out.address = text;
    return out;
}

std::string header_text(std::string_view text, std::size_t already_on_line) {
    refuse_controls(text);
    if (is_plain(text) && already_on_line + text.size() <= kMostOfLine &&
        text.find("=?") == std::string_view::npos) {
        return std::string{text};
    }
    return encoded_words(to_utf8(text));
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        out += quoted_line(text.substr(0, end));
        if (end == std::string_view::npos) {
            break;
        }
        out += kEnd;
        text.remove_prefix(end + 1);
    }
    return out;
}

std::string mail_date(TimePoint time) {
    constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
    return fmt::format(
        "{}, {:02} {} {} {:02}:{:02}:{:02} +0000",
        kDays.at(std::chrono::weekday{day}.c_encoding()),
        static_cast<unsigned>(date.day()),
        kMonths.at(static_cast<unsigned>(date.month()) - 1),
        static_cast<int>(date.year()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count()
    );
}

std::string mail_text(const Mail& mail) {
    std::string to;
    for (const auto& address : mail.to) {
        to += to.empty() ? "" : ",\r\n ";
        to += shown(address);
    }
    constexpr std::size_t kSubject = sizeof "Subject: " - 1;
    std::string out;
    add_field(out, "Date", mail_date(mail.time));
    add_field(out, "From", shown(mail.from));
    add_field(out, "To", to);
    add_field(out, "Subject", header_text(mail.subject, kSubject));
    add_field(out, "Message-ID", message_id(mail));
    add_field(out, "Auto-Submitted", "auto-generated");  // RFC 3834: nobody's holiday answers it
    add_field(out, "X-Kiln-Event", header_text(mail.kind, 0));
    add_field(out, "MIME-Version", "1.0");
    add_field(out, "Content-Type", "text/plain; charset=utf-8");
    add_field(out, "Content-Transfer-Encoding", "quoted-printable");
    out += kEnd;
    out += quoted_printable(to_utf8(mail.body));
    if (!out.ends_with(kEnd)) {
        out += kEnd;
    }
    return out;
}

}  // namespace kiln::notify
