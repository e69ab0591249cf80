#pragma once

#include "ports/clock.hpp"
#include "ports/queue.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

namespace kiln::ports::testing {

/// Queues in memory, on a given clock: visibility, delay, receipts, long poll, redrive to dead
/// letters. No FIFO order, no retention. A parked receive wakes on a send or a release, and when
/// `look_again` is called after the clock was cranked.
class MemoryQueues final : public MessageQueue, public QueueAdmin {
  public:
    explicit MemoryQueues(const Clock& clock) : clock_{clock} {}

    std::vector<SentMessage> send(
        const std::string& queue, const std::vector<OutgoingMessage>& messages
    ) override;
    [[nodiscard]] std::vector<ReceivedMessage> receive(
        const std::string& queue, const ReceiveSpec& spec, const std::stop_token& stop
    ) override;
    void extend(
        const std::string& queue, const std::string& receipt, std::chrono::seconds visibility
    ) override;
    void remove(const std::string& queue, const std::string& receipt) override;

    void create(const QueueSpec& spec) override;
    void destroy(const std::string& queue) override;
    [[nodiscard]] std::vector<std::string> list(const std::string& prefix) override;
    [[nodiscard]] QueueDepth depth(const std::string& queue) override;
    void purge(const std::string& queue) override;
    void redrive(const std::string& queue) override;

    void look_again();

    /// Called before each call, with its name ("send", "receive", "extend", "remove") and queue;
    /// may throw what the call is to throw.
    void fail_with(std::function<void(const std::string& call, const std::string& queue)> fault);

    /// All messages, hidden ones too, in the order in which they were sent.
    [[nodiscard]] std::vector<OutgoingMessage> sent(const std::string& queue);
    /// How long that message stays hidden; nothing when it is visible.
    [[nodiscard]] std::optional<Duration> hidden_for(const std::string& queue, std::size_t index);

  private:
    struct Held {
        std::string id;
        OutgoingMessage message;
        TimePoint sent;
        TimePoint visible;
        std::int64_t receives = 0;
        std::string receipt;  ///< of the newest delivery
    };

    struct Queue {
        QueueSpec spec;
        std::deque<Held> messages;
    };

    Queue& find(const std::string& queue);
    Held& find_delivery(Queue& queue, const std::string& receipt);
    std::vector<ReceivedMessage> take(const std::string& queue, const ReceiveSpec& spec);
    void may_fail(const std::string& call, const std::string& queue);

    const Clock& clock_;
    std::mutex mutex_;  ///< guards what follows
    std::condition_variable_any changed_;
    std::map<std::string, Queue> queues_;
    std::function<void(const std::string&, const std::string&)> fault_;
    std::int64_t last_number_ = 0;
};

}  // namespace kiln::ports::testing
