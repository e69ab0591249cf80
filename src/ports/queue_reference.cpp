#include "ports/queue_reference.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::ports {

namespace {

constexpr std::string_view kFifo = ".fifo";
constexpr std::size_t kLongestName = 80;
constexpr std::string_view kForms =
    "kiln:NAME, sqs:NAME, or https://sqs.REGION.amazonaws.com/ACCOUNT/NAME";

bool all_of_kind(std::string_view text, bool (*kind)(char)) {
    return !text.empty() && std::all_of(text.begin(), text.end(), kind);
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool region_character(char c) {
    return (c >= 'a' && c <= 'z') || digit(c) || c == '-';
}

[[noreturn]] void refuse(std::string message) {
    throw Error{ErrorKind::invalid, std::move(message)}.hint(fmt::format("write {}", kForms));
}

/// "sqs.eu-west-1.amazonaws.com" -> "eu-west-1"; "" for another host.
std::string_view region_of_host(std::string_view host) {
    constexpr std::string_view before = "sqs.";
    if (!host.starts_with(before)) {
        return {};
    }
    host.remove_prefix(before.size());
    for (const std::string_view domain :
         {".amazonaws.com",
          ".amazonaws.com.cn",
          ".amazonaws.eu",
          ".c2s.ic.gov",
          ".sc2s.sgov.gov",
          ".csp.hci.ic.gov"}) {
        if (host.ends_with(domain)) {
            const auto region = host.substr(0, host.size() - domain.size());
            return all_of_kind(region, region_character) ? region : std::string_view{};
        }
    }
    return {};
}

QueueReference of_url(std::string_view text) {
    constexpr std::string_view scheme = "https://";
    const auto rest = text.substr(scheme.size());
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto region = region_of_host(rest.substr(0, slash));
    if (region.empty()) {
        refuse("a queue's URL must be one of SQS");
    }
    const auto path = rest.substr(std::min(slash + 1, rest.size()));
    const auto middle = std::min(path.find('/'), path.size());
    const auto account = path.substr(0, middle);
    const auto name = path.substr(std::min(middle + 1, path.size()));
    if (account.size() != 12 || !all_of_kind(account, digit)) {
        refuse("a queue's URL must have an account number of 12 digits and a name after its host");
    }
    if (const auto problem = queue_name_problem(name)) {
        refuse(*problem);
    }
    return {QueueDriver::sqs, std::string{name}, std::string{region}, std::string{text}};
}

}  // namespace

std::string_view to_string(QueueDriver driver) noexcept {
    switch (driver) {
        case QueueDriver::kiln:
            return "kiln";
        case QueueDriver::sqs:
            return "sqs";
    }
    return "?";
}

bool is_fifo(std::string_view queue_name) noexcept {
    return queue_name.ends_with(kFifo);
}

std::optional<std::string> queue_name_problem(std::string_view name) {
    const auto stem = is_fifo(name) ? name.substr(0, name.size() - kFifo.size()) : name;
    const bool good = name.size() <= kLongestName && all_of_kind(stem, [](char c) {
                          return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || digit(c) ||
                                 c == '-' || c == '_';
                      });
    if (good) {
        return std::nullopt;
    }
    return fmt::format(
        "a queue's name is 1 to {} of A-Z, a-z, 0-9, '-' and '_', with '.fifo' at the end of a "
        "FIFO "
        "queue's",
        kLongestName
    );
}

std::string QueueReference::str() const {
    return url.empty() ? fmt::format("{}:{}", to_string(driver), name) : url;
}

QueueReference parse_queue_reference(std::string_view text) {
    if (text.starts_with("https://")) {
        return of_url(text);
    }
    const auto colon = text.find(':');
    const auto scheme = colon == std::string_view::npos ? "kiln" : text.substr(0, colon);
    const auto name = colon == std::string_view::npos ? text : text.substr(colon + 1);
    QueueReference out;
    if (scheme == "sqs") {
        out.driver = QueueDriver::sqs;
    } else if (scheme != "kiln") {
        // Only the scheme: the rest may hold a password.
        const bool word = all_of_kind(scheme, region_character) && scheme.size() <= 20;
        refuse(
            word ? fmt::format("there are no queues of the kind '{}:'", scheme)
                 : "this is not a queue's name"
        );
    }
    if (const auto problem = queue_name_problem(name)) {
        refuse(*problem);
    }
    out.name = name;
    return out;
}

}  // namespace kiln::ports
