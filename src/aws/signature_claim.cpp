#include "aws/signature_claim.hpp"

#include "aws/timestamp.hpp"
#include "base/error.hpp"
#include "net/http.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

constexpr std::string_view kSignatureParameter = "X-Amz-Signature";
constexpr std::string_view kTokenParameter = "X-Amz-Security-Token";

/// The longest that a URL may be good for: AWS' limit, 7 days.
constexpr std::int64_t kLongestExpiry = 604'800;

[[noreturn]] void malformed(std::string message) {
    throw Error{ErrorKind::invalid, std::move(message)};
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(at);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

const std::string* header(const SignableRequest& request, std::string_view name) {
    const auto found =
        std::find_if(request.headers.begin(), request.headers.end(), [&](const Field& field) {
            return net::same_name(field.first, name);
        });
    return found == request.headers.end() ? nullptr : &found->second;
}

using Parameters = std::map<std::string, std::string, std::less<>>;

std::string take(const Parameters& parameters, std::string_view name, std::string_view where) {
    const auto found = parameters.find(name);
    if (found == parameters.end() || found->second.empty()) {
        malformed(fmt::format("{} requires '{}' parameter.", where, name));
    }
    return found->second;
}

/// KEY/DATE/REGION/SERVICE/aws4_request
void read_credential(std::string_view text, SignatureClaim& claim) {
    const auto parts = split(text, '/');
    const bool empty = std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
        return part.empty();
    });
    if (parts.size() != 5 || empty || parts[4] != "aws4_request" || parts[1].size() != 8) {
        malformed(
            "Credential must have exactly 5 slash-delimited elements, "
            "KEY/YYYYMMDD/REGION/SERVICE/aws4_request."
        );
    }
    claim.access_key_id = parts[0];
    claim.scope = {parts[1], parts[2], parts[3]};
}

void read_time(const std::string& text, SignatureClaim& claim) {
    const auto time = parse_basic_time(text);
    if (!time) {
        malformed(fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'.", text));
    }
    claim.timestamp = text;
    claim.signed_at = *time;
}

Parameters authorization_parameters(std::string_view text) {
    Parameters parameters;
    for (const auto& part : split(text, ',')) {
        const auto trimmed = canonical_value(part);
        const auto equals = trimmed.find('=');
        if (equals == std::string::npos ||
            !parameters.emplace(trimmed.substr(0, equals), trimmed.substr(equals + 1)).second) {
            malformed(
                "Authorization header must be 'AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, "
                "Signature=…'."
            );
        }
    }
    return parameters;
}

SignatureClaim claim_of_header(const SignableRequest& request, std::string_view parameters_text) {
    constexpr std::string_view where = "Authorization header";
    const auto parameters = authorization_parameters(parameters_text);
    SignatureClaim claim;
    claim.form = ClaimForm::header;
    read_credential(take(parameters, "Credential", where), claim);
    claim.signed_headers = split(take(parameters, "SignedHeaders", where), ';');
    claim.signature = take(parameters, "Signature", where);
    if (const auto* date = header(request, "X-Amz-Date")) {
        read_time(*date, claim);
    } else if (const auto* http = header(request, "Date")) {
        const auto time = parse_http_date(*http);
        read_time(time ? format_basic_time(*time) : *http, claim);
    } else {
        malformed(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        );
    }
    if (const auto* token = header(request, kTokenParameter)) {
        claim.session_token = *token;
    }
    return claim;
}

SignatureClaim claim_of_query(const Parameters& parameters) {
    constexpr std::string_view where = "AWS query-string parameters:";
    if (take(parameters, "X-Amz-Algorithm", where) != kAlgorithm) {
        malformed(fmt::format("X-Amz-Algorithm must be {}.", kAlgorithm));
    }
    SignatureClaim claim;
    claim.form = ClaimForm::query;
    read_credential(take(parameters, "X-Amz-Credential", where), claim);
    read_time(take(parameters, "X-Amz-Date", where), claim);
    claim.signed_headers = split(take(parameters, "X-Amz-SignedHeaders", where), ';');
    claim.signature = take(parameters, kSignatureParameter, where);
    const auto expires = take(parameters, "X-Amz-Expires", where);
    std::int64_t seconds = 0;
    const auto* const end = expires.data() + expires.size();
    const auto read = std::from_chars(expires.data(), end, seconds);
    if (read.ec != std::errc{} || read.ptr != end || seconds < 1 || seconds > kLongestExpiry) {
        malformed(fmt::format("X-Amz-Expires must be a number from 1 to {}.", kLongestExpiry));
    }
    claim.expires = std::chrono::seconds{seconds};
    if (const auto token = parameters.find(kTokenParameter); token != parameters.end()) {
        claim.session_token = token->second;
    }
    return claim;
}

std::string without_parameter(std::string_view query, std::string_view name) {
    std::string out;
    for (const auto& piece : split(query, '&')) {
        if (piece.substr(0, piece.find('=')) != name) {
            out += out.empty() ? "" : "&";
            out += piece;
        }
    }
    return out;
}

/// May a signature over these headers be believed?
bool covers_enough(const SignableRequest& request, const SignatureClaim& claim) {
    const auto& names = claim.signed_headers;
    return std::find(names.begin(), names.end(), "host") != names.end() &&
           std::all_of(names.begin(), names.end(), [&](const std::string& name) {
               return header(request, name) != nullptr;
           });
}

}  // namespace

std::optional<SignatureClaim> parse_claim(const SignableRequest& request) {
    if (const auto* authorization = header(request, "Authorization")) {
        const std::string_view text = *authorization;
        if (!text.starts_with(kAlgorithm) || text.substr(kAlgorithm.size(), 1) != " ") {
            return std::nullopt;
        }
        return claim_of_header(request, text.substr(kAlgorithm.size() + 1));
    }
    Parameters parameters;
    for (auto& [name, value] : net::parse_form(request.query)) {
        if (name.starts_with("X-Amz-") && !parameters.emplace(name, std::move(value)).second) {
            malformed(fmt::format("The parameter '{}' is given twice.", name));
        }
    }
    if (!parameters.contains(kSignatureParameter) && !parameters.contains("X-Amz-Algorithm")) {
        return std::nullopt;
    }
    return claim_of_query(parameters);
}

std::string expected_signature(
    const SignableRequest& request,
    const SignatureClaim& claim,
    const SigningKey& key,
    PathRule rule,
    TokenPlace token
) {
    auto unsigned_request = request;
    std::string query;
    if (claim.form == ClaimForm::query) {
        query = without_parameter(request.query, kSignatureParameter);
        if (token == TokenPlace::sent_along) {
            query = without_parameter(query, kTokenParameter);
        }
        unsigned_request.query = query;
    }
    const auto canonical = canonical_request(unsigned_request, claim.signed_headers, rule);
    return signature(key, string_to_sign(claim.timestamp, claim.scope, canonical));
}

bool signature_matches(
    const SignableRequest& request,
    const SignatureClaim& claim,
    const SigningKey& key,
    PathRule rule
) {
    if (!covers_enough(request, claim) || claim.scope.date != claim.timestamp.substr(0, 8)) {
        return false;
    }
    if (equal_in_constant_time(expected_signature(request, claim, key, rule), claim.signature)) {
        return true;
    }
    return claim.form == ClaimForm::query && !claim.session_token.empty() &&
           equal_in_constant_time(
               expected_signature(request, claim, key, rule, TokenPlace::sent_along),
               claim.signature
           );
}

}  // namespace kiln::aws
