#include "machines/sequence.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <optional>

namespace kiln::machines {

namespace {

std::string what_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

Sequence::Sequence(ports::MachineStore& store, Book book) : store_{store} {
    state_.lock()->book = std::move(book);
}

void Sequence::add(Command command) {
    {
        auto state = state_.lock();
        state->waiting.push_back(std::move(command));
        ++state->untold;
    }
    run();
}

void Sequence::finish() {
    auto state = state_.lock();
    idle_.wait(state.raw(), [&] { return state->untold == 0; });
}

/// Takes commands as long as none is being written. A store may call back before apply() returns:
/// then this goes on, and the callback's own run() finds it running.
void Sequence::run() {
    for (bool begun = false;; begun = true) {
        std::optional<Step> step;
        {
            auto state = state_.lock();
            if (!begun && state->running) {
                return;
            }
            state->running = !state->writing && !state->waiting.empty();
            if (!state->running) {
                return;
            }
            step = state->waiting.front()(state->book);
            state->waiting.pop_front();
            state->writing = !step->changes.empty();
        }
        if (step->changes.empty()) {
            tell(*step, true);
            continue;
        }
        auto changes = std::move(step->changes);
        store_.apply(
            std::move(changes),
            [self = shared_from_this(),
             decided = *std::move(step)](const std::exception_ptr& failure) {
                self->written(decided, failure);
            }
        );
    }
}

void Sequence::written(const Step& step, const std::exception_ptr& failure) {
    {
        auto state = state_.lock();
        if (!failure) {
            step.settle(state->book);
        }
        state->writing = false;
    }
    if (failure) {
        log_error("state machines: a change was not stored", {{"why", what_of(failure)}});
    }
    tell(step, !failure);
    run();
}

void Sequence::tell(const Step& step, bool stored) {
    step.tell(stored);
    auto state = state_.lock();
    if (--state->untold == 0) {
        idle_.notify_all();
    }
}

}  // namespace kiln::machines
