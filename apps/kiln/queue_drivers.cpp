#include "queue_drivers.hpp"

#include "aws/sqs_connect.hpp"
#include "base/random.hpp"
#include "server_access.hpp"

namespace kiln {

namespace {

Error out_of_reach(const ports::QueueReference& queue) {
    return Error{
        ErrorKind::invalid, "'" + queue.shown() + "': this version does not reach such queues"}
        .hint(
            "name one of kiln's own (kiln:NAME), one in SQS (sqs:NAME) or one in Redis "
            "(redis://HOST:PORT/DB#NAME)"
        );
}

}  // namespace

void QueueDrivers::embed(ports::MessageQueue* own, ports::QueueAdmin* own_admin) {
    const std::lock_guard lock{mutex_};
    jobs_.erase(own_);
    own_ = own;
    own_admin_ = own_admin;
}

void QueueDrivers::allow(const ports::QueueReference& queue) {
    if (queue.driver == ports::QueueDriver::redis) {
        const std::lock_guard lock{mutex_};
        redis_.allow(queue.place);
    }
}

void QueueDrivers::serve_from(std::optional<std::string> server) {
    const std::lock_guard lock{mutex_};
    server_ = std::move(server);
}

aws::SqsQueue& QueueDrivers::connect_kiln(const std::optional<std::string>& server) {
    auto access = find_access(config_, server);
    auto& queue = connected_[access.url];
    if (!queue) {
        queue =
            aws::connect_kiln({std::string{kRegion}, access.url}, std::move(access.keys), clock_);
    }
    return *queue;
}

aws::SqsQueue& QueueDrivers::connect_sqs(const std::string& url) {
    auto& queue = connected_["sqs " + url];
    if (!queue) {
        aws::Variables environment;
        for (auto& [name, value] : cli::environment()) {
            environment.insert_or_assign(std::move(name), std::move(value));
        }
        queue = url.empty() ? aws::connect_sqs(environment, clock_)
                            : aws::connect_sqs_url(url, environment, clock_);
    }
    return *queue;
}

ports::MessageQueue& QueueDrivers::of(const ports::QueueReference& queue) {
    const std::lock_guard lock{mutex_};
    switch (queue.driver) {
        case ports::QueueDriver::embedded:
            if (own_ != nullptr) {
                return *own_;
            }
            if (auto& server = connect_kiln(server_); server_ || !config_.server_url.empty()) {
                return server;
            }
            return home_;
        case ports::QueueDriver::sqs:
            return connect_sqs(queue.place);
        case ports::QueueDriver::redis:
            return redis_.of(queue.place).queue;
        case ports::QueueDriver::amqp:
            break;
    }
    throw out_of_reach(queue);
}

jobs::MessageJobs& QueueDrivers::jobs_over(
    ports::MessageQueue& messages, ports::QueueAdmin& admin
) {
    auto& jobs = jobs_[&messages];
    if (!jobs) {
        jobs = std::make_unique<jobs::MessageJobs>(messages, admin, clock_, [] {
            return random_jitter();
        });
    }
    return *jobs;
}

ports::JobQueue& QueueDrivers::jobs_of(const ports::QueueReference& queue) {
    const std::lock_guard lock{mutex_};
    switch (queue.driver) {
        case ports::QueueDriver::embedded: {
            if (own_ != nullptr && own_admin_ != nullptr) {
                return jobs_over(*own_, *own_admin_);
            }
            auto& server = connect_kiln(server_);
            return jobs_over(server, server);
        }
        case ports::QueueDriver::sqs: {
            auto& sqs = connect_sqs(queue.place);
            return jobs_over(sqs, sqs);
        }
        case ports::QueueDriver::redis:
            return redis_.of(queue.place).jobs;
        case ports::QueueDriver::amqp:
            break;
    }
    throw out_of_reach(queue);
}

RedisPlace& QueueDrivers::redis_of(const ports::QueueReference& queue) {
    KILN_CHECK(queue.driver == ports::QueueDriver::redis);
    const std::lock_guard lock{mutex_};
    return redis_.of(queue.place);
}

ports::MessageQueue& QueueDrivers::HomeQueue::now() {
    const std::lock_guard lock{drivers_.mutex_};
    return drivers_.connect_kiln(std::nullopt);
}

std::vector<ports::SentMessage> QueueDrivers::HomeQueue::send(
    const std::string& queue, const std::vector<ports::OutgoingMessage>& messages
) {
    return now().send(queue, messages);
}

std::vector<ports::ReceivedMessage> QueueDrivers::HomeQueue::receive(
    const std::string& queue, const ports::ReceiveSpec& spec, const std::stop_token& stop
) {
    return now().receive(queue, spec, stop);
}

void QueueDrivers::HomeQueue::extend(
    const std::string& queue, const std::string& receipt, std::chrono::seconds visibility
) {
    now().extend(queue, receipt, visibility);
}

void QueueDrivers::HomeQueue::remove(const std::string& queue, const std::string& receipt) {
    now().remove(queue, receipt);
}

cli::QueueAccess QueueDrivers::of_server(const std::optional<std::string>& server) {
    const std::lock_guard lock{mutex_};
    if (server && (server->starts_with("redis://") || server->starts_with("rediss://"))) {
        redis_.allow(*server);
        auto& queue = redis_.of(*server).queue;
        return {queue, queue};
    }
    auto& queue = connect_kiln(server);
    return {queue, queue};
}

}  // namespace kiln
