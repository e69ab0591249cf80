#pragma once

#include "aws/json_client.hpp"

#include <map>
#include <string>

namespace kiln::aws {

struct QueryService {
    std::string signing_name;  ///< "autoscaling"
    std::string version;       ///< of the API: "2011-01-01"
};

/// Calls a service of AWS' Query protocol: a form in, XML out. Tries again what is transient, three
/// times in all. Safe from several threads.
class QueryClient {
  public:
    using Outcome = std::variant<std::string, ServiceFailure>;
    using Parameters = std::map<std::string, std::string>;

    QueryClient(QueryService service, Location location, ClientWorld world);

    /// The answer's XML, or what the service answered in place of it.
    /// @throws Error  unavailable, timed_out: no answer · cancelled: `stop` · denied: no
    ///                credentials, or a certificate that is not trusted
    [[nodiscard]] Outcome call(
        std::string_view action, const Parameters& parameters, const std::stop_token& stop = {}
    );

  private:
    [[nodiscard]] net::ClientRequest signed_request(const std::string& body);

    QueryService service_;
    Location location_;
    std::string host_;
    ClientWorld world_;
    SigningKeyCache keys_;
    RetryQuota quota_;
};

/// What a Query service's answer that is not 2xx says. Pure.
[[nodiscard]] ServiceFailure read_query_failure(const net::ClientResponse& response);

/// What an auto scaling group waits for is done: CompleteLifecycleAction with CONTINUE.
struct LifecycleAction {
    std::string group;
    std::string hook;
    std::string token;
    std::string instance;
};

/// @throws Error  conflict: nobody waits for it (any more) · as `QueryClient::call`
void complete_lifecycle_action(QueryClient& autoscaling, const LifecycleAction& action);

}  // namespace kiln::aws
