#include "tasks/call_pool.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

void carry_out(const JobPtr& job, const std::function<void(const JobPtr&)>& work) {
    try {
        work(job);
    } catch (const flow::TaskFailure& failure) {
        job->failed(failure);
    } catch (const std::exception& error) {
        job->failed({"States.TaskFailed", error.what()});
    }
}

}  // namespace

CallPool::CallPool(std::size_t threads, std::size_t most_waiting) : most_waiting_{most_waiting} {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

CallPool::~CallPool() {
    std::deque<std::function<void()>> dropped;
    {
        auto state = state_.lock();
        state->stopped = true;
        dropped.swap(state->waiting);
    }
    wake_.notify_all();
    threads_.clear();
}

bool CallPool::post(std::function<void()> work) {
    {
        auto state = state_.lock();
        if (state->waiting.size() >= most_waiting_) {
            return false;
        }
        state->waiting.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

void CallPool::run(JobPtr job, std::function<void(const JobPtr&)> work) {
    const bool taken = post([job, work = std::move(work)] {
        if (!job->stop().stop_requested()) {
            carry_out(job, work);
        }
    });
    if (!taken) {
        job->failed(
            {"States.TaskFailed",
             fmt::format("More than {} calls of services wait already.", most_waiting_)}
        );
    }
}

void CallPool::work() {
    for (;;) {
        auto state = state_.lock();
        wake_.wait(state.raw(), [&] { return state->stopped || !state->waiting.empty(); });
        if (state->stopped) {
            return;
        }
        const auto work = std::move(state->waiting.front());
        state->waiting.pop_front();
        state.raw().unlock();
        work();
    }
}

}  // namespace kiln::tasks
