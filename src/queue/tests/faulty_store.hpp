#pragma once

#include "base/error.hpp"
#include "base/guarded.hpp"
#include "ports/queue_store.hpp"

#include <condition_variable>
#include <optional>

namespace kiln::queue::testing {

/// A store between the engine and another one: lets a test hold a commit, fail it, or end the
/// "process" at the nth one, after which nothing reaches the disk.
class FaultyStore final : public ports::QueueStore {
  public:
    explicit FaultyStore(ports::QueueStore& real) : real_{real} {}

    [[nodiscard]] std::vector<ports::QueueRow> queues() override { return real_.queues(); }

    [[nodiscard]] std::vector<ports::DeduplicationRow> deduplications() override {
        return real_.deduplications();
    }

    [[nodiscard]] std::vector<ports::MoveTaskRow> move_tasks() override {
        return real_.move_tasks();
    }

    void visit_messages(const Visit& visit) override { real_.visit_messages(visit); }

    [[nodiscard]] std::vector<Read> read_ahead(
        ports::MessageKey from, std::size_t at_most, std::size_t at_most_bytes
    ) override {
        if (knobs_.lock()->unreadable) {
            throw Error{ErrorKind::unavailable, "the disk does not read"};
        }
        ++reads;
        return real_.read_ahead(from, at_most, at_most_bytes);
    }

    void apply(ports::QueueChanges changes, Applied done) override {
        bool fails = false;
        {
            auto knobs = knobs_.lock();
            ++knobs->applied;
            if (knobs->holding) {
                KILN_CHECK(!knobs->held);
                knobs->held.emplace(std::move(changes), std::move(done));
                held_.notify_all();
                return;
            }
            fails = knobs->failing || (knobs->last && knobs->applied > *knobs->last);
        }
        if (fails) {
            return done(failure());
        }
        real_.apply(std::move(changes), std::move(done));
    }

    void set_failing(bool failing) { knobs_.lock()->failing = failing; }

    void set_unreadable(bool unreadable) { knobs_.lock()->unreadable = unreadable; }

    /// Nothing is applied after this many.
    void end_after(std::size_t applied) { knobs_.lock()->last = applied; }

    [[nodiscard]] std::size_t applied() { return knobs_.lock()->applied; }

    /// The next commit waits for release().
    void hold() { knobs_.lock()->holding = true; }

    void wait_until_held() {
        auto knobs = knobs_.lock();
        held_.wait(knobs.raw(), [&] { return knobs->held.has_value(); });
    }

    /// Of the commit that is held.
    [[nodiscard]] ports::QueueChanges held_changes() { return knobs_.lock()->held->first; }

    enum class Ending { good, failed };
    enum class Then { run, hold };

    void release(Ending ending, Then then = Then::run) {
        std::optional<std::pair<ports::QueueChanges, Applied>> held;
        {
            auto knobs = knobs_.lock();
            knobs->holding = then == Then::hold;
            held = std::exchange(knobs->held, std::nullopt);
        }
        KILN_CHECK(held.has_value());
        if (ending == Ending::failed) {
            held->second(failure());
        } else {
            real_.apply(std::move(held->first), std::move(held->second));
        }
    }

    std::atomic<std::size_t> reads{0};

  private:
    static std::exception_ptr failure() {
        return std::make_exception_ptr(Error{ErrorKind::exhausted, "the disk is full"});
    }

    struct Knobs {
        bool failing = false;
        bool unreadable = false;
        bool holding = false;
        std::optional<std::size_t> last;
        std::size_t applied = 0;
        std::optional<std::pair<ports::QueueChanges, Applied>> held;
    };

    ports::QueueStore& real_;
    Guarded<Knobs> knobs_;
    std::condition_variable held_;
};

}  // namespace kiln::queue::testing
