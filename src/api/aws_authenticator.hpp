#pragma once

#include "api/aws_service.hpp"
#include "aws/signature_claim.hpp"
#include "aws/signing_key_cache.hpp"
#include "net/http.hpp"
#include "ports/clock.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kiln::api {

/// Checks AWS' Signature Version 4, in the header and in the query, against the keys that there
/// are. Safe from several threads.
class AwsAuthenticator {
  public:
    /// @param keys    one with a session token is good only together with that token
    /// @param region  the only one that credentials may be scoped to
    /// @param clock   outlives this
    AwsAuthenticator(
        std::vector<aws::Credentials> keys, std::string region, const ports::Clock& clock
    );

    struct Caller {
        std::string access_key_id;
    };

    /// @param service  the signing name that the scope has to have
    [[nodiscard]] std::variant<Caller, AuthFailure> check(
        const net::Request& request, std::string_view service
    ) const;

  private:
    [[nodiscard]] std::optional<AuthFailure> judge(
        const aws::SignableRequest& request,
        const aws::SignatureClaim& claim,
        std::string_view service
    ) const;
    [[nodiscard]] std::optional<AuthFailure> judge_time(const aws::SignatureClaim& claim) const;

    std::map<std::string, aws::Credentials, std::less<>> keys_;
    std::string region_;
    const ports::Clock& clock_;
    mutable aws::SigningKeyCache signing_keys_;
};

}  // namespace kiln::api
