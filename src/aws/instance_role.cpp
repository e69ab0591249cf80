#include "aws/instance_role.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

#include <fmt/format.h>

namespace kiln::aws {

namespace {

/// Elsewhere than on EC2 nobody answers at that address: not worth a long wait.
constexpr std::chrono::seconds kAnswer{2};
/// Asked anew so long before they run out. EC2 has new ones at least five minutes before.
constexpr std::chrono::minutes kMargin{5};
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";

std::string first_line(const std::string& text) {
    return text.substr(0, text.find_first_of("\r\n"));
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        throw Error{
            ErrorKind::denied, fmt::format("the instance's metadata service gives no {}", name)};
    }
    return std::string{value->get_string()};
}

}  // namespace

std::optional<std::string> metadata_endpoint(const Variables& environment) {
    if (variable(environment, "AWS_EC2_METADATA_DISABLED").value_or("") == "true") {
        return std::nullopt;
    }
    auto endpoint = variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT")
                        .value_or("http://169.254.169.254");
    while (endpoint.ends_with('/')) {
        endpoint.pop_back();
    }
    return endpoint;
}

net::ClientResponse InstanceRole::ask(
    std::string_view method, std::string_view path, net::Headers headers
) const {
    net::ClientRequest request{
        .method = std::string{method},
        .url = endpoint_ + std::string{path},
        .headers = std::move(headers),
        .deadline = Deadline::after(kAnswer)};
    auto response = transport_(request, {});
    if (response.status != 200) {
        throw Error{
            ErrorKind::denied,
            fmt::format(
                "the instance's metadata service answers {} for {}", response.status, path
            )};
    }
    return response;
}

InstanceRole::Keys InstanceRole::fetch() const {
    const auto token =
        ask("PUT", "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}}).body;
    const net::Headers with_token{{"X-aws-ec2-metadata-token", token}};
    const auto role = first_line(ask("GET", kRolePath, with_token).body);
    const auto answer = ask("GET", std::string{kRolePath} + role, with_token).body;
    boost::system::error_code not_json;
    const auto document = json::parse(answer, not_json);
    if (not_json || !document.is_object()) {
        throw Error{ErrorKind::denied, "the instance's metadata service gives no keys"};
    }
    const auto& keys = document.get_object();
    return {
        {text_of(keys, "AccessKeyId"), text_of(keys, "SecretAccessKey"), text_of(keys, "Token")},
        parse_time(text_of(keys, "Expiration"))};
}

Credentials InstanceRole::current() {
    // Held while asking: the others want the same answer.
    auto keys = keys_.lock();
    const auto now = clock_.now();
    if (*keys && now + kMargin < (*keys)->until) {
        return (*keys)->credentials;
    }
    try {
        *keys = fetch();
    } catch (const Error& error) {
        if (*keys && now < (*keys)->until) {
            return (*keys)->credentials;
        }
        throw Error{
            ErrorKind::denied,
            fmt::format("no keys of a role of this machine: {}", error.message())}
            .hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the instance a role");
    }
    return (*keys)->credentials;
}

void InstanceRole::expired(const Credentials& credentials) {
    auto keys = keys_.lock();
    if (*keys && (*keys)->credentials == credentials) {
        keys->reset();
    }
}

}  // namespace kiln::aws
