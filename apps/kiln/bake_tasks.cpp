#include "bake_tasks.hpp"

#include "base/log.hpp"

namespace kiln {

namespace {

bool is_over(ports::BakeState state) {
    return state != ports::BakeState::queued && state != ports::BakeState::running;
}

/// nullopt: it goes on, or cannot be looked at now.
std::optional<tasks::Bakes::Outcome> outcome_of(api::ToldBakeStore& bakes, const BakeId& id) {
    try {
        const auto record = bakes.get(id);
        if (!is_over(record.state)) {
            return std::nullopt;
        }
        return tasks::Bakes::Outcome{
            record.state == ports::BakeState::succeeded, ports::to_json(record)};
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return tasks::Bakes::Outcome{false, {{"id", id.str()}, {"state", "forgotten"}}};
        }
        log_warning(
            "a bake cannot be looked at, trying again",
            {{"bake", id.str()}, {"error", error.message()}}
        );
        return std::nullopt;
    }
}

}  // namespace

BakeTasks::BakeTasks(
    api::ToldBakeStore& bakes,
    Submit submit,
    std::function<void(const BakeId&)> cancel,
    Duration look_every
)
    : bakes_{bakes},
      submit_{std::move(submit)},
      cancel_{std::move(cancel)},
      look_every_{look_every} {
    bakes_.listen([this](const BakeId& id) {
        auto state = state_.lock();
        if (state->waiting.contains(id)) {
            state->look = true;
            changed_.notify_one();
        }
    });
    thread_ = std::thread{[this] { watch(); }};
}

BakeTasks::~BakeTasks() {
    bakes_.listen(nullptr);
    state_.lock()->stopped = true;
    changed_.notify_one();
    thread_.join();
}

json::object BakeTasks::submit(const std::string& request, const std::string& key) {
    return ports::to_json(submit_(request, key));
}

void BakeTasks::when_over(const std::string& bake, std::function<void(Outcome)> over) {
    auto state = state_.lock();
    state->waiting[BakeId::parse(bake)].push_back(std::move(over));
    state->look = true;
    changed_.notify_one();
}

void BakeTasks::cancel(const std::string& bake) {
    cancel_(BakeId::parse(bake));
}

void BakeTasks::watch() {
    for (;;) {
        {
            auto state = state_.lock();
            const auto due = [&] { return state->look || state->stopped; };
            if (state->waiting.empty()) {
                changed_.wait(state.raw(), due);
            } else {
                changed_.wait_for(state.raw(), look_every_, due);
            }
            if (state->stopped) {
                return;
            }
            state->look = false;
        }
        look_at_all();
    }
}

void BakeTasks::look_at_all() {
    std::vector<BakeId> ids;
    {
        auto state = state_.lock();
        for (const auto& [id, waiting] : state->waiting) {
            ids.push_back(id);
        }
    }
    for (const auto& id : ids) {
        const auto outcome = outcome_of(bakes_, id);
        if (!outcome) {
            continue;
        }
        auto ended = state_.lock()->waiting.extract(id);
        if (!ended.empty()) {
            for (const auto& over : ended.mapped()) {
                over(*outcome);
            }
        }
    }
}

}  // namespace kiln
