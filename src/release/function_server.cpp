#include "release/function_server.hpp"

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "release/order_json.hpp"

#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

namespace kiln::release {

namespace {

constexpr std::size_t kMostFinished = 10'000;

/// Waits a while, or until it is stopped.
void pause(unsigned tries, const std::stop_token& stop) {
    constexpr Duration kFirst = std::chrono::milliseconds{100};
    constexpr Duration kLongest = std::chrono::seconds{10};
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    never.wait_for(lock, stop, backoff(tries, kFirst, kLongest, random_jitter()), [] {
        return false;
    });
}

/// Takes tasks and gives them to `each`, until it is stopped or the activity is gone.
void take_tasks(
    TaskSource& tasks,
    const std::string& activity,
    const std::string& worker,
    const std::stop_token& stop,
    const std::function<void(const TaskSource::Task&)>& each
) {
    for (unsigned failures = 0; !stop.stop_requested();) {
        try {
            if (const auto task = tasks.take(activity, worker, stop)) {
                each(*task);
            }
            failures = 0;
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::not_found) {
                return;
            }
            if (failures++ == 0) {
                log_warning(
                    "tasks are not taken", {{"activity", activity}, {"error", error.message()}}
                );
            }
            pause(failures, stop);
        }
    }
}

}  // namespace

void Ticks::keep(const TaskSource::Task& task) {
    const auto* object = task.input.if_object();
    const auto round = object == nullptr ? std::string{} : round_name(*object);
    std::string over = task.token;
    {
        auto state = state_.lock();
        if (!state->finished.contains(round)) {
            // An execution waits once at a time: the task of before is over.
            state->tokens[round] = task.token;
            over.clear();
        }
    }
    if (!over.empty()) {
        end(over);
    }
}

void Ticks::finish(const std::string& round) {
    std::string over;
    {
        auto state = state_.lock();
        if (state->finished.insert(round).second) {
            state->oldest_finished.push_back(round);
        }
        if (state->oldest_finished.size() > kMostFinished) {
            state->finished.erase(state->oldest_finished.front());
            state->oldest_finished.pop_front();
        }
        if (const auto found = state->tokens.find(round); found != state->tokens.end()) {
            over = found->second;
            state->tokens.erase(found);
        }
    }
    if (!over.empty()) {
        end(over);
    }
}

void Ticks::end(const std::string& token) {
    tasks_.succeed(token, json::object{{"over", true}});
}

void Ticks::beat() {
    const auto tokens = state_.lock()->tokens;
    for (const auto& [round, token] : tokens) {
        if (tasks_.beat(token)) {
            continue;
        }
        auto state = state_.lock();
        const auto found = state->tokens.find(round);
        if (found != state->tokens.end() && found->second == token) {
            state->tokens.erase(found);
        }
    }
}

std::size_t Ticks::size() {
    return state_.lock()->tokens.size();
}

void serve_functions(
    TaskSource& tasks,
    Functions& functions,
    const std::string& activity,
    const std::string& worker,
    const std::stop_token& stop
) {
    take_tasks(tasks, activity, worker, stop, [&](const TaskSource::Task& task) {
        try {
            tasks.succeed(task.token, functions.answer(task.input, stop));
        } catch (const FunctionFailure& failure) {
            tasks.fail(task.token, failure);
        }
    });
}

void serve_ticks(
    TaskSource& tasks,
    Ticks& ticks,
    const std::string& activity,
    const std::string& worker,
    const std::stop_token& stop
) {
    take_tasks(tasks, activity, worker, stop, [&](const TaskSource::Task& task) {
        ticks.keep(task);
    });
}

}  // namespace kiln::release
