#include "net/server.hpp"

#include "base/error.hpp"
#include "net/listener.hpp"
#include "net/server_loop.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <system_error>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>

namespace kiln::net {

namespace {

/// After the deadline of a shutdown, for the answers that the server gives itself.
constexpr std::chrono::milliseconds kLastWrites{500};

void check(const ServerOptions& options) {
    const auto want = [](bool good, std::string_view what) {
        if (!good) {
            throw Error{ErrorKind::invalid, fmt::format("the server's limits: {}", what)};
        }
    };
    using std::chrono::milliseconds;
    want(options.handler_threads > 0, "at least one handler thread is needed");
    want(
        options.max_header.count >= 256 && options.max_header.count <= (16U << 20),
        "a header may have from 256 B to 16 MiB"
    );
    want(options.max_connections > 0, "at least one connection is needed");
    want(options.max_connections_per_address > 0, "at least one connection per address is needed");
    want(options.max_waiting > 0, "at least one request has to be able to wait");
    for (const auto span :
         {options.header_timeout,
          options.body_timeout,
          options.write_timeout,
          options.idle_timeout,
          options.watch_after}) {
        want(span > milliseconds{0}, "each time-out must be above zero");
    }
}

}  // namespace

class Server::Impl {
  public:
    Impl(ServerOptions options, Handler handler)
        : loop{std::move(options), std::move(handler)},
          listener{loop, loop.options.address, loop.options.port},
          also{listen_also()},
          work{asio::make_work_guard(loop.io)} {
        loop.on_drained = [this] {
            const std::lock_guard lock{mutex};
            drained = true;
            changed.notify_all();
        };
        listener.start();
        if (also) {
            also->start();
        }
        thread = std::thread{[this] { loop.io.run(); }};
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ~Impl() { shut_down(Deadline::after(std::chrono::nanoseconds{0}), {}); }

    void shut_down(Deadline deadline, const std::function<void()>& on_draining) {
        if (!thread.joinable()) {
            return;
        }
        on_loop([this] {
            listener.close();
            if (also) {
                also->close();
            }
            loop.drain();
        });
        if (on_draining) {
            on_draining();
        }
        if (!wait_drained(deadline)) {
            on_loop([this] { loop.answer_all(); });
            (void)wait_drained(Deadline::after(kLastWrites));
        }
        loop.pool.stop();
        on_loop([this] {
            loop.outbox->close();
            loop.cut_all();
        });
        work.reset();
        thread.join();
    }

    ServerLoop loop;
    Listener listener;
    std::unique_ptr<Listener> also;
    asio::executor_work_guard<Executor> work;

  private:
    std::unique_ptr<Listener> listen_also() {
        return loop.options.also.empty()
                   ? nullptr
                   : std::make_unique<Listener>(
                         loop, loop.options.also, listener.port(), AddressMay::come_later
                     );
    }

    /// Runs it on the loop's thread, and waits for that.
    void on_loop(const std::function<void()>& what) {
        std::promise<void> done;
        asio::post(loop.io, [&] {
            what();
            done.set_value();
        });
        done.get_future().wait();
    }

    bool wait_drained(Deadline deadline) {
        std::unique_lock lock{mutex};
        if (deadline.at() == Deadline::Clock::time_point::max()) {
            changed.wait(lock, [&] { return drained; });
            return true;
        }
        return changed.wait_until(lock, deadline.at(), [&] { return drained; });
    }

    std::thread thread;
    std::mutex mutex;
    std::condition_variable changed;
    bool drained = false;
};

Server::Server(ServerOptions options, Handler handler) {
    check(options);
    try {
        impl_ = std::make_unique<Impl>(std::move(options), std::move(handler));
    } catch (const std::system_error& error) {
        throw Error::from_errno(error.code().value(), "start the server's threads and its loop");
    }
}

Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
    return impl_->listener.port();
}

std::string Server::url() const {
    return fmt::format(
        "{}://{}", impl_->loop.options.tls ? "https" : "http", impl_->listener.name()
    );
}

ServerCounters Server::counters() const {
    const auto& loop = impl_->loop;
    const auto& counts = loop.counts;
    const auto in_pool = loop.pool.busy() + loop.pool.waiting();
    const auto answering = counts.answering.get();
    const auto streams = counts.streams.get();
    return {
        .connections_open = counts.open.get(),
        .connections_accepted = counts.accepted.get(),
        .requests = counts.requests.get(),
        .bytes_received = counts.received.get(),
        .bytes_sent = counts.sent.get(),
        .waiting = loop.pool.waiting(),
        .answering = answering,
        .parked = answering - std::min(answering, in_pool + streams),
        .streams = streams,
        .refused = {
            .malformed = counts.malformed.get(),
            .header_size = counts.header_size.get(),
            .body_size = counts.body_size.get(),
            .too_slow = counts.too_slow.get(),
            .connections = counts.connections.get(),
            .connections_of_one_address = counts.connections_of_one.get(),
            .waiting = counts.waiting.get(),
            .memory = counts.memory.get(),
            .draining = counts.draining.get()}};
}

void Server::shutdown(Deadline deadline, const std::function<void()>& on_draining) {
    impl_->shut_down(deadline, on_draining);
}

}  // namespace kiln::net
