#include "flow/engine/core.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::flow {

namespace {

/// The engine's own work rests so long after the store failed.
constexpr std::chrono::seconds kRest{1};
constexpr std::size_t kBlockingThreads = 4;

}  // namespace

Refusal store_failed(const std::exception& error) {
    return {"InternalFailure", fmt::format("The store failed, nothing was done: {}", error.what())};
}

Engine::Core::Core(const EngineWorld& world, EngineSettings given)
    : settings{std::move(given)},
      world_{world},
      time_{world.wall, world.steady},
      tokens_{settings.token_secret},
      rests_until_{time_.now()},
      sweeps_at_{time_.now()} {
    load_all();
    pool_ = std::make_unique<WorkPool>(kBlockingThreads);
    thread_ = std::thread{[this] { serve(); }};
}

Engine::Core::~Core() {
    inbox->close();
    thread_.join();
    pool_.reset();
    inbox->end();
}

void Engine::Core::serve() {
    while (!finished()) {
        auto mail = inbox->take(patience());
        time_.read();
        closing_ = mail.closing;
        std::move(mail.commands.begin(), mail.commands.end(), std::back_inserter(backlog_));
        if (mail.settled) {
            conclude(*mail.settled);
        }
        if (!closing_ && !resting()) {
            refresh_stale();
            for (auto left = chores_.size(); left > 0 && !resting(); --left) {
                const auto work = chores_.front();
                chores_.pop_front();
                run_chore(work);
            }
            resume_some();
            fire_timers();
            tend_map_runs();
            sweep();
        }
        run_commands();
        serve_polls();
        end_polls();
        write_next();
        slots_.shrink(settings.cached_bytes);
        open_ = slots_.size();
        cached_ = slots_.in_memory();
    }
}

void Engine::Core::run_commands() {
    while (!backlog_.empty() && !gathering_.full()) {
        const auto command = std::move(backlog_.front());
        backlog_.pop_front();
        command();
    }
}

bool Engine::Core::finished() const {
    return closing_ && backlog_.empty() && gathering_.empty() && !writing_;
}

std::optional<Duration> Engine::Core::patience() const {
    const bool can_gather = !writing_ || !gathering_.full();
    if ((!backlog_.empty() && can_gather) || (closing_ && !writing_)) {
        return Duration{0};
    }
    std::optional<TimePoint> next;
    const auto consider = [&](TimePoint at) { next = std::min(next.value_or(at), at); };
    if (const auto deadline = lines_.first_deadline()) {
        consider(deadline->first);
    }
    if (can_gather) {
        const bool busy = !resuming_.empty() || !stale_.empty() || !chores_.empty() ||
                          !tended_.empty() || map_runs_stale_;
        if (busy) {
            consider(std::max(rests_until_, time_.now()));
        }
        if (const auto timer = timers_.first()) {
            consider(std::max(timer->at, rests_until_));
        }
        consider(std::max(sweeps_at_, rests_until_));
    }
    if (!next) {
        return std::nullopt;
    }
    return std::max(*next - time_.now(), Duration{0});
}

void Engine::Core::rest() {
    rests_until_ = time_.now() + kRest;
}

bool Engine::Core::rest_after(const std::exception& error, std::string_view doing) {
    const auto* const ours = dynamic_cast<const Error*>(&error);
    if (ours != nullptr && ours->kind() == ErrorKind::corrupt) {
        log_error("executions: given up", {{"doing", std::string{doing}}, {"error", error.what()}});
        return false;
    }
    log_debug("executions: trying again", {{"doing", std::string{doing}}, {"error", error.what()}});
    rest();
    return true;
}

void Engine::Core::chore(std::function<void()> work) {
    run_chore(std::make_shared<std::function<void()>>(std::move(work)));
}

void Engine::Core::run_chore(const Chore& work) {
    gathering_.chores.push_back(work);
    try {
        (*work)();
    } catch (const std::exception& error) {
        gathering_.chores.pop_back();
        if (rest_after(error, "go on")) {
            chores_.push_back(work);
        }
    }
}

void Engine::Core::write_next() {
    while (!writing_ && !gathering_.empty()) {
        submit();
    }
    if (!writing_) {
        gathering_.chores.clear();
    }
}

