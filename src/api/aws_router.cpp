#include "api/aws_router.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::api {

namespace {

constexpr std::string_view kTarget = "X-Amz-Target";
constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kAccountDigits = 12;

bool is_form(const net::Request& request) {
    return request.headers.value_or("Content-Type", "")
        .starts_with("application/x-www-form-urlencoded");
}

/// A parameter of the query or the form, as it was sent. Only for values that need no encoding.
std::string_view raw_parameter(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const auto piece = text.substr(0, text.find('&'));
        if (piece.size() > name.size() && piece.starts_with(name) && piece[name.size()] == '=') {
            return piece.substr(name.size() + 1);
        }
        text.remove_prefix(std::min(piece.size() + 1, text.size()));
    }
    return {};
}

std::string_view parameter(const net::Request& request, std::string_view name) {
    const auto value = raw_parameter(request.query(), name);
    return value.empty() && is_form(request) ? raw_parameter(request.body, name) : value;
}

/// "KEY/20261121/us-east-1/sqs/aws4_request": the fourth part, whichever way '/' is written.
std::string signing_name(const net::Request& request) {
    const auto header = request.headers.value_or("Authorization", "");
    auto credential = raw_parameter(request.query(), "X-Amz-Credential");
    if (header.starts_with(kAlgorithm)) {
        const auto at = header.find("Credential=");
        credential = at == std::string_view::npos ? std::string_view{} : header.substr(at + 11);
        credential = credential.substr(0, credential.find_first_of(", "));
    }
    std::string text{credential};
    for (std::size_t at = 0; (at = text.find("%2F", at)) != std::string::npos;) {
        text.replace(at, 3, "/");
    }
    std::string_view rest = text;
    for (int skipped = 0; skipped < 3; ++skipped) {
        const auto slash = rest.find('/');
        if (slash == std::string_view::npos) {
            return {};
        }
        rest.remove_prefix(slash + 1);
    }
    return std::string{rest.substr(0, rest.find('/'))};
}

/// "/123456789012/name"
bool is_account_path(std::string_view path) {
    if (path.size() < kAccountDigits + 2 || path[0] != '/' || path[kAccountDigits + 1] != '/') {
        return false;
    }
    const auto account = path.substr(1, kAccountDigits);
    return account.find_first_not_of("0123456789") == std::string_view::npos;
}

void answer_unknown(const net::Request& request, net::Responder responder, std::string id) {
    const bool json = request.headers.contains(kTarget);
    net::Response response{404, {{"x-amzn-RequestId", std::move(id)}}, ""};
    response.headers.add("Content-Type", json ? "application/x-amz-json-1.0" : "text/xml");
    response.body = json ? R"({"__type":"com.amazon.coral.service#UnknownOperationException"})"
                         : "<UnknownOperationException/>";
    responder.send(std::move(response));
}

}  // namespace

AwsRouter::AwsRouter(
    std::vector<std::unique_ptr<AwsService>> services, const AwsAuthenticator& authenticator
)
    : services_{std::move(services)}, authenticator_{authenticator} {}

bool AwsRouter::is_aws(const net::Request& request) {
    return request.headers.contains(kTarget) ||
           request.headers.value_or("Authorization", "").starts_with(kAlgorithm) ||
           !raw_parameter(request.query(), "X-Amz-Credential").empty() ||
           is_account_path(request.path()) || !parameter(request, "Action").empty();
}

AwsService* AwsRouter::find(const net::Request& request) const {
    const auto first = [&](const auto& matches) -> AwsService* {
        const auto at = std::find_if(services_.begin(), services_.end(), [&](const auto& service) {
            return matches(service->marks());
        });
        return at == services_.end() ? nullptr : at->get();
    };
    if (const auto target = request.headers.find(kTarget)) {
        return first([&](const AwsMarks& marks) { return target->starts_with(marks.target_prefix); }
        );
    }
    if (const auto name = signing_name(request); !name.empty()) {
        if (auto* const service =
                first([&](const AwsMarks& marks) { return marks.signing_name == name; })) {
            return service;
        }
    }
    if (is_account_path(request.path())) {
        return first([](const AwsMarks& marks) { return marks.account_paths; });
    }
    const auto version = parameter(request, "Version");
    return first([&](const AwsMarks& marks) { return marks.version == version; });
}

void AwsRouter::handle(net::Request request, net::Responder responder, std::string request_id)
    const {
    auto* const service = find(request);
    if (service == nullptr) {
        return answer_unknown(request, std::move(responder), std::move(request_id));
    }
    auto verdict = authenticator_.check(request, service->marks().signing_name);
    if (const auto* const failure = std::get_if<AuthFailure>(&verdict)) {
        return responder.send(service->deny(request, *failure, request_id));
    }
    service->serve(
        {std::move(request),
         std::move(responder),
         std::move(request_id),
         std::move(std::get<AwsAuthenticator::Caller>(verdict).access_key_id)}
    );
}

}  // namespace kiln::api
