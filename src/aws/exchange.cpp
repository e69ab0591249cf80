#include "aws/exchange.hpp"

#include "aws/service_failure.hpp"

namespace kiln::aws {

net::ClientResponse exchange(const Exchange& call, const std::stop_token& stop) {
    for (unsigned failures = 1;; ++failures) {
        const bool last = failures >= kMostAttempts;
        std::optional<std::chrono::seconds> retry_after;
        try {
            auto response = call.world.transport(call.request(), stop);
            if (!call.may_pass(response)) {
                call.quota.give_back(0);
                return response;
            }
            if (last || !call.quota.take(RetryQuota::kRetryCost)) {
                return response;
            }
            retry_after = read_failure(response).retry_after;
        } catch (const Error& error) {
            const bool again =
                error.kind() == ErrorKind::unavailable || error.kind() == ErrorKind::timed_out;
            if (!again || last || !call.quota.take(RetryQuota::kTimeOutCost)) {
                throw Error{error}.while_(call.name);
            }
        }
        call.world.pause(retry_pause(failures, call.world.jitter(), retry_after), stop);
        if (stop.stop_requested()) {
            throw Error{ErrorKind::cancelled, "stopped"};
        }
    }
}

}  // namespace kiln::aws
