#include "os/interrupt.hpp"

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/random.hpp"

#include <array>
#include <cerrno>
#include <cstdint>

#include <fmt/format.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace kiln::os {

namespace {

Fd make_event() {
    Fd event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!event) {
        throw_errno("make an event descriptor");
    }
    return event;
}

}  // namespace

void StopFd::Signal::operator()() const noexcept {
    const std::uint64_t one = 1;
    // The counter cannot be full: this runs once.
    [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

StopFd::StopFd(std::stop_token token)
    : token_{std::move(token)}, event_{make_event()}, callback_{token_, Signal{event_.get()}} {}

Ready wait_ready(int fd, short events, const StopFd* stop, Deadline deadline) {
    std::array<pollfd, 2> waited{
        {{.fd = fd, .events = events, .revents = 0},
         {.fd = stop != nullptr ? stop->fd() : -1, .events = POLLIN, .revents = 0}}};
    for (;;) {
        const int count = ::poll(waited.data(), waited.size(), deadline.poll_timeout());
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            throw_errno("wait for a descriptor");
        }
        if (count > 0) {
            return waited[1].revents != 0 ? Ready::stopped : Ready::yes;
        }
        if (deadline.passed()) {
            return Ready::timed_out;
        }
    }
}

bool pause_before_retry(unsigned attempt, Deadline deadline, const StopFd* stop) {
    using std::chrono::milliseconds;
    if (deadline.passed()) {
        return false;
    }
    const auto pause = backoff(attempt, milliseconds{1}, milliseconds{100}, random_jitter());
    const auto until = Deadline::earlier(deadline, Deadline::after(pause));
    return wait_ready(-1, 0, stop, until) != Ready::stopped;
}

void throw_if_stopped(const std::stop_token& token, std::string_view doing) {
    if (token.stop_requested()) {
        throw Error{ErrorKind::cancelled, fmt::format("{}: stopped on request", doing)};
    }
}

}  // namespace kiln::os
