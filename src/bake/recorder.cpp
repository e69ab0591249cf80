#include "bake/recorder.hpp"

#include "bake/follow.hpp"
#include "base/log.hpp"

#include <fmt/format.h>

namespace kiln::bake {

Recorder::Recorder(
    World& world, BakeId bake, std::int64_t attempt, EventSink sink, std::function<void()> stored
)
    : world_{world},
      bake_{std::move(bake)},
      attempt_{attempt},
      stored_{std::move(stored)},
      sink_{std::move(sink)} {}

Recorder::~Recorder() {
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Recorder::open(const std::filesystem::path& folder) {
    folder_ = folder;
    announce(folder_);
    thread_ = std::thread{[this] { store_loop(); }};
}

void Recorder::take(EventLog::Events events) {
    if (events.empty()) {
        return;
    }
    for (auto& event : events) {
        event.attempt = attempt_;
        sink_(bake_, event);
    }
    std::move(events.begin(), events.end(), std::back_inserter(waiting_));
    changed_.notify_one();
}

void Recorder::store_loop() {
    std::unique_lock lock{mutex_};
    const auto wanted = [&] {
        return closing_ || log_.waiting() || (!waiting_.empty() && !failed_);
    };
    const auto urgent = [&] { return closing_ || (!waiting_.empty() && !failed_); };
    for (;;) {
        changed_.wait(lock, wanted);
        if (!urgent()) {
            changed_.wait_for(lock, kLogDelay, urgent);  // a line waits for company
            take(log_.due(world_.clock.now()));
        }
        if (closing_) {
            return;  // what still waits goes into the commit that ends the record
        }
        if (!waiting_.empty() && !failed_) {
            failed_ = !store_batch(lock);
        }
    }
}

bool Recorder::store_batch(std::unique_lock<std::mutex>& lock) {
    auto batch = std::exchange(waiting_, {});
    lock.unlock();
    bool stored = true;
    try {
        world_.bakes.append(bake_, attempt_, batch, std::nullopt);
        notify();
    } catch (const std::exception& error) {
        log_debug("events not stored", {{"bake", bake_.str()}, {"error", error.what()}});
        stored = false;
    }
    lock.lock();
    if (!stored) {
        // They go into the last commit, when the bake has let go of what it held.
        waiting_.insert(
            waiting_.begin(),
            std::make_move_iterator(batch.begin()),
            std::make_move_iterator(batch.end())
        );
    }
    return stored;
}

void Recorder::notify() noexcept {
    if (stored_) {
        stored_();
    }
    notify_followers(folder_);
}

void Recorder::accepted(json::value data) {
    const std::lock_guard lock{mutex_};
    take(log_.accepted(std::move(data), world_.clock.now()));
}

void Recorder::line(jail::Stream stream, const os::Line& line, std::string_view step) {
    const std::lock_guard lock{mutex_};
    take(log_.line(stream, line, step, world_.clock.now()));
    changed_.notify_one();
}

void Recorder::note(std::string_view step, std::string_view text) {
    const std::lock_guard lock{mutex_};
    take(log_.note(text, step, world_.clock.now()));
}

void Recorder::step_began(std::string_view step) {
    const std::lock_guard lock{mutex_};
    take(log_.step_began(step, world_.clock.now()));
}

void Recorder::step_ended(std::string_view step, Duration took, bool ok) {
    const std::lock_guard lock{mutex_};
    take(log_.step_ended(step, took, ok, world_.clock.now()));
}

void Recorder::close(
    const ports::BakeStore::Ending& ending,
    const std::optional<ports::Image>& image,
    const std::optional<json::object>& error
) {
    const auto now = world_.clock.now();
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    changed_.notify_one();
    thread_.join();
    auto last = std::exchange(waiting_, {});
    const auto collect = [&](EventLog::Events events) {
        std::move(events.begin(), events.end(), std::back_inserter(last));
    };
    const auto shown = last.size();
    if (image) {
        collect(log_.image(ports::to_json(*image), image->name, now));
    }
    const bool waits = ending.state == ports::BakeState::queued;
    if (error && waits) {
        const auto reason = json::value_to<std::string>(error->at("reason"));
        collect(log_.note(
            fmt::format("attempt {} was given up: {}; the request waits again", attempt_, reason),
            json::value_to<std::string>(error->at("step")),
            now
        ));
    } else if (error) {
        collect(log_.error(
            *error,
            json::value_to<std::string>(error->at("step")),
            json::value_to<std::string>(error->at("reason")),
            now
        ));
    }
    if (!waits) {
        collect(log_.end(ending.state, ending.result, now));
    }
    world_.bakes.append(bake_, attempt_, last, ending);
    for (auto event = last.begin() + static_cast<std::ptrdiff_t>(shown); event != last.end();
         ++event) {
        sink_(bake_, *event);
    }
    notify();
}

std::vector<std::string> Recorder::last_lines() {
    const std::lock_guard lock{mutex_};
    return log_.last_lines();
}

}  // namespace kiln::bake
