#pragma once

#include <functional>
#include <stop_token>
#include <string_view>
#include <thread>

namespace kiln::cli {

/// Blocks SIGINT, SIGTERM and SIGHUP and ignores SIGPIPE. In `main`, before any thread starts: all
/// threads inherit it.
void block_signals();

/// A thread that turns those signals into a request to stop. Later ones say that the clean-up is
/// under way, which is never cut short, and ask those who only wait not to wait any more.
class SignalWatch {
  public:
    /// @param again  is requested by the second signal
    /// @param tell   gets one line for a person
    SignalWatch(
        std::stop_source stop, std::stop_source again, std::function<void(std::string_view)> tell
    );
    SignalWatch(SignalWatch&&) = delete;
    ~SignalWatch();

  private:
    std::stop_source quit_;
    std::thread thread_;
};

}  // namespace kiln::cli
