#pragma once

#include "ports/clock.hpp"
#include "ports/queue.hpp"
#include "queue/engine.hpp"

namespace kiln::queue {

/// The engine for callers that wait. Safe from several threads; not from the engine's callbacks.
class EmbeddedQueue final : public ports::MessageQueue,
                            public ports::QueueAdmin,
                            public ports::QueueCensus {
  public:
    /// `engine` and `clock` outlive this, and all calls.
    EmbeddedQueue(Engine& engine, const ports::Clock& clock) : engine_{engine}, clock_{clock} {}

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
    void redrive(const std::string& queue) override;

    /// A queue that is destroyed meanwhile is left out.
    [[nodiscard]] std::vector<ports::QueueUse> census() override;

  private:
    Engine& engine_;
    const ports::Clock& clock_;
};

}  // namespace kiln::queue
