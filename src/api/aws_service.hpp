#pragma once

#include "net/http.hpp"
#include "net/responder.hpp"

#include <string>
#include <string_view>

namespace kiln::api {

/// Why a request's signature is not accepted, named like AWS' common errors.
enum class AuthCode {
    missing_authentication_token,
    incomplete_signature,
    invalid_client_token_id,
    signature_does_not_match,
    request_expired,  ///< a URL that was signed beforehand
};

struct AuthFailure {
    AuthCode code = AuthCode::missing_authentication_token;
    std::string message;  ///< for the caller; shows no secret, and no signature that would do
};

/// How a failed authentication is told.
struct AuthNames {
    std::string_view json;   ///< with its name space
    std::string_view query;  ///< in Query protocols
    unsigned status = 403;
};

[[nodiscard]] AuthNames names_of(AuthCode code) noexcept;

/// A request whose signature is good.
struct AwsCall {
    net::Request request;
    net::Responder responder;
    std::string request_id;
    std::string access_key_id;  ///< who signed
};

/// By what requests for a service are known.
struct AwsMarks {
    std::string_view target_prefix;  ///< of X-Amz-Target: "AmazonSQS."
    std::string_view signing_name;   ///< in the scope of credentials: "sqs"
    std::string_view version;        ///< of its Query protocol: "2012-11-05"
    bool account_paths = false;      ///< has paths /ACCOUNT/NAME
};

/// One of AWS' services, behind the router. Safe from several threads.
class AwsService {
  public:
    AwsService() = default;
    AwsService(const AwsService&) = delete;
    AwsService& operator=(const AwsService&) = delete;
    virtual ~AwsService() = default;

    [[nodiscard]] virtual AwsMarks marks() const noexcept = 0;
    /// Answers, now or later. Does not wait.
    virtual void serve(AwsCall call) = 0;
    /// The failure in the request's protocol.
    [[nodiscard]] virtual net::Response deny(
        const net::Request& request, const AuthFailure& failure, const std::string& request_id
    ) const = 0;
};

}  // namespace kiln::api
