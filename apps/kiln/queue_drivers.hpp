#pragma once

#include "aws/sqs_queue.hpp"
#include "cli/config.hpp"
#include "cli/service.hpp"
#include "jobs/message_jobs.hpp"
#include "ports/clock.hpp"
#include "ports/queue_reference.hpp"
#include "redis_places.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace kiln {

/// The drivers that reach queues, each made when it is first asked for. Safe from several threads.
class QueueDrivers {
  public:
    /// Both outlive this.
    QueueDrivers(const cli::Config& config, const ports::Clock& clock)
        : config_{config}, clock_{clock} {}

    /// kiln's own queues are this process' own, while they are set. nullptr: they are not any more.
    void embed(ports::MessageQueue* own, ports::QueueAdmin* own_admin);

    /// Whoever started this process named that queue: its server may be reached.
    /// @throws Error  invalid: not a place of its driver's
    void allow(const ports::QueueReference& queue);

    /// kiln's own queues are those of that server (none: of this home's) from here on.
    void serve_from(std::optional<std::string> server);

    /// The driver of a queue, which may be asked for it by its plain name.
    /// @throws Error  invalid: no such driver here · unavailable: no server runs · as aws::locate
    [[nodiscard]] ports::MessageQueue& of(const ports::QueueReference& queue);

    /// Jobs in that queue, by its plain name. @throws Error  as `of`
    [[nodiscard]] ports::JobQueue& jobs_of(const ports::QueueReference& queue);

    /// The place of a queue in Redis. @throws Error  as `of`
    [[nodiscard]] RedisPlace& redis_of(const ports::QueueReference& queue);

    /// All queues of a server: of kiln's own, or of a Redis (`redis://…`). @throws Error  as
    /// cli::find_address
    [[nodiscard]] cli::QueueAccess of_server(const std::optional<std::string>& server);

  private:
    /// The queues of whichever server runs for this home: it is looked up for each call, so that
    /// one that comes back on another port is followed.
    class HomeQueue final : public ports::MessageQueue {
      public:
        explicit HomeQueue(QueueDrivers& drivers) : drivers_{drivers} {}

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

      private:
        ports::MessageQueue& now();

        QueueDrivers& drivers_;
    };

    aws::SqsQueue& connect_kiln(const std::optional<std::string>& server);
    aws::SqsQueue& connect_sqs(const std::string& url);
    jobs::MessageJobs& jobs_over(ports::MessageQueue& messages, ports::QueueAdmin& admin);

    const cli::Config& config_;
    const ports::Clock& clock_;
    std::mutex mutex_;  ///< guards what follows
    ports::MessageQueue* own_ = nullptr;
    ports::QueueAdmin* own_admin_ = nullptr;
    std::optional<std::string> server_;
    std::map<std::string, std::unique_ptr<aws::SqsQueue>> connected_;  ///< by URL
    RedisPlaces redis_{config_, clock_};
    std::map<const void*, std::unique_ptr<jobs::MessageJobs>> jobs_;  ///< by their messages
    HomeQueue home_{*this};
};

}  // namespace kiln
