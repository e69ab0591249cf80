#pragma once

#include "base/guarded.hpp"
#include "net/responder.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

namespace kiln::net {

/// The threads that run handlers, and the requests that wait for one, of which there is a most.
class HandlerPool {
  public:
    using Handler = std::function<void(Request, Responder)>;

    HandlerPool(unsigned threads, std::size_t most_waiting, Handler handler);
    HandlerPool(const HandlerPool&) = delete;
    HandlerPool& operator=(const HandlerPool&) = delete;
    ~HandlerPool();

    /// @returns false: too many wait; nothing was moved from
    bool submit(Request&& request, Responder&& responder);

    [[nodiscard]] std::size_t waiting() const;
    /// Requests that wait or whose handler has not returned.
    [[nodiscard]] std::size_t busy() const;

    /// Runs what waits no more, and returns when every running handler has returned.
    void stop();

  private:
    struct Job {
        Request request;
        Responder responder;
    };

    struct State {
        std::deque<Job> jobs;
        std::size_t running = 0;
        std::size_t sleeping = 0;
        bool stopped = false;
    };

    void work() noexcept;

    std::size_t most_waiting_;
    Handler handler_;
    mutable Guarded<State> state_;
    std::condition_variable wake_;
    std::vector<std::jthread> threads_;
};

}  // namespace kiln::net
