#include "compute/start_watch.hpp"

#include "base/log.hpp"
#include "compute/keeper_call.hpp"
#include "os/interrupt.hpp"

#include <poll.h>

namespace kiln::compute {

StartWatch::StartWatch(const os::Fd& calls, std::stop_token stop, std::function<bool()> unwanted)
    : calls_{calls},
      unwanted_{std::move(unwanted)},
      passed_on_{std::move(stop), PassOn{source_}},
      thread_{[this](const std::stop_token& done) { look(done); }} {}

void StartWatch::look(const std::stop_token& done) noexcept {
    try {
        const os::StopFd over{done};
        while (!done.stop_requested()) {
            if (unwanted_()) {
                source_.request_stop();
                return;
            }
            (void)os::wait_ready(calls_.get(), POLLIN, &over, Deadline::after(kLookAgain));
            take_calls(calls_);
        }
    } catch (const std::exception& error) {
        log_warning("a start is not watched", {{"error", error.what()}});
    }
}

}  // namespace kiln::compute
