#include "aws/sigv4.hpp"

#include "aws/timestamp.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"

#include <fmt/format.h>

namespace kiln::aws {

std::string Scope::str() const {
    return fmt::format("{}/{}/{}/aws4_request", date, region, service);
}

Scope Signing::scope() const {
    return {format_basic_time(at).substr(0, 8), region, service};
}

SigningKey signing_key(std::string_view secret_access_key, const Scope& scope) {
    const auto of_date = hmac_sha256(fmt::format("AWS4{}", secret_access_key), scope.date);
    const auto of_region = hmac_sha256(of_date, scope.region);
    const auto of_service = hmac_sha256(of_region, scope.service);
    return hmac_sha256(of_service, "aws4_request");
}

std::string string_to_sign(
    std::string_view timestamp, const Scope& scope, std::string_view canonical_request
) {
    return fmt::format(
        "{}\n{}\n{}\n{}", kAlgorithm, timestamp, scope.str(), sha256(canonical_request)
    );
}

std::string signature(const SigningKey& key, std::string_view string_to_sign) {
    return to_hex(hmac_sha256(key, string_to_sign));
}

namespace {

/// Fills in what follows from the canonical request.
SignedRequest conclude(std::string canonical, const Signing& signing, const SigningKey& key) {
    SignedRequest out;
    out.canonical_request = std::move(canonical);
    out.string_to_sign =
        string_to_sign(format_basic_time(signing.at), signing.scope(), out.canonical_request);
    out.signature = signature(key, out.string_to_sign);
    return out;
}

std::string credential(const Signing& signing) {
    return fmt::format("{}/{}", signing.credentials.access_key_id, signing.scope().str());
}

}  // namespace

SignedRequest sign_by_header(
    const SignableRequest& request, const Signing& signing, const SigningKey& key
) {
    const auto& token = signing.credentials.session_token;
    Fields added;
    if (!token.empty()) {
        added.emplace_back("X-Amz-Security-Token", token);
    }
    added.emplace_back("X-Amz-Date", format_basic_time(signing.at));
    if (signing.payload == PayloadHeader::present) {
        added.emplace_back("x-amz-content-sha256", request.payload_sha256);
    }

    Fields all{request.headers.begin(), request.headers.end()};
    all.insert(all.end(), added.begin(), added.end());
    auto names = signable_names(all);
    if (signing.token == TokenPlace::sent_along) {
        std::erase(names, "x-amz-security-token");
    }
    auto whole = request;
    whole.headers = all;
    auto out = conclude(canonical_request(whole, names, signing.path), signing, key);
    out.headers = std::move(added);
    out.headers.emplace_back(
        "Authorization",
        fmt::format(
            "{} Credential={}, SignedHeaders={}, Signature={}",
            kAlgorithm,
            credential(signing),
            joined_names(names),
            out.signature
        )
    );
    return out;
}

SignedRequest sign_by_query(
    const SignableRequest& request,
    const Signing& signing,
    const SigningKey& key,
    std::chrono::seconds expires
) {
    const auto names = signable_names(request.headers);
    auto query = std::string{request.query};
    const auto add = [&query](std::string_view name, std::string_view value) {
        query += fmt::format("{}{}={}", query.empty() ? "" : "&", name, percent_encoded(value));
    };
    add("X-Amz-Algorithm", kAlgorithm);
    add("X-Amz-Credential", credential(signing));
    add("X-Amz-Date", format_basic_time(signing.at));
    add("X-Amz-SignedHeaders", joined_names(names));
    add("X-Amz-Expires", std::to_string(expires.count()));
    const auto without_token = query;
    if (!signing.credentials.session_token.empty()) {
        add("X-Amz-Security-Token", signing.credentials.session_token);
    }

    auto whole = request;
    whole.query = signing.token == TokenPlace::signed_in ? query : without_token;
    auto out = conclude(canonical_request(whole, names, signing.path), signing, key);
    add("X-Amz-Signature", out.signature);
    out.query = std::move(query);
    return out;
}

}  // namespace kiln::aws
