#pragma once

#include "api/aws_authenticator.hpp"
#include "api/aws_service.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kiln::api {

/// Which of AWS' services a request is for; several share one port. Safe from several threads:
/// nothing changes after its making.
class AwsRouter {
  public:
    /// @param authenticator  outlives this
    AwsRouter(
        std::vector<std::unique_ptr<AwsService>> services, const AwsAuthenticator& authenticator
    );

    /// Does it speak one of AWS' protocols? Else it is for the native routes.
    [[nodiscard]] static bool is_aws(const net::Request& request);

    /// By the first that is there: X-Amz-Target, the signing name in the credentials' scope, a path
    /// /ACCOUNT/NAME, the Version parameter. nullptr: none of ours.
    [[nodiscard]] AwsService* find(const net::Request& request) const;

    /// Checks who it is, and has the service answer.
    void handle(net::Request request, net::Responder responder, std::string request_id) const;

  private:
    std::vector<std::unique_ptr<AwsService>> services_;
    const AwsAuthenticator& authenticator_;
};

}  // namespace kiln::api
