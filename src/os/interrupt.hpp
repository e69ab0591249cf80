#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/deadline.hpp"
#include "os/fd.hpp"

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

/// Waits until `fd` is ready for `events` (POLLIN, POLLOUT), stop is requested, or the deadline passes.
[[nodiscard]] Ready wait_ready(int fd, short events, const StopFd* stop, Deadline deadline);

/// @throws Error  cancelled: stop was requested; the message names `doing`
void throw_if_stopped(const std::stop_token& token, std::string_view doing);

}  // namespace kiln::os
