#pragma once

#include "ports/clock.hpp"
#include "ports/queue.hpp"
#include "redis/client.hpp"

#include <string>

namespace kiln::redis {

/// Queues of one database of a Redis server, in Sidekiq's lists. Every step is one script, so that
/// a message is in one place at any moment; what is in somebody's hands is kept on the server with
/// its deadline. Time is the server's.
/// What SQS has and Redis has not is in README.md. Safe from several threads.
class RedisQueue final : public ports::MessageQueue, public ports::QueueAdmin {
  public:
    /// Both outlive this. `clock` dates messages; nothing waits for it.
    RedisQueue(Client& client, const ports::Clock& clock) : client_{client}, clock_{clock} {}

    std::vector<ports::SentMessage> send(
        const std::string& queue, const std::vector<ports::OutgoingMessage>& messages
    ) override;
    [[nodiscard]] std::vector<ports::ReceivedMessage> receive(
        const std::string& queue, const ports::ReceiveSpec& spec, const std::stop_token& stop
    ) override;
    void extend(
        const std::string& queue, const std::string& receipt, std::chrono::seconds visibility
    ) override;
    void remove(const std::string& queue, const std::string& receipt) override;

    void create(const ports::QueueSpec& spec) override;
    void destroy(const std::string& queue) override;
    [[nodiscard]] std::vector<std::string> list(const std::string& prefix) override;
    [[nodiscard]] ports::QueueDepth depth(const std::string& queue) override;
    void purge(const std::string& queue) override;
    /// Moves them all before it returns.
    void redrive(const std::string& queue) override;

  private:
    using Outgoing = std::vector<ports::OutgoingMessage>;

    void send_standard(
        const std::string& queue,
        std::span<const ports::OutgoingMessage> messages,
        std::vector<ports::SentMessage>& sent
    );
    void send_fifo(
        const std::string& queue,
        std::span<const ports::OutgoingMessage> messages,
        std::vector<ports::SentMessage>& sent
    );
    [[nodiscard]] std::string deduplication_of(
        const std::string& queue, const ports::OutgoingMessage& message
    );
    [[nodiscard]] std::optional<ports::ReceivedMessage> open(
        const std::string& queue, const std::string& receipt, const std::string& payload
    );

    Client& client_;
    const ports::Clock& clock_;
};

}  // namespace kiln::redis
