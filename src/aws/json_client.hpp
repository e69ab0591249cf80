#pragma once

#include "aws/credentials.hpp"
#include "aws/location.hpp"
#include "aws/retry.hpp"
#include "aws/service_failure.hpp"
#include "aws/signing_key_cache.hpp"
#include "aws/transport.hpp"
#include "base/deadline.hpp"
#include "base/json.hpp"
#include "net/client.hpp"
#include "ports/clock.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

namespace kiln::aws {

/// Waits so long, or until stop is requested.
using Pause = std::function<void(Duration, const std::stop_token&)>;
void pause_for(Duration span, const std::stop_token& stop);

struct JsonService {
    std::string signing_name;   ///< "sqs"
    std::string target_prefix;  ///< "AmazonSQS"
    std::string version;        ///< of the protocol: "1.0"
};

/// What a client needs of the world. `clock` outlives it.
struct ClientWorld {
    Transport transport;
    const ports::Clock& clock;
    std::shared_ptr<CredentialsProvider> credentials;
    Pause pause = pause_for;
    std::function<double()> jitter;  ///< in [0, 1); none: the kernel's
};

struct CallLimits {
    std::chrono::milliseconds attempt{std::chrono::seconds{30}};  ///< for one answer
    Deadline whole = Deadline::never();                           ///< for all attempts
};

/// Calls a service of AWS' JSON protocol: signs, retries, corrects its clock. Safe from several
/// threads.
class JsonClient {
  public:
    using Outcome = std::variant<json::object, ServiceFailure>;

    JsonClient(JsonService service, Location location, ClientWorld world);

    /// The result, or what the service answered in its place after the last attempt.
    /// @throws Error  unavailable, timed_out: no answer · cancelled: `stop` · denied: no
    ///                credentials, or a certificate that is not trusted
    [[nodiscard]] Outcome call(
        std::string_view operation,
        const json::object& input,
        const CallLimits& limits = {},
        const std::stop_token& stop = {}
    );

    [[nodiscard]] const Location& location() const noexcept { return location_; }

  private:
    struct Attempt;

    net::ClientRequest signed_request(
        std::string_view operation, const std::string& body, const Credentials& credentials
    );
    Attempt attempt(
        std::string_view operation,
        const std::string& body,
        const CallLimits& limits,
        const std::stop_token& stop
    );
    RetryClass learn(
        const ServiceFailure& failure,
        const net::ClientResponse& response,
        const Credentials& credentials
    );
    bool wait_for_retry(
        const Attempt& failed,
        unsigned failures,
        const CallLimits& limits,
        const std::stop_token& stop
    );

    JsonService service_;
    Location location_;
    std::string host_;
    ClientWorld world_;
    SigningKeyCache keys_;
    RetryQuota quota_;
    std::atomic<Duration::rep> clock_offset_{0};  ///< the service's clock less ours, microseconds
};

}  // namespace kiln::aws
