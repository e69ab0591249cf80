#pragma once

#include "base/error.hpp"
#include "base/guarded.hpp"
#include "ports/flow_store.hpp"

#include <condition_variable>
#include <optional>

namespace kiln::flow::testing {

/// A store between the engine and another one: fails commits, holds one, or ends the "process" at
/// the nth one, after which nothing reaches the disk.
class FaultyStore final : public ports::FlowStore {
  public:
    explicit FaultyStore(ports::FlowStore& real) : real_{real} {}

    void visit_waiting(const std::function<void(const Waiting&)>& visit) override {
        real_.visit_waiting(visit);
    }

    void visit_open(const std::function<void(ports::ExecutionNumber, std::string_view arn)>& visit
    ) override {
        real_.visit_open(visit);
    }

    [[nodiscard]] ports::ExecutionNumber last_number() override { return real_.last_number(); }

    [[nodiscard]] std::optional<ports::ExecutionRow> find(std::string_view arn) override {
        return real_.find(arn);
    }

    [[nodiscard]] std::optional<ports::ExecutionRow> find(ports::ExecutionNumber execution
    ) override {
        return real_.find(execution);
    }

    [[nodiscard]] std::vector<ports::FrameRow> frames(ports::ExecutionNumber execution) override {
        return real_.frames(execution);
    }

    [[nodiscard]] std::vector<ports::ExecutionRow> list(const ports::ExecutionFilter& filter
    ) override {
        return real_.list(filter);
    }

    [[nodiscard]] std::vector<ports::HistoryChunk> history(
        ports::ExecutionNumber execution, std::int64_t first, std::int64_t last
    ) override {
        return real_.history(execution, first, last);
    }

    [[nodiscard]] std::int64_t last_event(ports::ExecutionNumber execution) override {
        return real_.last_event(execution);
    }

    [[nodiscard]] std::optional<ports::MapRunRow> find_map_run(std::string_view arn) override {
        return real_.find_map_run(arn);
    }

    [[nodiscard]] std::vector<ports::MapRunRow> map_runs(ports::ExecutionNumber execution
    ) override {
        return real_.map_runs(execution);
    }

    [[nodiscard]] std::vector<ports::MapRunRow> open_map_runs() override {
        return real_.open_map_runs();
    }

    void visit_children(
        std::string_view map_run,
        std::int64_t from_index,
        const std::function<bool(const ports::ExecutionRow&)>& visit
    ) override {
        real_.visit_children(map_run, from_index, visit);
    }

    [[nodiscard]] std::vector<ports::ExecutionNumber> ended_before(
        TimePoint time, std::size_t at_most
    ) override {
        return real_.ended_before(time, at_most);
    }

    void apply(ports::FlowChanges changes, Applied done) override {
        bool fails = false;
        {
            auto knobs = knobs_.lock();
            ++knobs->applied;
            fails = knobs->failing || (knobs->last && knobs->applied > *knobs->last) ||
                    (knobs->fails_at && knobs->applied == *knobs->fails_at);
        }
        if (fails) {
            return done(std::make_exception_ptr(Error{ErrorKind::exhausted, "the disk is full"}));
        }
        real_.apply(std::move(changes), std::move(done));
    }

    void set_failing(bool failing) { knobs_.lock()->failing = failing; }

    /// Nothing is applied after this many.
    void end_after(std::size_t applied) { knobs_.lock()->last = applied; }

    /// This one alone fails, counted from now.
    void fail_at(std::size_t commit) {
        auto knobs = knobs_.lock();
        knobs->fails_at = knobs->applied + commit;
    }

    [[nodiscard]] std::size_t applied() { return knobs_.lock()->applied; }

  private:
    struct Knobs {
        bool failing = false;
        std::optional<std::size_t> last, fails_at;
        std::size_t applied = 0;
    };

    ports::FlowStore& real_;
    Guarded<Knobs> knobs_;
};

}  // namespace kiln::flow::testing
