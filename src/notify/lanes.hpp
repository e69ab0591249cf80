#pragma once

#include "base/guarded.hpp"
#include "notify/sender.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace kiln::notify {

/// A thread for each channel, so that one that is slow or away holds up nobody else's. After a
/// failure a lane pauses, longer each time, up to a minute.
class Lanes {
  public:
    /// What the senders use outlives this.
    explicit Lanes(std::vector<Sender> senders);
    Lanes(Lanes&&) = delete;
    /// Ends what is under way.
    ~Lanes();

    /// There may be something to send. From any thread.
    void wake();

  private:
    void run(Sender& sender, const std::stop_token& stop);
    /// Until `span` has passed, stop is requested or, where it may, somebody woke it after `seen`.
    enum class Wakeable { no, yes };
    void wait(Duration span, Wakeable wakeable, std::uint64_t seen, const std::stop_token& stop);

    std::vector<Sender> senders_;
    Guarded<std::uint64_t> woken_{0U};
    std::condition_variable_any wakes_;
    std::vector<std::jthread> threads_;
};

}  // namespace kiln::notify
