#include "net/smtp.hpp"

#include "base/utf8.hpp"
#include "net/curl_transfer.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace kiln::net {

namespace {

constexpr long kConnectSeconds = 30;
constexpr long kAnswerSeconds = 60;        ///< for each answer
constexpr std::size_t kMostAddress = 254;  ///< RFC 5321, 4.5.3.1.3
constexpr std::size_t kMostSaid = 300;     ///< of the server's words in a message

/// The mail as libcurl reads it, and the last refusal: not the last reply, which is the one to the
/// goodbye.
struct Exchange {
    std::string_view left;
    std::string refusal = {};
};

std::size_t on_read(char* out, std::size_t one, std::size_t count, void* self) {
    auto& left = static_cast<Exchange*>(self)->left;
    const auto size = std::min(left.size(), one * count);
    std::memcpy(out, left.data(), size);
    left.remove_prefix(size);
    return size;
}

std::size_t on_reply(char* bytes, std::size_t one, std::size_t count, void* self) {
    const std::string_view line{bytes, one * count};
    if (line.starts_with('4') || line.starts_with('5')) {
        static_cast<Exchange*>(self)->refusal = line.substr(0, kMostSaid);
    }
    return line.size();
}

std::size_t on_body(char*, std::size_t one, std::size_t count, void*) {
    return one * count;
}

/// The server's last line, as it may stand in a message.
std::string shown(std::string said) {
    for (auto& c : said) {
        c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    while (said.ends_with(' ')) {
        said.pop_back();
    }
    return to_utf8(said);
}

class Recipients {
  public:
    explicit Recipients(const std::vector<std::string>& to) {
        for (const auto& address : to) {
            auto* first = curl_.slist_append(first_, address.c_str());
            if (first == nullptr) {
                curl_.slist_free_all(first_);
                throw std::bad_alloc{};
            }
            first_ = first;
        }
    }

    Recipients(const Recipients&) = delete;
    Recipients& operator=(const Recipients&) = delete;

    ~Recipients() { curl_.slist_free_all(first_); }

    [[nodiscard]] curl_slist* get() const { return first_; }

  private:
    const CurlLibrary& curl_ = CurlLibrary::get();
    curl_slist* first_ = nullptr;
};

/// As a URL; what is no host is refused by its parser.
Url url_of(const SmtpServer& server) {
    const bool v6 = server.host.find(':') != std::string::npos;
    return parse_url(fmt::format(
        "{}://{}{}{}:{}/",
        server.tls == SmtpServer::Tls::implicit ? "smtps" : "smtp",
        v6 ? "[" : "",
        server.host,
        v6 ? "]" : "",
        server.port
    ));
}

void check(const SmtpServer& server, const SmtpMail& mail, const Url& url) {
    auto all = mail.to;
    all.push_back(mail.from);
    for (const auto& address : all) {
        if (const auto problem = mail_address_problem(address)) {
            throw Error{ErrorKind::invalid, *problem};
        }
    }
    if (mail.to.empty()) {
        throw Error{ErrorKind::invalid, "a mail needs somebody to go to"};
    }
    if (server.tls == SmtpServer::Tls::none && !server.user.empty() && !url.loopback()) {
        throw Error{ErrorKind::denied, "a password is not sent to another machine without TLS"};
    }
}

void configure(
    CurlTransfer& transfer,
    const SmtpServer& server,
    const SmtpMail& mail,
    const Url& url,
    Exchange& exchange
) {
    transfer.set(CURLOPT_URL, url.target().c_str());
    transfer.set(CURLOPT_PROTOCOLS_STR, url.scheme.c_str());
    transfer.set(CURLOPT_NOSIGNAL, 1L);
    transfer.set(CURLOPT_NOPROXY, "*");
    transfer.set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    transfer.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, kAnswerSeconds);
    transfer.set(CURLOPT_FORBID_REUSE, 1L);  // its goodbye has that time-out, too
    transfer.set_trust(server.authorities);
    const bool starttls = server.tls == SmtpServer::Tls::starttls;
    transfer.set(CURLOPT_USE_SSL, static_cast<long>(starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (!server.user.empty()) {
        transfer.set(CURLOPT_USERNAME, server.user.c_str());
        transfer.set(CURLOPT_PASSWORD, server.password.c_str());
    }
    transfer.set(CURLOPT_MAIL_FROM, mail.from.c_str());
    transfer.set(CURLOPT_UPLOAD, 1L);
    transfer.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.text.size()));
    transfer.set(CURLOPT_READFUNCTION, &on_read);
    transfer.set(CURLOPT_READDATA, &exchange);
    transfer.set(CURLOPT_HEADERFUNCTION, &on_reply);
    transfer.set(CURLOPT_HEADERDATA, &exchange);
    transfer.set(CURLOPT_WRITEFUNCTION, &on_body);
}

/// What the server's refusal means; what libcurl made of it, where it did not refuse.
Error meaning(const Error& error, const std::string& refusal) {
    const auto code = std::string_view{refusal}.substr(0, 3);
    if (code.empty() || error.kind() == ErrorKind::cancelled ||
        error.kind() == ErrorKind::timed_out) {
        return error;
    }
    const bool of_login = code == "530" || code == "534" || code == "535" || code == "538";
    const auto kind = of_login              ? ErrorKind::denied
                      : code.front() == '5' ? ErrorKind::invalid
                                            : ErrorKind::unavailable;
    return {kind, fmt::format("{} ({})", error.message(), shown(refusal))};
}

}  // namespace

std::optional<std::string> mail_address_problem(std::string_view address) {
    const bool plain = std::all_of(address.begin(), address.end(), [](char c) {
        return c > ' ' && c < '\x7f' &&
               std::string_view{"<>()[]\\,;:\""}.find(c) == std::string::npos;
    });
    const auto at = address.find('@');
    const bool good = plain && address.size() <= kMostAddress && at != std::string_view::npos &&
                      at != 0 && at + 1 != address.size() &&
                      address.find('@', at + 1) == std::string_view::npos;
    return good ? std::nullopt
                : std::optional{fmt::format(
                      "'{}' is not a mail address; one looks like kiln@example.org",
                      shown(std::string{address.substr(0, kMostAddress)})
                  )};
}

void send_mail(const SmtpServer& server, const SmtpMail& mail, const std::stop_token& stop) {
    const auto url = url_of(server);
    check(server, mail, url);
    Exchange exchange{mail.text};
    const Recipients recipients{mail.to};
    CurlTransfer transfer;
    configure(transfer, server, mail, url, exchange);
    transfer.set(CURLOPT_MAIL_RCPT, recipients.get());
    try {
        transfer.run("the mail's way", stop, mail.deadline);
    } catch (const Error& error) {
        throw meaning(error, exchange.refusal)
            .while_(fmt::format("hand the mail to {}:{}", server.host, server.port));
    }
}

}  // namespace kiln::net
