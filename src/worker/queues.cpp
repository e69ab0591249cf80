#include "worker/queues.hpp"

#include "base/log.hpp"
#include "os/interrupt.hpp"
#include "ports/queue_rules.hpp"

namespace kiln::worker {

namespace {

/// Between the consumer's own limit and the queue's: as often may a consumer die while it replies.
constexpr std::int64_t kTriesToReply = 5;

void create(ports::QueueAdmin& admin, const ports::QueueSpec& spec) {
    try {
        admin.create(spec);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::conflict) {
            throw;
        }
        log_debug("queue has settings of its own", {{"queue", spec.name}});
    }
}

}  // namespace

Pause real_pause() {
    return [](Duration span, const std::stop_token& stop) {
        const os::StopFd stopped{stop};
        return os::wait_ready(-1, 0, &stopped, Deadline::after(span)) != os::Ready::stopped;
    };
}

std::string dead_letters_of(const std::string& queue) {
    if (ports::is_fifo(queue)) {
        return queue.substr(0, queue.rfind('.')) + "-dead.fifo";
    }
    return queue + "-dead";
}

void make_request_queues(
    ports::QueueAdmin& admin, const std::string& queue, std::int64_t max_receives
) {
    ports::QueueSpec dead;
    dead.name = dead_letters_of(queue);
    dead.retention = ports::kLongestRetention;
    create(admin, dead);
    ports::QueueSpec requests;
    requests.name = queue;
    requests.retention = ports::kLongestRetention;
    requests.dead_letters = {dead.name, max_receives + kTriesToReply};
    create(admin, requests);
}

ports::Resource message_resource(const ports::QueueReference& queue, const std::string& receipt) {
    return {ports::ResourceKind::message, queue.str() + " " + receipt};
}

void give_back(const Queues& queues, const ports::Resource& message) {
    const auto space = message.name.find(' ');
    if (space == std::string::npos) {
        throw Error{ErrorKind::corrupt, "the ledger names a message without a receipt"};
    }
    const auto queue = ports::parse_queue_reference(message.name.substr(0, space));
    try {
        queues(queue).extend(queue.name, message.name.substr(space + 1), std::chrono::seconds{0});
    } catch (const Error& error) {
        // The delivery is over, or the queue is gone: nothing is held any more.
        if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::conflict) {
            throw;
        }
    }
}

}  // namespace kiln::worker
