#pragma once

#include "net/admission.hpp"
#include "net/asio.hpp"
#include "net/counts.hpp"
#include "net/handler_pool.hpp"
#include "net/outbox.hpp"
#include "net/server.hpp"
#include "net/time_outs.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/asio/ssl/context.hpp>

namespace kiln::net {

class Session;

/// What the connections of one server share. The loop's thread alone, but for `counts`, `outbox`
/// and `pool`. Outlives its sessions.
class ServerLoop {
  public:
    ServerLoop(ServerOptions options, Handler handler);
    ServerLoop(const ServerLoop&) = delete;
    ServerLoop& operator=(const ServerLoop&) = delete;
    ~ServerLoop();

    const ServerOptions options;
    asio::io_context io{1};
    std::optional<asio::ssl::context> tls;
    Counts counts;
    std::shared_ptr<Outbox> outbox;
    HandlerPool pool;
    bool draining = false;
    std::uint64_t body_bytes = 0;  ///< of all requests that are not answered yet

    /// Takes over a socket that was accepted.
    void serve(int fd, bool ipv4, std::string peer, const Origin& origin);

    void begin(TimeOuts::Waiter& waiter, TimeOuts::Kind kind);

    void end(TimeOuts::Waiter& waiter) { time_outs_.end(waiter); }

    /// For one read, whose bytes are used up before anything else happens on this thread.
    std::span<char> scratch() { return scratch_; }

    /// Now, as a Date field has it.
    std::string_view date();

    /// Gives up the connection that has been idle for longest. @returns false: none is idle
    bool give_up_idle();

    /// Called when draining, and no answer is due any more.
    std::function<void()> on_drained;
    /// One answer less is due.
    void answer_finished();

    /// Ends what is idle; what is not, ends after its answer.
    void drain();
    /// Answers in place of those who should have, and cuts streams.
    void answer_all();
    /// Ends every connection, and everything else that keeps the loop running.
    void cut_all();

  private:
    /// Refused connections that are open beyond the limit, while they get their answer.
    static constexpr std::size_t kMostRefused = 256;
    static constexpr std::size_t kScratch = 64U << 10;

    struct Place {
        std::shared_ptr<Session> session;
        std::optional<Origin> origin;  ///< counted as one of its connections
    };

    void start(std::shared_ptr<Session> session, std::optional<Origin> origin);
    void ended(Session& session);
    /// Others may have its place from now on.
    void make_room(Place& place);
    void deliver(Message& message);
    void set_timer(TimeOuts::Time at);
    std::vector<std::shared_ptr<Session>> all() const;

    TimeOuts time_outs_;
    Timer timer_{io};
    std::optional<TimeOuts::Time> timer_at_;
    Admission admission_;
    std::size_t refused_ = 0;
    std::uint64_t last_session_ = 0;
    std::unordered_map<std::uint64_t, Place> sessions_;
    std::array<char, kScratch> scratch_;
    std::string date_;
    std::chrono::sys_seconds date_of_{};
};

}  // namespace kiln::net
