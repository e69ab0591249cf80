#include "net/handler_pool.hpp"

#include "base/log.hpp"

#include <exception>

namespace kiln::net {

namespace {

void run(const HandlerPool::Handler& handler, Request request, Responder responder) noexcept {
    // The log line wants to say what the request was, and the handler gets all of it.
    const auto what = request.method + ' ' + std::string{request.path()};
    try {
        handler(std::move(request), std::move(responder));
    } catch (const std::exception& error) {
        log_error("request handler failed", {{"request", what}, {"error", error.what()}});
    } catch (...) {  // the top of a thread
        log_error("request handler failed", {{"request", what}});
    }
}

}  // namespace

HandlerPool::HandlerPool(unsigned threads, std::size_t most_waiting, Handler handler)
    : most_waiting_{most_waiting}, handler_{std::move(handler)} {
    try {
        for (unsigned i = 0; i < threads; ++i) {
            threads_.emplace_back([this] { work(); });
        }
    } catch (...) {
        stop();  // those that started would be waited for without an end
        throw;
    }
}

HandlerPool::~HandlerPool() {
    stop();
}

bool HandlerPool::submit(Request&& request, Responder&& responder) {
    bool wake = false;
    {
        auto state = state_.lock();
        if (state->stopped || state->jobs.size() >= most_waiting_) {
            return false;
        }
        state->jobs.push_back({std::move(request), std::move(responder)});
        wake = state->sleeping > 0;
    }
    if (wake) {
        wake_.notify_one();
    }
    return true;
}

std::size_t HandlerPool::waiting() const {
    return state_.lock()->jobs.size();
}

std::size_t HandlerPool::busy() const {
    auto state = state_.lock();
    return state->jobs.size() + state->running;
}

void HandlerPool::work() noexcept {
    for (;;) {
        auto state = state_.lock();
        while (!state->stopped && state->jobs.empty()) {
            ++state->sleeping;
            wake_.wait(state.raw());
            --state->sleeping;
        }
        if (state->stopped) {
            return;
        }
        auto job = std::move(state->jobs.front());
        state->jobs.pop_front();
        ++state->running;
        state.raw().unlock();
        run(handler_, std::move(job.request), std::move(job.responder));
        state.raw().lock();
        --state->running;
    }
}

void HandlerPool::stop() {
    std::deque<Job> dropped;  // their responders answer outside of the lock
    {
        auto state = state_.lock();
        state->stopped = true;
        dropped.swap(state->jobs);
    }
    wake_.notify_all();
    threads_.clear();
}

}  // namespace kiln::net
