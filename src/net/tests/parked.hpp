#pragma once

#include "net/responder.hpp"
#include "net/server.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace kiln::net::testing {

/// A handler that keeps what it gets, for the test's thread to answer.
class Parked {
  public:
    struct Job {
        Request request;
        Responder responder;
    };

    void operator()(Request request, Responder responder) {
        const std::lock_guard lock{mutex_};
        jobs_.push_back({std::move(request), std::move(responder)});
        changed_.notify_all();
    }

    /// The next request; waits for it.
    Job take() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return !jobs_.empty(); });
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        return job;
    }

    void wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return jobs_.size() >= count; });
    }

    Handler handler() {
        return [this](Request request, Responder responder) {
            (*this)(std::move(request), std::move(responder));
        };
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
};

/// Something that happens once, and is waited for.
class Signal {
  public:
    void give() {
        const std::lock_guard lock{mutex_};
        given_ = true;
        changed_.notify_all();
    }

    void wait() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return given_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool given_ = false;
};

/// Answers with what it was asked.
inline void echo(Request request, Responder responder) {
    auto body = request.method + ' ' + request.target + ' ' + request.body;
    responder.send({200, {{"Content-Type", "text/plain"}}, std::move(body)});
}

}  // namespace kiln::net::testing
