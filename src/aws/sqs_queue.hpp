#pragma once

#include "aws/json_client.hpp"
#include "base/guarded.hpp"
#include "ports/queue.hpp"

#include <map>
#include <string>

namespace kiln::aws {

/// Queues of one region and account of SQS, or of a kiln server, which speaks the same protocol.
/// A queue is named by its plain name, whose URL is looked up once and remembered, or by its URL.
///
/// Messages to a standard queue go out up to ten at a time, to a FIFO queue one by one, since of a
/// batch a later one may be taken when an earlier one was not. What the service does not take for
/// its own reasons is tried again by itself. Every sum is checked.
/// Of `QueueDepth`, SQS does not tell the oldest message's age.
class SqsQueue final : public ports::MessageQueue, public ports::QueueAdmin {
  public:
    using Urls = std::map<std::string, std::string>;

    /// @param known  URLs by name that need no look-up: of queues of other accounts
    SqsQueue(Location location, ClientWorld world, Urls known = {});

    std::vector<ports::SentMessage> send(
        const std::string& queue, const std::vector<ports::OutgoingMessage>& messages
    ) override;
    /// What was received when `stop` cut the answer off comes back when its visibility ends.
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

    [[nodiscard]] const Location& location() const noexcept { return client_.location(); }

  private:
    std::string url_of(const std::string& queue, const std::stop_token& stop = {});
    void forget(const std::string& queue);
    JsonClient::Outcome ask(
        std::string_view operation,
        const std::string& queue,
        json::object input,
        const CallLimits& limits,
        const std::stop_token& stop = {}
    );
    json::object call(
        std::string_view operation,
        const std::string& queue,
        json::object input,
        const CallLimits& limits,
        const std::stop_token& stop = {}
    );
    ports::SentMessage send_one(const std::string& queue, const ports::OutgoingMessage& message);
    void send_batch(
        const std::string& queue,
        std::span<const ports::OutgoingMessage> messages,
        std::vector<ports::SentMessage>& sent
    );
    std::string attribute(const std::string& queue, std::string_view name);
    std::string dead_letter_arn(const ports::DeadLetters& dead_letters);

    JsonClient client_;
    Guarded<Urls> urls_;
};

}  // namespace kiln::aws
