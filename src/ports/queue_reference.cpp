#include "ports/queue_reference.hpp"

#include "base/error.hpp"
#include "ports/queue_rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace kiln::ports {

namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error{
        ErrorKind::invalid,
        fmt::format(
            "'{}' is no queue: {}; one looks like web-42-replies, sqs:NAME, or "
            "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME, redis://HOST/0#NAME",
            text,
            why
        )};
}

void check_name(std::string_view text, std::string_view name) {
    if (const auto problem = queue_name_problem(name)) {
        refuse(text, *problem);
    }
}

/// The part between "://" and the first '/', '#' or '?'.
std::string_view authority_of(std::string_view url) {
    const auto rest = url.substr(url.find("://") + 3);
    return rest.substr(0, rest.find_first_of("/#?"));
}

void check_host(std::string_view text) {
    const auto authority = authority_of(text);
    const auto at = authority.rfind('@');
    const auto host = at == std::string_view::npos ? authority : authority.substr(at + 1);
    const bool graphic =
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (host.empty() || host.front() == ':' || !graphic) {
        refuse(text, "its URL has no host, or characters that a URL does not have");
    }
}

QueueReference parse_http(std::string_view text) {
    check_host(text);
    if (authority_of(text).find('@') != std::string_view::npos) {
        refuse("https://…", "user and password do not belong into its URL");
    }
    if (text.find_first_of("?#") != std::string_view::npos) {
        refuse(text, "a queue's URL has neither '?' nor '#'");
    }
    const auto path = text.substr(text.find("://") + 3);
    const auto slash = path.rfind('/');
    const auto name = slash == std::string_view::npos ? "" : path.substr(slash + 1);
    check_name(text, name);
    return {QueueDriver::sqs, std::string{text}, std::string{name}};
}

QueueReference parse_broker(QueueDriver driver, std::string_view text) {
    check_host(text);
    const auto hash = text.rfind('#');
    if (hash == std::string_view::npos) {
        refuse(text.substr(0, text.find("://")), "'#' and the queue's name stand at its end");
    }
    check_name(text.substr(hash), text.substr(hash + 1));
    return {driver, std::string{text.substr(0, hash)}, std::string{text.substr(hash + 1)}};
}

}  // namespace

QueueReference parse_queue_reference(std::string_view text) {
    using enum QueueDriver;
    if (text.starts_with("https://") || text.starts_with("http://")) {
        return parse_http(text);
    }
    for (const auto& [scheme, driver] :
         {std::pair{std::string_view{"redis://"}, redis},
          std::pair{std::string_view{"rediss://"}, redis},
          std::pair{std::string_view{"amqp://"}, amqp}}) {
        if (text.starts_with(scheme)) {
            return parse_broker(driver, text);
        }
    }
    QueueReference queue;
    auto name = text;
    if (text.starts_with("kiln:")) {
        name.remove_prefix(5);
    } else if (text.starts_with("sqs:")) {
        queue.driver = sqs;
        name.remove_prefix(4);
    }
    check_name(text, name);
    queue.name = name;
    return queue;
}

std::string QueueReference::str() const {
    switch (driver) {
        case QueueDriver::embedded:
            return "kiln:" + name;
        case QueueDriver::sqs:
            return place.empty() ? "sqs:" + name : place;
        case QueueDriver::redis:
        case QueueDriver::amqp:
            return place + "#" + name;
    }
    return name;
}

std::string QueueReference::shown() const {
    auto text = str();
    const auto start = text.find("://");
    if (start == std::string::npos) {
        return text;
    }
    const auto authority = authority_of(text);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        text.erase(start + 3, at + 1);
    }
    return text;
}

}  // namespace kiln::ports
