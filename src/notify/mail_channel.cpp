#include "notify/mail_channel.hpp"

#include "base/utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::notify {

namespace {

constexpr std::size_t kMostSubject = 200;  ///< bytes

/// What may be a line of a header: whatever stood in an event's fields.
std::string one_line(std::string text) {
    text = to_utf8(text);
    for (auto& c : text) {
        c = static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
    }
    if (text.size() > kMostSubject) {
        text.resize(utf8_floor(text, kMostSubject));
        text += "…";
    }
    return text;
}

std::string body_of(const Event& event, const std::string& text) {
    auto body = text + "\n\n";
    const auto document = event_json(event);
    for (const auto& [key, value] : document.at("data").as_object()) {
        body += fmt::format("{}: {}\n", std::string_view{key}, std::string_view{value.as_string()});
    }
    return body + fmt::format("time: {}\n", format_time(event.time));
}

}  // namespace

Mail mail_of(const Event& event, const MailOptions& options, const Texts& texts) {
    const auto text = texts.render(event, Markup::plain);
    return {
        .from = options.from,
        .to = options.to,
        .subject = one_line("[kiln] " + text),
        .body = body_of(event, text),
        .id = event.key,
        .kind = std::string{to_string(event.kind)},
        .time = event.time};
}

void MailChannel::send(const Event& event, const std::stop_token& stop, Deadline deadline) {
    net::SmtpMail mail;
    mail.from = options_.from.address;
    for (const auto& address : options_.to) {
        mail.to.push_back(address.address);
    }
    mail.text = mail_text(mail_of(event, options_, texts_));
    mail.deadline = deadline;
    net::send_mail(options_.server, mail, stop);
}

}  // namespace kiln::notify