void Engine::Core::submit() {
    auto batch = std::exchange(gathering_, {});
    for (const auto number : batch.executions) {
        auto& slot = *slots_.find(number);
        slot.dirty = false;
        slot.writing = true;
        const auto bytes = slot.open->bytes;
        write_execution(*slot.open, time_, batch.changes);
        slots_.weigh(slot, bytes);
    }
    if (batch.changes.empty()) {
        return settle_good(batch);
    }
    auto changes = std::move(batch.changes);
    writing_ = std::move(batch);
    world_.store.apply(std::move(changes), [box = inbox](std::exception_ptr failure) {
        box->settle(std::move(failure));
    });
}

void Engine::Core::conclude(const std::exception_ptr& failure) {
    KILN_CHECK(writing_.has_value());
    auto batch = std::move(*writing_);
    writing_.reset();
    if (failure) {
        return settle_failed(batch, failure);
    }
    ++commits_;
    for (const auto number : batch.executions) {
        slots_.find(number)->writing = false;
    }
    // The disk works while the answers go out.
    if (!gathering_.empty()) {
        submit();
    }
    settle_good(batch);
}

void Engine::Core::settle_good(Commit& batch) {
    for (const auto& due : batch.effects) {
        perform(due);
    }
    for (const auto& sequel : batch.sequels) {
        sequel();
    }
    for (const auto& done : batch.answers) {
        done(nullptr);
    }
    for (const auto number : batch.executions) {
        auto* const slot = slots_.find(number);
        if (slot == nullptr) {
            continue;
        }
        slot->writing = writing_ && slot->writing;
        const bool settled = !slot->dirty && !slot->writing;
        if (settled && slot->open != nullptr && !slot->open->running()) {
            slots_.remove(*slot);
        }
    }
}

void Engine::Core::settle_failed(Commit& batch, const std::exception_ptr& failure) {
    auto gathered = std::exchange(gathering_, {});
    rest();
    Refusal refusal;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        refusal = store_failed(error);
    }
    log_debug("executions: the store failed, reading again", {{"error", refusal.message}});
    for (auto* each : {&batch, &gathered}) {
        for (const auto number : each->executions) {
            auto& slot = *slots_.find(number);
            slot.dirty = slot.writing = false;
            slot.stale = true;
            slots_.forget(slot);
            slots_.clear_marks(slot);
            stale_.insert(number);
        }
        chores_.insert(chores_.end(), each->chores.begin(), each->chores.end());
    }
    map_runs_stale_ = map_runs_stale_ || !map_runs_.empty();
    for (auto* each : {&batch, &gathered}) {
        for (const auto& done : each->answers) {
            done(&refusal);
        }
    }
}

void Engine::Core::fire_timers() {
    for (auto entry = timers_.first(); entry && entry->at <= time_.now() && !gathering_.full();
         entry = timers_.first()) {
        try {
            fire(*entry);
        } catch (const std::exception& error) {
            if (rest_after(error, "fire a timer")) {
                return;
            }
            slots_.mark(*slots_.find(entry->execution), entry->frame, std::nullopt);
        }
    }
}

void Engine::Core::fire(const TimerIndex::Entry& entry) {
    auto& slot = *slots_.find(entry.execution);
    auto& open = load(slot);
    const auto due = [&](const std::optional<TimePoint>& timer) {
        return timer && *timer <= time_.now();
    };
    if (entry.frame == kRootFrame && due(open.execution.times_out_at)) {
        (void)apply(slot, TimerFired{kRootFrame, Timer::execution});
    } else if (const auto found = open.execution.frames.find(entry.frame);
               found != open.execution.frames.end()) {
        const auto& frame = found->second;
        const auto timer = due(frame.times_out_at)   ? Timer::time_out
                           : due(frame.beats_out_at) ? Timer::heartbeat
                                                     : Timer::resume;
        (void)apply(slot, TimerFired{entry.frame, timer});
    }
    // Whatever became of it, it is not due again by the same entry.
    const auto mark = slot.marks.find(entry.frame);
    if (mark != slot.marks.end() && mark->second.wakes == entry.at) {
        const auto found = open.execution.frames.find(entry.frame);
        auto next = found == open.execution.frames.end() ? std::nullopt
                                                         : wakes_at(open.execution, found->second);
        if (next && *next <= time_.now()) {
            next.reset();
        }
        slots_.mark(slot, entry.frame, next);
    }
}

void Engine::Core::end_polls() {
    for (auto deadline = lines_.first_deadline(); deadline && deadline->first <= time_.now();
         deadline = lines_.first_deadline()) {
        cancel(deadline->second);
    }
    if (closing_) {
        release_polls();
    }
}

}  // namespace kiln::flow
