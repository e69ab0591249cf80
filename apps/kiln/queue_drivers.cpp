#include "queue_drivers.hpp"

#include "aws/sqs_connect.hpp"
#include "server_access.hpp"

namespace kiln {

void QueueDrivers::embed(ports::MessageQueue* own) {
    const std::lock_guard lock{mutex_};
    own_ = own;
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
            return own_ != nullptr ? *own_ : connect_kiln(server_);
        case ports::QueueDriver::sqs:
            return connect_sqs(queue.place);
        case ports::QueueDriver::redis:
        case ports::QueueDriver::amqp:
            break;
    }
    throw Error{
        ErrorKind::invalid, "'" + queue.shown() + "': this version does not reach such queues"}
        .hint("name one of kiln's own (kiln:NAME) or one in SQS (sqs:NAME)");
}

cli::QueueAccess QueueDrivers::of_server(const std::optional<std::string>& server) {
    const std::lock_guard lock{mutex_};
    auto& queue = connect_kiln(server);
    return {queue, queue};
}

}  // namespace kiln
