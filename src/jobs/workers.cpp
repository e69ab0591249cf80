#include "jobs/workers.hpp"

#include "base/backoff.hpp"
#include "base/random.hpp"

#include <cctype>

namespace kiln::jobs {

namespace {

constexpr std::chrono::seconds kPoll{20};
constexpr std::chrono::milliseconds kFirstPause{500};
constexpr unsigned kMostTries = 8;  ///< to tell how a job ended

/// "not_found" -> "Kiln::NotFound", as Ruby names classes.
std::string class_name(ErrorKind kind) {
    std::string name{"Kiln::"};
    bool begins = true;
    for (const char c : to_string(kind)) {
        if (c == '_') {
            begins = true;
            continue;
        }
        name += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        begins = false;
    }
    return name;
}

}  // namespace

ports::JobFailure failure_of(const Error& error) {
    const auto kind = error.kind();
    const bool may_pass =
        retryable(kind) || kind == ErrorKind::internal || kind == ErrorKind::cancelled;
    return {class_name(kind), error.message(), !may_pass};
}

Workers::Workers(ports::JobQueue& jobs, Work work, WorkPlan plan, WorkNews news)
    : jobs_{jobs}, work_{std::move(work)}, plan_{std::move(plan)}, news_{std::move(news)} {
    for (const auto& queue : plan_.queues) {
        for (std::size_t i = 0; i < plan_.concurrency; ++i) {
            threads_.emplace_back([this, queue] { serve(queue); });
        }
    }
    keeper_ = std::jthread{[this](const std::stop_token& stop) { keep_all(stop); }};
}

Workers::~Workers() {
    quiet();
    hurry();
    join();
}

void Workers::quiet() noexcept {
    quiet_.request_stop();
}

void Workers::hurry() noexcept {
    hurry_.request_stop();
    auto running = running_.lock();
    for (auto& [receipt, one] : *running) {
        one.stop.request_stop();
    }
}

void Workers::join() {
    threads_.clear();
    keeper_ = {};
}

void Workers::pause(unsigned attempt) {
    const auto span = backoff(attempt, kFirstPause, plan_.longest_pause, random_jitter());
    auto waiting = waiting_.lock();
    never_.wait_for(waiting.raw(), quiet_.get_token(), span, [] { return false; });
}

void Workers::serve(const std::string& queue) {
    for (unsigned failures = 0; !quiet_.stop_requested();) {
        std::optional<ports::Job> job;
        try {
            job = jobs_.take(queue, kPoll, quiet_.get_token());
            failures = 0;
        } catch (const Error& error) {
            news_.trouble(error);
            pause(failures++);
            continue;
        }
        if (job) {
            do_one(*job);
        }
    }
}

void Workers::do_one(const ports::Job& job) {
    std::stop_source stop;
    running_.lock()->insert_or_assign(job.receipt, Running{job, stop});
    if (hurry_.stop_requested()) {
        stop.request_stop();
    }
    news_.begun(job);
    std::optional<ports::JobFailure> failure;
    try {
        failure = work_(job, stop.get_token());
    } catch (const Error& error) {
        failure = failure_of(error);
    } catch (const std::exception& error) {
        failure = ports::JobFailure{"Kiln::Internal", error.what()};
    }
    settle(job, failure);
    running_.lock()->erase(job.receipt);
}

/// The job is kept meanwhile, so that an outage of the queue does not make anybody do it again.
void Workers::settle(const ports::Job& job, const std::optional<ports::JobFailure>& failure) {
    for (unsigned attempt = 0; attempt < kMostTries; ++attempt) {
        try {
            if (failure) {
                const auto fate = jobs_.fail(job, *failure);
                news_.ended(job, &*failure, &fate);
            } else {
                jobs_.finish(job);
                news_.ended(job, nullptr, nullptr);
            }
            return;
        } catch (const Error& error) {
            news_.trouble(Error{error}.while_("tell how job " + job.id + " ended"));
            if (!retryable(error.kind())) {
                return;
            }
            pause(attempt);
        }
    }
}

void Workers::keep(const ports::Job& job, std::stop_source& stop) {
    try {
        jobs_.keep(job);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::conflict) {
            // Not where it has just ended by itself.
            if (running_.lock()->contains(job.receipt)) {
                stop.request_stop();
            }
        } else {
            news_.trouble(Error{error}.while_("keep job " + job.id));
        }
    }
}

void Workers::keep_all(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            auto waiting = waiting_.lock();
            never_.wait_for(waiting.raw(), stop, plan_.keep_every, [] { return false; });
        }
        if (stop.stop_requested()) {
            return;
        }
        const auto running = *running_.lock();
        for (auto [receipt, one] : running) {
            keep(one.job, one.stop);
        }
    }
}

}  // namespace kiln::jobs
