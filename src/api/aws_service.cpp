#include "api/aws_service.hpp"

namespace kiln::api {

// Source: AWS' "Common errors"; the names over JSON are Coral's.
AuthNames names_of(AuthCode code) noexcept {
    switch (code) {
        case AuthCode::missing_authentication_token:
            return {
                "com.amazon.coral.service#MissingAuthenticationTokenException",
                "MissingAuthenticationToken"};
        case AuthCode::incomplete_signature:
            return {
                "com.amazon.coral.service#IncompleteSignatureException",
                "IncompleteSignature",
                400};
        case AuthCode::invalid_client_token_id:
            return {"com.amazon.coral.service#UnrecognizedClientException", "InvalidClientTokenId"};
        case AuthCode::signature_does_not_match:
            return {"com.amazon.coral.service#InvalidSignatureException", "SignatureDoesNotMatch"};
        case AuthCode::request_expired:
            return {"com.amazon.coral.service#RequestExpired", "RequestExpired", 400};
    }
    return {};
}

}  // namespace kiln::api
