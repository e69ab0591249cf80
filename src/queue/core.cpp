#include "queue/core.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace kiln::queue {

namespace {

/// Background work rests so long after the store failed.
constexpr std::chrono::seconds kRest{1};

// What is read on top of a body that is not in memory: the next receives want them.
constexpr std::size_t kReadAhead = 256;
constexpr std::size_t kReadAheadBytes = 1U << 20;

}  // namespace

Engine::Core::Core(
    ports::QueueStore& store,
    const ports::Clock& wall,
    const ports::SteadyClock& steady,
    EngineSettings given
)
    : settings{given},
      store_{store},
      time_{wall, steady},
      committer_{store, inbox},
      cache_{given.cached_bytes},
      patience_until_{time_.now()} {
    load();
    thread_ = std::thread{[this] { serve(); }};
}

Engine::Core::~Core() {
    inbox.close();
    thread_.join();
}

void Engine::Core::serve() {
    while (!finished()) {
        auto mail = inbox.take(patience());
        time_.read();
        closing_ = mail.closing;
        std::move(mail.commands.begin(), mail.commands.end(), std::back_inserter(backlog_));
        if (mail.settled) {
            conclude(*mail.settled);
        }
        fire_timers();
        run_commands();
        serve_dirty();
        if (closing_) {
            close_receivers();
        }
        if (!committer_.writing()) {
            write_next();
        }
    }
}

void Engine::Core::write_next() {
    if (!closing_ && time_.now() >= patience_until_) {
        run_background();
        serve_dirty();
    }
    committer_.submit();
}

bool Engine::Core::finished() const {
    return closing_ && backlog_.empty() && committer_.idle();
}

std::optional<Duration> Engine::Core::patience() const {
    const bool can_run = !backlog_.empty() && !committer_.batch_full();
    const bool unfinished = !sweeps_.empty() || !expiring_.empty() || !burying_.empty();
    if (can_run || (closing_ && !committer_.writing())) {
        return Duration{0};
    }
    std::optional<TimePoint> next = timers_.next();
    if (unfinished && !committer_.writing()) {
        next = std::min(next.value_or(patience_until_), patience_until_);
    }
    if (!next) {
        return std::nullopt;
    }
    return std::max(*next - time_.now(), Duration{0});
}

void Engine::Core::run_commands() {
    while (!backlog_.empty() && !committer_.batch_full()) {
        const auto command = std::move(backlog_.front());
        backlog_.pop_front();
        command();
    }
}

void Engine::Core::conclude(const std::exception_ptr& failure) {
    auto batch = committer_.settle(failure);
    if (!batch) {
        log_debug("queues: the store failed, what was under way is taken back");
        patience_until_ = time_.now() + kRest;
        return;
    }
    // Before the next batch is written, which may remove what these receivers are to get.
    read_missing(*batch);
    write_next();
    Committer::answer(*batch, nullptr);
}

void Engine::Core::read_missing(Batch& batch) {
    std::map<ports::MessageKey, std::vector<std::pair<PendingReceive*, std::size_t>>> missing;
    for (const auto& receive : batch.receives) {
        for (std::size_t i = 0; i < receive->keys.size(); ++i) {
            auto& message = receive->deliveries[i].message;
            message = message ? message : cache_.find(receive->keys[i]);
            if (!message) {
                missing[receive->keys[i]].emplace_back(receive.get(), i);
            }
        }
    }
    const auto resolve = [&](const ports::MessageKey& key, const ports::QueueMessagePtr& message) {
        const auto wanted = missing.find(key);
        if (wanted != missing.end()) {
            for (const auto& [receive, at] : wanted->second) {
                receive->deliveries[at].message = message;
            }
            missing.erase(wanted);
        }
    };
    try {
        while (!missing.empty()) {
            const auto first = missing.begin()->first;
            for (auto& read : store_.read_ahead(first, kReadAhead, kReadAheadBytes)) {
                resolve(read.key, read.message);
                cache_.put(read.key, std::move(read.message));
            }
            resolve(first, nullptr);  // no such message any more
        }
    } catch (const std::exception& error) {
        for (const auto& [key, receivers] : missing) {
            for (const auto& [receive, at] : receivers) {
                receive->failure = Refusal{RefusalCode::unavailable, error.what()};
            }
        }
    }
}

void Engine::Core::fire_timers() {
    while (const auto timer = timers_.pop(time_.now())) {
        switch (timer->kind) {
            case Timers::Kind::receive:
                unpark(timer->of);
                break;
            case Timers::Kind::tombstone:
                burying_.insert(static_cast<ports::QueueNumber>(timer->of));
                break;
            case Timers::Kind::queue:
                const auto found = queues_.find(static_cast<ports::QueueNumber>(timer->of));
                if (found != queues_.end()) {
                    auto& queue = *found->second;
                    queue.armed.reset();
                    touch(queue);
                    expiring_.insert(queue.number());
                }
        }
    }
}

void Engine::Core::release_waiting() {
    waiting_over_ = true;
    close_receivers();
}

void Engine::Core::close_receivers() {
    while (!parked_.empty()) {
        unpark(parked_.begin()->first);
    }
}

}  // namespace kiln::queue
