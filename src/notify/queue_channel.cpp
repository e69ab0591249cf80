#include "notify/queue_channel.hpp"

#include "base/sha256.hpp"

namespace kiln::notify {

ports::OutgoingMessage message_of(const Event& event, const std::string& queue) {
    ports::OutgoingMessage message;
    message.body = json::serialize(event_json(event));
    message.attributes = {
        {"kind", {"String", std::string{to_string(event.kind)}}}, {"key", {"String", event.key}}};
    if (queue.ends_with(".fifo")) {
        message.group = "kiln";
        message.deduplication = sha256(event.key);  // a key may be longer than its 128 characters
    }
    return message;
}

void QueueChannel::send(const Event& event, const std::stop_token&, Deadline) {
    // The queue's own id of the message says nothing that the event does not.
    (void)driver_().send(queue_, {message_of(event, queue_)});
}

}  // namespace kiln::notify
