#pragma once

#include "aws/canonical_request.hpp"
#include "base/hmac.hpp"
#include "base/time.hpp"

#include <chrono>
#include <string>
#include <string_view>

/// AWS' Signature Version 4: signing a request in its two forms. Pure.
namespace kiln::aws {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

/// Whose requests they are. The secret and the token never reach a log or a message.
struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;  ///< "": long-lived keys, which have none

    bool operator==(const Credentials&) const = default;
};

/// What a signing key is for.
struct Scope {
    std::string date;  ///< "20150830"
    std::string region;
    std::string service;

    /// "20150830/us-east-1/service/aws4_request"
    [[nodiscard]] std::string str() const;
    bool operator==(const Scope&) const = default;
    auto operator<=>(const Scope&) const = default;
};

/// Secret, like what it is made of; good for one day.
using SigningKey = HmacDigest;

[[nodiscard]] SigningKey signing_key(std::string_view secret_access_key, const Scope& scope);

/// @param timestamp  as in X-Amz-Date
[[nodiscard]] std::string string_to_sign(
    std::string_view timestamp, const Scope& scope, std::string_view canonical_request
);

/// 64 hex digits.
[[nodiscard]] std::string signature(const SigningKey& key, std::string_view string_to_sign);

/// A session token is a part of what is signed, or only sent along.
enum class TokenPlace { signed_in, sent_along };

/// Whether X-Amz-Content-Sha256 is sent (and signed). S3 wants it, others take it.
enum class PayloadHeader { absent, present };

struct Signing {
    Credentials credentials;
    std::string region;
    std::string service;
    TimePoint at;
    PathRule path = PathRule::normalized;
    TokenPlace token = TokenPlace::signed_in;
    PayloadHeader payload = PayloadHeader::absent;

    [[nodiscard]] Scope scope() const;
};

struct SignedRequest {
    std::string canonical_request;
    std::string string_to_sign;
    std::string signature;
    Fields headers;     ///< header form: to be sent besides those of the request
    std::string query;  ///< query form: to be sent in place of the request's
};

/// With an Authorization header.
/// @param key  `signing_key` of these credentials and this scope
[[nodiscard]] SignedRequest sign_by_header(
    const SignableRequest& request, const Signing& signing, const SigningKey& key
);

/// With parameters of the query: a URL that can be handed out, good for `expires`.
[[nodiscard]] SignedRequest sign_by_query(
    const SignableRequest& request,
    const Signing& signing,
    const SigningKey& key,
    std::chrono::seconds expires
);

}  // namespace kiln::aws
