#include "net/outbox.hpp"

#include "net/stream_buffer.hpp"

namespace kiln::net {

namespace {

/// Nobody will hear it: a stream has to know.
void drop(const Message& message) {
    if (const auto* stream = std::get_if<Message::Stream>(&message.what)) {
        stream->buffer->reader_gone();
    }
}

}  // namespace

void Outbox::post(Message message) {
    auto state = state_.lock();
    if (state->loop == nullptr) {
        state.raw().unlock();
        drop(message);
        return;
    }
    state->messages.push_back(std::move(message));
    if (!state->woken) {
        state->woken = true;
        // Under the lock, so that the loop cannot be closed and gone in between.
        asio::post(*state->loop, [self = shared_from_this()] { self->drain(); });
    }
}

void Outbox::drain() {
    {
        auto state = state_.lock();
        taken_.swap(state->messages);
        state->woken = false;
    }
    for (auto& message : taken_) {
        deliver_(message);
    }
    taken_.clear();
}

void Outbox::close() {
    std::vector<Message> dropped;
    auto state = state_.lock();
    state->loop = nullptr;
    dropped.swap(state->messages);
    state.raw().unlock();
    for (const auto& message : dropped) {
        drop(message);
    }
}

}  // namespace kiln::net
