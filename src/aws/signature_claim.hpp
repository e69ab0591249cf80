#pragma once

#include "aws/sigv4.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// Signature Version 4 as the receiving side sees it. Pure.
namespace kiln::aws {

enum class ClaimForm { header, query };

/// What a request says about its own signature. Nothing of it is proven.
struct SignatureClaim {
    ClaimForm form = ClaimForm::header;
    std::string access_key_id;
    Scope scope;
    std::string timestamp;  ///< "20150830T123600Z"
    TimePoint signed_at;
    std::vector<std::string> signed_headers;  ///< as sent
    std::string signature;
    std::string session_token;                    ///< "": none
    std::optional<std::chrono::seconds> expires;  ///< query form: good for so long
};

/// nullopt: the request is not signed.
/// @throws Error  invalid: signed, but what should be there is missing or malformed; the message is
///                a sentence for the caller
[[nodiscard]] std::optional<SignatureClaim> parse_claim(const SignableRequest& request);

/// The signature that the holder of the key would have made; of a query form with a session token,
/// the one with the token signed in, or (`TokenPlace::sent_along`) left out.
/// @param request  with the hash of the body as it came, not as a header claims
/// @param key      of `claim.scope` and the secret of `claim.access_key_id`
[[nodiscard]] std::string expected_signature(
    const SignableRequest& request,
    const SignatureClaim& claim,
    const SigningKey& key,
    PathRule rule = PathRule::normalized,
    TokenPlace token = TokenPlace::signed_in
);

/// Is the claim's signature the expected one? Compared in constant time. No: also when a header is
/// named as signed that is not there, when "host" is not among them, or when the scope is of
/// another day than the time stamp.
/// Left to the caller: that the clock is near, that the scope is of this service, that the token is
/// the one of that key, and that `X-Amz-Content-Sha256`, where sent, is the body's hash.
[[nodiscard]] bool signature_matches(
    const SignableRequest& request,
    const SignatureClaim& claim,
    const SigningKey& key,
    PathRule rule = PathRule::normalized
);

}  // namespace kiln::aws
