#pragma once

#include "worker/bake_work.hpp"
#include "worker/delivery.hpp"
#include "worker/lease_keeper.hpp"
#include "worker/queues.hpp"
#include "worker/submit.hpp"

#include <atomic>
#include <functional>
#include <stop_token>

namespace kiln::worker {

struct BakerySettings {
    std::size_t concurrency = 1;
    std::int64_t max_receives = 3;           ///< setting bakery.max_receives
    std::chrono::seconds min_time_left{30};  ///< setting bake.min_time_left
    std::chrono::seconds drain{30};          ///< for bakes that run when stop is requested
    RequestDefaults defaults = {};
};

/// The world of a consumer.
struct Bakery {
    Queues queues;
    ports::QueueReference requests;  ///< the queue that it takes requests from
    BakeWork& work;
    ports::BakeStore& bakes;
    ports::Ledger& ledger;
    const ports::Clock& clock;
    Pause pause = real_pause();
    BakerySettings settings = {};
};

/// Takes bake requests from a queue, bakes them, sends the replies: claim, prepare, execute,
/// report. A message is deleted only when its outcome is durable and told; whatever dies gives it
/// back.
class BakeConsumer {
  public:
    explicit BakeConsumer(Bakery bakery);
    BakeConsumer(BakeConsumer&&) = delete;
    ~BakeConsumer();

    /// Serves until stop is requested, with `concurrency` threads. Then what runs has `drain` to
    /// end; the rest is ended and its messages given back. A second stop source, `at_once`, cuts
    /// the drain short.
    void run(const std::stop_token& stop, const std::stop_token& at_once = {});

    /// Bakes under way now, and messages dealt with so far. For metrics, from any thread.
    [[nodiscard]] std::size_t running() const noexcept { return running_; }

    [[nodiscard]] std::uint64_t served() const noexcept { return served_; }

  private:
    void serve(const std::stop_token& stop, const std::stop_token& abandon);

    Bakery bakery_;
    LeaseKeeper leases_;
    std::atomic<std::size_t> running_{0};
    std::atomic<std::uint64_t> served_{0};
};

}  // namespace kiln::worker
