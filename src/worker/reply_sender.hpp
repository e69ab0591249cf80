#pragma once

#include "ports/bake_store.hpp"
#include "worker/queues.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace kiln::worker {

/// One event as a message: the JSON of ports::to_json, and attributes `bake`, `sequence`,
/// `category`, `attempt`. In a FIFO queue a bake is a group, and an event is taken once. Pure.
[[nodiscard]] ports::OutgoingMessage reply_message(
    const BakeId& bake, const ports::BakeEvent& event, bool fifo
);

/// Sends one attempt's events to the reply queue, in order, as they become durable: it reads them
/// from the store, so it holds a page of them at most, and no bake waits for it. A thread while it
/// lives.
///
/// A queue that fails is tried again with back-off, for kPatience in all; one that is gone, or
/// refuses us, not at all. Then the rest is not sent, and the record has a note that says so.
class ReplySender {
  public:
    static constexpr std::chrono::seconds kPatience{60};

    /// What is given outlives this.
    ReplySender(
        ports::BakeStore& bakes,
        ports::MessageQueue& queue,
        ports::QueueReference reply_to,
        const Pause& pause,
        BakeId bake,
        std::int64_t attempt
    );
    ReplySender(ReplySender&&) = delete;
    ~ReplySender();  ///< leaves unsent what `finish` did not wait for

    /// There are more events in the store. From any thread; does not wait.
    void wake();

    /// Returns when all that is stored is sent, or given up. @returns  true: all was sent
    bool finish();

  private:
    void send_loop(const std::stop_token& stop);
    /// @returns  false when there was nothing to send, or no use in it
    bool send_page(const std::stop_token& stop);
    bool send_with_patience(
        const std::vector<ports::OutgoingMessage>& messages, const std::stop_token& stop
    );
    void give_up(const std::string& why);

    ports::BakeStore& bakes_;
    ports::MessageQueue& queue_;
    ports::QueueReference reply_to_;
    const Pause& pause_;
    BakeId bake_;
    ports::EventPlace sent_;  ///< of the thread
    Duration waited_{0};      ///< of the thread: in back-off, in all
    bool gave_up_ = false;    ///< of the thread, until it ended

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable_any changed_;
    bool woken_ = true;
    bool finishing_ = false;

    std::jthread thread_;
};

}  // namespace kiln::worker
