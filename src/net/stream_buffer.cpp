#include "net/stream_buffer.hpp"

#include "net/outbox.hpp"
#include "net/responder.hpp"

namespace kiln::net {

/// Lets go of the lock, and wakes the session unless it has been woken already.
void StreamBuffer::tell(Guarded<State>::Lock& state) {
    const bool tell = !std::exchange(state->told, true);
    state.raw().unlock();
    if (tell) {
        outbox_->post({session_, Message::MoreToStream{}});
    }
}

/// Lets go of the lock, and tells who waited for room.
void StreamBuffer::tell_drained(Guarded<State>::Lock& state) {
    const auto drained = std::exchange(state->drained, {});
    state.raw().unlock();
    if (drained) {
        drained();
    }
}

bool StreamBuffer::write(std::string_view piece) {
    auto state = state_.lock();
    if (state->phase != Phase::open) {
        return false;
    }
    const bool fits = state->bytes.size() + piece.size() <= state->limit;
    if (fits) {
        state->bytes.append(piece);
    } else {
        state->phase = Phase::overflown;
        state->bytes = {};
    }
    tell(state);
    return fits;
}

bool StreamBuffer::open() const {
    return state_.lock()->phase == Phase::open;
}

void StreamBuffer::close() {
    auto state = state_.lock();
    if (state->phase == Phase::open) {
        state->phase = Phase::closed;
        tell(state);
    }
}

void StreamBuffer::abandon() {
    auto state = state_.lock();
    if (state->phase == Phase::open) {
        state->phase = Phase::abandoned;
        tell(state);
    }
}

StreamBuffer::Taken StreamBuffer::take() {
    auto state = state_.lock();
    state->told = false;
    Taken taken;
    taken.bytes = std::exchange(state->bytes, {});
    taken.last = state->phase == Phase::closed;
    taken.cut = state->phase == Phase::abandoned || state->phase == Phase::overflown;
    taken.too_slow = state->phase == Phase::overflown;
    tell_drained(state);
    return taken;
}

void StreamBuffer::reader_gone() {
    auto state = state_.lock();
    state->phase = Phase::gone;
    state->bytes = {};
    tell_drained(state);
}

std::size_t StreamBuffer::unsent() const {
    return state_.lock()->bytes.size();
}

void StreamBuffer::when_drained(std::function<void()> drained) {
    auto state = state_.lock();
    if (state->phase == Phase::open && !state->bytes.empty()) {
        state->drained = std::move(drained);
        return;
    }
    state.raw().unlock();
    drained();
}

Stream::Stream(std::shared_ptr<StreamBuffer> buffer) noexcept : buffer_{std::move(buffer)} {}

Stream& Stream::operator=(Stream&& other) noexcept {
    if (buffer_ && buffer_ != other.buffer_) {
        buffer_->abandon();
    }
    buffer_ = std::move(other.buffer_);
    return *this;
}

Stream::~Stream() {
    if (buffer_) {
        buffer_->abandon();
    }
}

bool Stream::write(std::string_view piece) {
    return buffer_->write(piece);
}

bool Stream::open() const {
    return buffer_->open();
}

void Stream::close() {
    buffer_->close();
}

std::size_t Stream::unsent() const {
    return buffer_->unsent();
}

void Stream::when_drained(std::function<void()> drained) {
    buffer_->when_drained(std::move(drained));
}

}  // namespace kiln::net
