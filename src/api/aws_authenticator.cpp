#include "api/aws_authenticator.hpp"

#include "aws/timestamp.hpp"
#include "base/error.hpp"
#include "base/sha256.hpp"

#include <fmt/format.h>

namespace kiln::api {

namespace {

constexpr std::chrono::minutes kSkew{15};
constexpr std::chrono::hours kLongestExpiry{24 * 7};
constexpr std::string_view kBodyHash = "X-Amz-Content-Sha256";
constexpr std::string_view kUnsignedBody = "UNSIGNED-PAYLOAD";

AuthFailure invalid_token() {
    return {
        AuthCode::invalid_client_token_id,
        "The security token included in the request is invalid."};
}

AuthFailure mismatch(std::string message) {
    return {AuthCode::signature_does_not_match, std::move(message)};
}

/// Looks at every byte, whatever the first ones say.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
    unsigned difference = a.size() == b.size() ? 0U : 1U;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    }
    return difference == 0;
}

/// What was signed in the body's place. A body that was not hashed is as good as TLS, which keeps
/// it from being changed; AWS wants TLS for it, too.
std::string signed_hash(const net::Request& request) {
    if (request.secure && request.headers.value_or(kBodyHash, "") == kUnsignedBody) {
        return std::string{kUnsignedBody};
    }
    return sha256(request.body);
}

/// AWS' rule for paths, and where it makes a difference, that of clients that leave them as they
/// are.
bool matches(
    const aws::SignableRequest& request,
    const aws::SignatureClaim& claim,
    const aws::SigningKey& key
) {
    using enum aws::PathRule;
    return aws::signature_matches(request, claim, key, normalized) ||
           (aws::canonical_path(request.path, normalized) !=
                aws::canonical_path(request.path, verbatim) &&
            aws::signature_matches(request, claim, key, verbatim));
}

std::optional<AuthFailure> judge_scope(
    const aws::SignatureClaim& claim, std::string_view region, std::string_view service
) {
    if (claim.scope.region != region) {
        return mismatch(fmt::format(
            "Credential should be scoped to a valid region, not '{}'. Here it is '{}'.",
            claim.scope.region,
            region
        ));
    }
    if (claim.scope.service != service) {
        return mismatch(
            fmt::format("Credential should be scoped to correct service: '{}'.", service)
        );
    }
    if (claim.scope.date != std::string_view{claim.timestamp}.substr(0, 8)) {
        return mismatch(fmt::format(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP: '{}' != '{}', from '{}'.",
            claim.scope.date,
            claim.timestamp.substr(0, 8),
            claim.timestamp
        ));
    }
    return std::nullopt;
}

}  // namespace

AwsAuthenticator::AwsAuthenticator(
    std::vector<aws::Credentials> keys, std::string region, const ports::Clock& clock
)
    : region_{std::move(region)}, clock_{clock} {
    for (auto& key : keys) {
        KILN_CHECK(!key.access_key_id.empty() && !key.secret_access_key.empty());
        auto id = key.access_key_id;
        keys_.insert_or_assign(std::move(id), std::move(key));
    }
}

std::variant<AwsAuthenticator::Caller, AuthFailure> AwsAuthenticator::check(
    const net::Request& request, std::string_view service
) const {
    const auto hash = signed_hash(request);
    const aws::SignableRequest signable{
        request.method, request.path(), request.query(), request.headers.all(), hash};
    std::optional<aws::SignatureClaim> claim;
    try {
        claim = aws::parse_claim(signable);
    } catch (const Error& error) {
        return AuthFailure{AuthCode::incomplete_signature, error.message()};
    }
    if (!claim) {
        return AuthFailure{
            AuthCode::missing_authentication_token, "Request is missing Authentication Token"};
    }
    if (auto failure = judge(signable, *claim, service)) {
        return std::move(*failure);
    }
    const auto sent_hash = request.headers.find(kBodyHash);
    if (sent_hash && *sent_hash != hash) {
        return mismatch(
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        );
    }
    return Caller{std::move(claim->access_key_id)};
}

std::optional<AuthFailure> AwsAuthenticator::judge(
    const aws::SignableRequest& request, const aws::SignatureClaim& claim, std::string_view service
) const {
    const auto found = keys_.find(claim.access_key_id);
    if (found == keys_.end() ||
        !equal_in_constant_time(found->second.session_token, claim.session_token)) {
        return invalid_token();
    }
    if (auto failure = judge_scope(claim, region_, service)) {
        return failure;
    }
    if (auto failure = judge_time(claim)) {
        return failure;
    }
    const auto key = signing_keys_.key(found->second, claim.scope);
    if (!matches(request, claim, key)) {
        return mismatch(
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details."
        );
    }
    return std::nullopt;
}

std::optional<AuthFailure> AwsAuthenticator::judge_time(const aws::SignatureClaim& claim) const {
    const auto now = clock_.now();
    const auto shown = [](TimePoint time) { return aws::format_basic_time(time); };
    if (claim.signed_at > now + kSkew) {
        return mismatch(fmt::format(
            "Signature not yet current: {} is still later than {} ({} + 15 min.)",
            claim.timestamp,
            shown(now + kSkew),
            shown(now)
        ));
    }
    if (claim.form == aws::ClaimForm::query) {
        const auto expires = claim.expires.value_or(std::chrono::seconds{0});
        if (expires > kLongestExpiry) {
            return AuthFailure{
                AuthCode::incomplete_signature,
                "X-Amz-Expires must be less than a week in seconds; that is, the given "
                "X-Amz-Expires must be less than 604800."};
        }
        if (claim.signed_at + expires < now) {
            return AuthFailure{
                AuthCode::request_expired,
                fmt::format(
                    "Request has expired: it was good until {}.", shown(claim.signed_at + expires)
                )};
        }
        return std::nullopt;
    }
    if (claim.signed_at < now - kSkew) {
        return mismatch(fmt::format(
            "Signature expired: {} is now earlier than {} ({} - 15 min.)",
            claim.timestamp,
            shown(now - kSkew),
            shown(now)
        ));
    }
    return std::nullopt;
}

}  // namespace kiln::api
