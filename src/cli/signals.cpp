#include "cli/signals.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"

#include <csignal>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace kiln::cli {

namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&set, number);
    }
    return set;
}

void watch(
    std::stop_source stop,
    std::stop_source again,
    const std::function<void(std::string_view)>& tell,
    const std::stop_token& quit
) {
    const auto set = stop_signals();
    const os::Fd signals{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!signals) {
        throw_errno("watch for signals");
    }
    const os::StopFd quit_fd{quit};
    while (os::wait_ready(signals.get(), POLLIN, &quit_fd, Deadline::never()) == os::Ready::yes) {
        signalfd_siginfo info{};
        if (::read(signals.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
            continue;
        }
        if (stop.stop_requested()) {
            again.request_stop();
        }
        tell(
            stop.stop_requested() ? "clean-up is under way; it ends by itself\n"
                                  : "stopping: cleaning up\n"
        );
        stop.request_stop();
    }
}

}  // namespace

void block_signals() {
    const auto set = stop_signals();
    if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0 ||
        std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        throw_errno("block signals");
    }
}

SignalWatch::SignalWatch(
    std::stop_source stop, std::stop_source again, std::function<void(std::string_view)> tell
)
    : thread_{[stop = std::move(stop),
               again = std::move(again),
               tell = std::move(tell),
               quit = quit_.get_token()] {
          try {
              watch(stop, again, tell, quit);
          } catch (const std::exception& error) {
              log_warning("signals are not seen; end with SIGKILL", {{"error", error.what()}});
          }
      }} {}

SignalWatch::~SignalWatch() {
    quit_.request_stop();
    thread_.join();
}

}  // namespace kiln::cli
