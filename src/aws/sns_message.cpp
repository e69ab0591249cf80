#include "aws/sns_signature.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

constexpr std::size_t kMostBytes = 1U << 20;  ///< SNS' own limit is 256 KiB of message
constexpr std::array<std::string_view, 3> kTypes{
    "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"};

/// "us-east-1", "us-gov-west-1". Not "s3-us-west-2": "sns.s3-us-west-2.amazonaws.com" is somebody's
/// bucket.
bool is_region(std::string_view text) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz-";
    constexpr std::string_view kDigits = "0123456789";
    const auto dash = text.rfind('-');
    if (text.size() < 2 || text.find('-') != 2 || dash == 2 || dash == std::string_view::npos) {
        return false;
    }
    const auto number = text.substr(dash + 1);
    return !number.empty() && number.find_first_not_of(kDigits) == std::string_view::npos &&
           text.substr(0, dash).find_first_not_of(kLetters) == std::string_view::npos;
}

/// "sns.us-east-1.amazonaws.com", and China's.
bool is_host_of_sns(std::string_view host) {
    constexpr std::string_view kStart = "sns.";
    if (!host.starts_with(kStart)) {
        return false;
    }
    host.remove_prefix(kStart.size());
    for (const std::string_view end : {".amazonaws.com", ".amazonaws.com.cn"}) {
        if (host.ends_with(end)) {
            return is_region(host.substr(0, host.size() - end.size()));
        }
    }
    return false;
}

std::optional<std::string> origin_problem(const net::Url& url) {
    if (url.scheme != "https") {
        return "it does not begin with https://";
    }
    if (!url.user.empty() || !url.password.empty() || url.port || !url.fragment.empty()) {
        return "it has a user, a port or a fragment";
    }
    if (!is_host_of_sns(url.host)) {
        return fmt::format("'{}' is not a host of SNS", url.host);
    }
    return std::nullopt;
}

template <class More>
std::optional<std::string> url_problem(std::string_view text, More more) {
    // Parsers differ in what they make of these; SNS' URLs have none.
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f' && c != '\\';
    });
    if (!plain) {
        return "it has characters that no URL has";
    }
    try {
        const auto url = net::parse_url(text);
        auto problem = origin_problem(url);
        return problem ? problem : more(url);
    } catch (const Error& error) {
        return error.message();
    }
}

void add_line(std::string& text, std::string_view key, std::string_view value) {
    text += key;
    text += '\n';
    text += value;
    text += '\n';
}

}  // namespace

SnsMessage parse_sns_message(std::string_view body) {
    const auto document = parse_json(body, kMostBytes);
    std::vector<Problem> problems;
    SnsMessage message;
    {
        ObjectReader reader{document, "", problems};
        const auto required = [&](std::string_view key) {
            return reader.string(key, ObjectReader::Need::required).value_or("");
        };
        message.type = required("Type");
        if (std::find(kTypes.begin(), kTypes.end(), message.type) == kTypes.end()) {
            reader.complain("Type", "is none of " + fmt::format("{}", fmt::join(kTypes, ", ")));
        }
        message.message_id = required("MessageId");
        message.topic_arn = required("TopicArn");
        message.message = required("Message");
        message.timestamp = required("Timestamp");
        message.signature_version = required("SignatureVersion");
        const auto& version = message.signature_version;
        if (!version.empty() && version != "1" && version != "2") {
            reader.complain("SignatureVersion", "is neither 1 nor 2");
        }
        message.signature = required("Signature");
        message.signing_cert_url = required("SigningCertURL");
        if (message.type == kTypes[0]) {
            message.subject = reader.string("Subject");
        } else {
            message.token = required("Token");
            message.subscribe_url = required("SubscribeURL");
        }
    }
    if (!problems.empty()) {
        throw Error{"this is not a message of SNS", std::move(problems)};
    }
    return message;
}

std::string sns_string_to_sign(const SnsMessage& message) {
    std::string text;
    add_line(text, "Message", message.message);
    add_line(text, "MessageId", message.message_id);
    if (message.type == kTypes[0]) {
        if (message.subject) {
            add_line(text, "Subject", *message.subject);
        }
        add_line(text, "Timestamp", message.timestamp);
    } else {
        add_line(text, "SubscribeURL", message.subscribe_url.value_or(""));
        add_line(text, "Timestamp", message.timestamp);
        add_line(text, "Token", message.token.value_or(""));
    }
    add_line(text, "TopicArn", message.topic_arn);
    add_line(text, "Type", message.type);
    return text;
}

std::optional<std::string> sns_url_problem(std::string_view url) {
    return url_problem(url, [](const net::Url&) -> std::optional<std::string> {
        return std::nullopt;
    });
}

std::optional<std::string> sns_certificate_url_problem(std::string_view url) {
    return url_problem(url, [](const net::Url& parsed) -> std::optional<std::string> {
        if (!parsed.path.ends_with(".pem") || !parsed.query.empty()) {
            return "it does not end in .pem";
        }
        return std::nullopt;
    });
}

}  // namespace kiln::aws
