#pragma once

#include "worker/serving.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace kiln::worker {

/// Takes bake requests from a queue, bakes them, sends the replies: claim, prepare, execute,
/// report. A message is deleted only when its outcome is durable and told; whatever dies gives it
/// back.
class BakeConsumer {
  public:
    explicit BakeConsumer(Bakery bakery) : bakery_{std::move(bakery)} {}

    BakeConsumer(BakeConsumer&&) = delete;

    /// Serves until stop is requested, with `concurrency` threads. Then what runs has `drain` to
    /// end; the rest is ended and its messages given back. `at_once` cuts the drain short.
    void run(const std::stop_token& stop, const std::stop_token& at_once = {});

    /// Requests under way now, and those dealt with so far. From any thread.
    [[nodiscard]] std::size_t running() const noexcept { return running_; }

    [[nodiscard]] std::uint64_t served() const noexcept { return served_; }

  private:
    enum class Duty { requests, the_lost_too };

    void take_turns(Duty duty, const std::stop_token& stop, const std::stop_token& abandon);
    void look_after_the_lost(const std::stop_token& stop);
    [[nodiscard]] std::vector<ports::ReceivedMessage> receive(const std::stop_token& stop);
    void serve(ports::ReceivedMessage message, const std::stop_token& abandon);
    void wait_for_drain(const std::stop_token& stop, const std::stop_token& at_once);

    Bakery bakery_;
    LeaseKeeper leases_;
    std::atomic<std::size_t> running_{0};
    std::atomic<std::uint64_t> served_{0};
    std::mutex mutex_;
    std::condition_variable_any changed_;  ///< `running_` and `taking_` fell
    std::size_t taking_ = 0;               ///< threads that may still begin; guarded by mutex_
};

}  // namespace kiln::worker
