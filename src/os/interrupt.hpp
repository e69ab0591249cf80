#pragma once

#include "base/deadline.hpp"
#include "os/fd.hpp"

#include <chrono>
#include <optional>
#include <stop_token>
#include <string_view>

namespace kiln::os {

/// A stop token that poll(2) can wait on: the descriptor becomes readable when stop is requested.
class StopFd {
  public:
    explicit StopFd(std::stop_token token);

    [[nodiscard]] int fd() const noexcept { return event_.get(); }

    [[nodiscard]] bool stopped() const noexcept { return token_.stop_requested(); }

  private:
    struct Signal {
        int fd;
        void operator()() const noexcept;
    };

    std::stop_token token_;
    Fd event_;
    std::stop_callback<Signal> callback_;
};

enum class Ready { yes, stopped, timed_out };

/// Waits until `fd` is ready for `events` (POLLIN, POLLOUT), stop is requested, or the deadline
/// passes. Stop wins over ready; a hang-up or an error of `fd` is ready. `fd` -1 waits for the
/// others alone.
[[nodiscard]] Ready wait_ready(int fd, short events, const StopFd* stop, Deadline deadline);

/// Waits out one pause of a back-off (1 ms, doubling up to 100 ms, full jitter): for the few things
/// that the kernel gives no event for.
/// @param attempt  from 0
/// @returns  false when the deadline had passed or stop was requested: give up
[[nodiscard]] bool pause_before_retry(
    unsigned attempt, Deadline deadline, const StopFd* stop = nullptr
);

/// @throws Error  cancelled: stop was requested; the message names `doing`
void throw_if_stopped(const std::stop_token& token, std::string_view doing);

}  // namespace kiln::os
