#include "queue_drivers.hpp"

#include "aws/sqs_connect.hpp"
#include "cli/credentials.hpp"
#include "cli/server_note.hpp"

#include <cstdlib>

namespace kiln {

namespace {

constexpr std::string_view kRegion = "us-east-1";

/// The URL of the server that has kiln's own queues.
std::string url_of(const cli::Config& config, const std::optional<std::string>& server) {
    if (server) {
        return *server;
    }
    if (!config.server_url.empty()) {
        return config.server_url;
    }
    const auto note = cli::find_server(config.home);
    if (!note) {
        throw Error{ErrorKind::unavailable, "no server runs for '" + config.home.native() + "'"}
            .hint("start one with `kiln serve`, or name one with --server URL");
    }
    return note->url;
}

/// A server of another home has keys of its own: AWS' variables name them.
aws::Credentials keys_of(const cli::Config& config, bool of_this_home) {
    const char* id = std::getenv("AWS_ACCESS_KEY_ID");
    const char* secret = std::getenv("AWS_SECRET_ACCESS_KEY");
    if (!of_this_home && id != nullptr && secret != nullptr) {
        return {id, secret, ""};
    }
    const auto keys = cli::load_credentials(config.home);
    return {keys.access_key_id, keys.secret_access_key, ""};
}

}  // namespace

void QueueDrivers::embed(ports::MessageQueue* own) {
    const std::lock_guard lock{mutex_};
    own_ = own;
}

void QueueDrivers::serve_from(std::optional<std::string> server) {
    const std::lock_guard lock{mutex_};
    server_ = std::move(server);
}

aws::SqsQueue& QueueDrivers::connect_kiln(const std::optional<std::string>& server) {
    auto url = url_of(config_, server);
    while (url.ends_with('/')) {
        url.pop_back();
    }
    auto& queue = connected_[url];
    if (!queue) {
        const bool of_this_home = !server && config_.server_url.empty();
        queue =
            aws::connect_kiln({std::string{kRegion}, url}, keys_of(config_, of_this_home), clock_);
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
        case ports::QueueDriver::amqp:
            break;
    }
    throw Error{
        ErrorKind::invalid, "'" + queue.shown() + "': this version does not reach such queues"}
        .hint("name one of kiln's own (kiln:NAME) or one in SQS (sqs:NAME)");
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
    auto& queue = connect_kiln(server);
    return {queue, queue};
}

}  // namespace kiln
