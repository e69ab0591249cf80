#include "aws/queue_url.hpp"

#include "aws/location.hpp"
#include "base/error.hpp"
#include "net/url.hpp"
#include "ports/queue_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

template <class Kind>
bool made_of(std::string_view text, Kind kind) {
    return !text.empty() && std::all_of(text.begin(), text.end(), kind);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

[[noreturn]] void refuse(std::string what) {
    throw Error{ErrorKind::invalid, std::move(what)}.hint(
        "a queue's URL looks like https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"
    );
}

/// "sqs.eu-west-1.amazonaws.com" -> "eu-west-1"; "" of another host.
std::string region_of(std::string_view host) {
    constexpr std::string_view before = "sqs.";
    if (!host.starts_with(before)) {
        return "";
    }
    const auto rest = host.substr(before.size());
    const std::string region{rest.substr(0, rest.find('.'))};
    return regional_endpoint("sqs", region) == fmt::format("https://{}", host) ? region : "";
}

}  // namespace

QueueUrl parse_queue_url(std::string_view text) {
    const auto url = net::parse_url(text);
    const bool plain =
        url.user.empty() && url.password.empty() && url.query.empty() && url.fragment.empty();
    if ((url.scheme != "https" && url.scheme != "http") || !plain) {
        refuse("a queue's URL begins with https:// or http://, and has no user, '?' or '#'");
    }
    const auto path = std::string_view{url.path}.substr(1);
    const auto slash = path.find('/');
    const auto account = path.substr(0, slash);
    if (slash == std::string_view::npos || account.size() != 12 || !made_of(account, is_digit)) {
        refuse("after the host of a queue's URL stand an account number of 12 digits and a name");
    }
    const auto name = path.substr(slash + 1);
    if (auto problem = ports::queue_name_problem(name)) {
        refuse(std::move(*problem));
    }
    // As written, since it is what is signed and compared; `text` begins with both.
    const auto host_at = url.scheme.size() + 3;
    const auto endpoint = text.substr(0, text.find('/', host_at));
    return {
        std::string{endpoint},
        url.scheme == "https" && !url.port ? region_of(url.host) : "",
        std::string{account},
        std::string{name}};
}

}  // namespace kiln::aws
