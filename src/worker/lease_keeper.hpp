#pragma once

#include "base/deadline.hpp"
#include "base/error.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace kiln::worker {

/// Extends the visibility of messages whose bakes run: one thread for all of them, on the monotonic
/// clock, so that a wall clock that is set runs no lease out.
class LeaseKeeper {
  public:
    /// Makes the message stay hidden that long from now. @throws Error  conflict, not_found: the
    /// delivery is over; any other error is tried again
    using Extend = std::function<void(std::chrono::seconds visibility)>;

    /// @param renewals  within one visibility
    explicit LeaseKeeper(std::int64_t renewals = 3);
    LeaseKeeper(LeaseKeeper&&) = delete;
    ~LeaseKeeper();

    /// Renews until it goes out of scope.
    class Lease {
      public:
        Lease(LeaseKeeper& keeper, std::uint64_t number) : keeper_{keeper}, number_{number} {}

        Lease(Lease&&) = delete;
        ~Lease();  ///< waits for a renewal under way

      private:
        LeaseKeeper& keeper_;
        std::uint64_t number_;
    };

    /// @param visibility  the message has now, and gets at each renewal
    /// @param lost  called once, from the keeper's thread, when the delivery is over: somebody else
    ///              may have the message
    [[nodiscard]] Lease keep(
        std::chrono::milliseconds visibility, Extend extend, std::function<void()> lost
    );

  private:
    static constexpr std::chrono::milliseconds kForever{std::chrono::hours{24 * 365}};
    static constexpr std::chrono::milliseconds kAgain{5000};  ///< after a renewal that failed

    struct Kept {
        Deadline::Clock::time_point next;
        std::chrono::milliseconds visibility;
        Extend extend;
        std::function<void()> lost;
    };

    void renew_loop();
    void renew(std::uint64_t number, std::unique_lock<std::mutex>& lock);
    void let_go(std::uint64_t number);

    std::int64_t renewals_;
    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::map<std::uint64_t, Kept> kept_;
    std::uint64_t last_number_ = 0;
    std::uint64_t busy_ = 0;  ///< the lease that is being renewed now
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace kiln::worker
