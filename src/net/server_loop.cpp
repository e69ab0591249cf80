#include "net/server_loop.hpp"

#include "base/log.hpp"
#include "net/response_head.hpp"
#include "net/session.hpp"
#include "net/stream_buffer.hpp"
#include "net/tls_context.hpp"

#include <exception>

#include <unistd.h>

namespace kiln::net {

namespace {

using std::chrono::seconds;

/// How long a client is given to close after its last answer.
constexpr seconds kFarewell{2};

std::array<TimeOuts::Span, TimeOuts::kKinds> spans(const ServerOptions& options) {
    return {
        TimeOuts::Span{},
        options.header_timeout,
        options.body_timeout,
        options.write_timeout,
        options.idle_timeout,
        options.watch_after,
        kFarewell};
}

Response too_many_connections(Admission::Answer answer) {
    auto response = answer == Admission::Answer::too_many
                        ? refusal(503, "exhausted", "the server has all the connections it takes")
                        : refusal(429, "exhausted", "too many connections from one address");
    response.headers.set("Retry-After", "1");
    return response;
}

}  // namespace

ServerLoop::ServerLoop(ServerOptions chosen, Handler handler)
    : options{std::move(chosen)},
      outbox{std::make_shared<Outbox>(
          io, options.max_stream_buffer.count, [this](Message& message) { deliver(message); }
      )},
      pool{options.handler_threads, options.max_waiting, std::move(handler)},
      time_outs_{spans(options)},
      admission_{options.max_connections, options.max_connections_per_address} {
    if (options.tls) {
        tls = make_tls_context(*options.tls);
    }
}

ServerLoop::~ServerLoop() = default;

void ServerLoop::serve(int fd, bool ipv4, std::string peer, const Origin& origin) {
    Socket socket{io};
    socket.assign(ipv4 ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), fd);
    if (admission_.full()) {
        (void)give_up_idle();
    }
    const auto answer = admission_.admit(origin);
    std::optional<Response> refused;
    if (answer != Admission::Answer::yes) {
        (answer == Admission::Answer::too_many ? counts.connections : counts.connections_of_one)
            .add();
        if (refused_ == kMostRefused) {
            return;  // those that get an answer are limited, too
        }
        refused = too_many_connections(answer);
    }
    counts.accepted.add();
    const bool admitted = !refused;
    auto session = std::make_shared<Session>(
        *this, ++last_session_, std::move(socket), std::move(peer), std::move(refused)
    );
    start(std::move(session), admitted ? std::optional{origin} : std::nullopt);
}

void ServerLoop::start(std::shared_ptr<Session> session, std::optional<Origin> origin) {
    counts.open.add();
    refused_ += origin ? 0 : 1;
    time_outs_.add(*session);
    sessions_.emplace(session->id(), Place{session, origin});
    auto at_end = [this, session](const std::exception_ptr& failure) {
        if (failure) {
            log_error("a connection failed", {{"what", "out of memory, or a defect"}});
        }
        ended(*session);
    };
    asio::co_spawn(io, Session::run(session), std::move(at_end));
}

void ServerLoop::ended(Session& session) {
    const auto found = sessions_.find(session.id());
    refused_ -= session.refused() ? 1 : 0;
    make_room(found->second);
    time_outs_.remove(session);
    counts.open.take();
    session.cut();
    sessions_.erase(found);
}

void ServerLoop::make_room(Place& place) {
    if (const auto origin = std::exchange(place.origin, std::nullopt)) {
        admission_.leave(*origin);
    }
}

void ServerLoop::begin(TimeOuts::Waiter& waiter, TimeOuts::Kind kind) {
    const auto until = time_outs_.begin(waiter, kind, std::chrono::steady_clock::now());
    if (!timer_at_ || until < *timer_at_) {
        set_timer(until);
    }
}

void ServerLoop::set_timer(TimeOuts::Time at) {
    timer_at_ = at;
    timer_.expires_at(at);
    timer_.async_wait([this](const ErrorCode& error) {
        if (error) {
            return;  // set anew
        }
        timer_at_.reset();
        time_outs_.expire(std::chrono::steady_clock::now());
        if (const auto next = time_outs_.next(); next && (!timer_at_ || *next < *timer_at_)) {
            set_timer(*next);
        }
    });
}

std::string_view ServerLoop::date() {
    const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    if (now != date_of_) {
        date_of_ = now;
        date_ = http_date(now);
    }
    return date_;
}

bool ServerLoop::give_up_idle() {
    auto* longest = static_cast<Session*>(time_outs_.longest(TimeOuts::Kind::idle));
    if (longest == nullptr) {
        return false;
    }
    auto& place = sessions_.at(longest->id());
    make_room(place);
    time_outs_.end(*longest);
    const auto session = place.session;
    session->cut();
    return true;
}

void ServerLoop::deliver(Message& message) {
    if (const auto found = sessions_.find(message.session); found != sessions_.end()) {
        const auto session = found->second.session;
        session->deliver(message);
    } else if (auto* stream = std::get_if<Message::Stream>(&message.what)) {
        stream->buffer->reader_gone();
    } else if (auto* gone = std::get_if<Message::Gone>(&message.what)) {
        (*gone)();
    }
}

std::vector<std::shared_ptr<Session>> ServerLoop::all() const {
    std::vector<std::shared_ptr<Session>> found;
    found.reserve(sessions_.size());
    for (const auto& [id, place] : sessions_) {
        found.push_back(place.session);
    }
    return found;
}

void ServerLoop::answer_finished() {
    if (draining && on_drained && counts.answering.get() == 0) {
        on_drained();
    }
}

void ServerLoop::drain() {
    draining = true;
    for (const auto& session : all()) {
        if (session->idle()) {
            session->cut();
        }
    }
    answer_finished();
}

void ServerLoop::answer_all() {
    for (const auto& session : all()) {
        session->answer_by_force();
    }
}

void ServerLoop::cut_all() {
    for (const auto& session : all()) {
        session->cut();
    }
    timer_.cancel();
}

}  // namespace kiln::net
