#include "aws/json_client.hpp"

#include "aws/signed_request.hpp"
#include "aws/timestamp.hpp"
#include "base/random.hpp"
#include "net/url.hpp"

#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

namespace kiln::aws {

void pause_for(Duration span, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock{mutex};
    stopped.wait_for(lock, stop, span, [] { return false; });
}

/// How one attempt ended.
struct JsonClient::Attempt {
    std::optional<json::object> result;
    std::optional<ServiceFailure> failure;
    std::optional<Error> no_answer;
    RetryClass retry = RetryClass::never;
    int cost = RetryQuota::kRetryCost;
};

namespace {

json::object parse_result(std::string_view operation, const net::ClientResponse& response) {
    boost::system::error_code not_json;
    auto body = json::parse(response.body.empty() ? "{}" : response.body, not_json);
    if (not_json || !body.is_object()) {
        throw Error{
            ErrorKind::unavailable,
            fmt::format("{}: the answer (status {}) is no JSON object", operation, response.status)}
            .hint("is the endpoint the service itself, or something before it?");
    }
    return std::move(body.get_object());
}

}  // namespace

JsonClient::JsonClient(JsonService service, Location location, ClientWorld world)
    : service_{std::move(service)},
      location_{std::move(location)},
      host_{host_of(location_.endpoint)},
      world_{std::move(world)} {
    if (!world_.jitter) {
        world_.jitter = random_jitter;
    }
}

net::ClientRequest JsonClient::signed_request(
    std::string_view operation, const std::string& body, const Credentials& credentials
) {
    const Signing signing{
        .credentials = credentials,
        .region = location_.region,
        .service = service_.signing_name,
        .at = world_.clock.now() + Duration{clock_offset_.load(std::memory_order_relaxed)}};
    Fields headers{
        {"Host", host_},
        {"Content-Type", fmt::format("application/x-amz-json-{}", service_.version)},
        {"X-Amz-Target", fmt::format("{}.{}", service_.target_prefix, operation)},
    };
    return aws::signed_request(
        {.endpoint = location_.endpoint, .headers = std::move(headers), .body = body},
        signing,
        keys_
    );
}

/// What the failure says about our clock and our keys is remembered for the next attempt.
RetryClass JsonClient::learn(
    const ServiceFailure& failure,
    const net::ClientResponse& response,
    const Credentials& credentials
) {
    const auto retry = retry_class(failure);
    if (retry == RetryClass::expired_keys) {
        world_.credentials->expired(credentials);
    }
    if (retry != RetryClass::clock) {
        return retry;
    }
    const Duration before{clock_offset_.load(std::memory_order_relaxed)};
    const auto ours = world_.clock.now();
    const auto theirs = parse_http_date(response.headers.value_or("Date", ""));
    if (!clock_offset(ours + before, theirs)) {
        return RetryClass::never;  // the clock is right, so the signature is wrong for another
                                   // reason
    }
    clock_offset_.store((*theirs - ours).count(), std::memory_order_relaxed);
    return retry;
}

JsonClient::Attempt JsonClient::attempt(
    std::string_view operation,
    const std::string& body,
    const CallLimits& limits,
    const std::stop_token& stop
) {
    Attempt out;
    const auto credentials = world_.credentials->current();
    auto request = signed_request(operation, body, credentials);
    request.deadline = Deadline::earlier(limits.whole, Deadline::after(limits.attempt));
    net::ClientResponse response;
    try {
        response = world_.transport(request, stop);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::unavailable && error.kind() != ErrorKind::timed_out) {
            throw;
        }
        out.no_answer = error;
        out.retry = RetryClass::transient;
        out.cost = error.kind() == ErrorKind::timed_out ? RetryQuota::kTimeOutCost
                                                        : RetryQuota::kRetryCost;
        return out;
    }
    if (response.status >= 200 && response.status < 300) {
        out.result = parse_result(operation, response);
        return out;
    }
    out.failure = read_failure(response);
    out.retry = learn(*out.failure, response, credentials);
    return out;
}

/// False: it would be in vain.
bool JsonClient::wait_for_retry(
    const Attempt& failed, unsigned failures, const CallLimits& limits, const std::stop_token& stop
) {
    if (failed.retry == RetryClass::never || failures >= kMostAttempts ||
        !quota_.take(failed.cost)) {
        return false;
    }
    if (failed.retry == RetryClass::clock || failed.retry == RetryClass::expired_keys) {
        return true;  // the next attempt is another request
    }
    const auto asked = failed.failure ? failed.failure->retry_after : std::nullopt;
    const auto pause = retry_pause(failures, world_.jitter(), asked);
    if (Deadline::after(pause).at() >= limits.whole.at()) {
        return false;
    }
    world_.pause(pause, stop);
    if (stop.stop_requested()) {
        throw Error{ErrorKind::cancelled, "stopped"};
    }
    return true;
}

JsonClient::Outcome JsonClient::call(
    std::string_view operation,
    const json::object& input,
    const CallLimits& limits,
    const std::stop_token& stop
) {
    const auto body = json::serialize(input);
    int spent = 0;
    for (unsigned failures = 1;; ++failures) {
        auto last = attempt(operation, body, limits, stop);
        if (last.result) {
            quota_.give_back(spent);
            return std::move(*last.result);
        }
        if (!wait_for_retry(last, failures, limits, stop)) {
            if (last.no_answer) {
                throw std::move(*last.no_answer)
                    .while_(fmt::format("{} {}", service_.signing_name, operation));
            }
            return std::move(*last.failure);
        }
        spent = last.cost;
    }
}

}  // namespace kiln::aws
