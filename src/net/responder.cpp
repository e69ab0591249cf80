#include "net/responder.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "net/outbox.hpp"
#include "net/response_head.hpp"
#include "net/stream_buffer.hpp"

namespace kiln::net {

namespace {

Response internal_error() {
    return refusal(500, "internal", "the server failed to answer; its log says why");
}

/// Is it fit to be sent? If not, says so in the log and in the answer.
bool fit(Response& response) {
    if (auto problem = response_problem(response)) {
        log_error("answer that cannot be sent", {{"problem", *problem}});
        response = internal_error();
        return false;
    }
    return true;
}

}  // namespace

Responder::Responder(std::shared_ptr<Outbox> outbox, std::uint64_t session) noexcept
    : outbox_{std::move(outbox)}, session_{session} {}

Responder Responder::within(std::function<void(const Response&)> answered) {
    Responder out{std::make_shared<Outbox>(), 0};
    out.observe(std::move(answered));
    return out;
}

Responder& Responder::operator=(Responder&& other) noexcept {
    // What this one owed before is answered by the destructor of what it is swapped into.
    Responder taken{std::move(other)};
    std::swap(outbox_, taken.outbox_);
    std::swap(session_, taken.session_);
    std::swap(seen_, taken.seen_);
    return *this;
}

Responder::~Responder() {
    if (outbox_) {
        send(internal_error());
    }
}

void Responder::send(Response response) {
    KILN_CHECK(outbox_ != nullptr);
    (void)fit(response);
    tell_seen(response);
    const auto outbox = std::move(outbox_);
    outbox->post({session_, std::move(response)});
}

Stream Responder::stream(Response head) {
    KILN_CHECK(outbox_ != nullptr);
    const auto outbox = std::move(outbox_);
    auto buffer = std::make_shared<StreamBuffer>(outbox, session_, outbox->stream_limit());
    const bool good = fit(head);
    tell_seen(head);
    if (good) {
        outbox->post({session_, Message::Stream{std::move(head), buffer}});
    } else {
        buffer->reader_gone();
        outbox->post({session_, std::move(head)});
    }
    return Stream{std::move(buffer)};
}

void Responder::observe(std::function<void(const Response&)> seen) {
    seen_ = std::move(seen);
}

void Responder::tell_seen(const Response& response) {
    if (const auto seen = std::exchange(seen_, {})) {
        seen(response);
    }
}

void Responder::on_gone(std::function<void()> gone) {
    KILN_CHECK(outbox_ != nullptr);
    outbox_->post({session_, std::move(gone)});
}

}  // namespace kiln::net
