#pragma once

#include "base/guarded.hpp"
#include "ports/flow_store.hpp"

#include <map>
#include <memory>

namespace kiln::ports::testing {

/// What the engine of state machines remembers, in memory. Copies are views of the same rows: a
/// process that starts again.
class MemoryFlowStore final : public FlowStore {
  public:
    MemoryFlowStore() : rows_{std::make_shared<Guarded<Rows>>()} {}

    void visit_waiting(const std::function<void(const Waiting&)>& visit) override;
    void visit_open(const std::function<void(ExecutionNumber, std::string_view arn)>& visit
    ) override;
    [[nodiscard]] ExecutionNumber last_number() override;
    [[nodiscard]] std::optional<ExecutionRow> find(std::string_view arn) override;
    [[nodiscard]] std::optional<ExecutionRow> find(ExecutionNumber execution) override;
    [[nodiscard]] std::vector<FrameRow> frames(ExecutionNumber execution) override;
    [[nodiscard]] std::vector<ExecutionRow> list(const ExecutionFilter& filter) override;
    [[nodiscard]] std::vector<HistoryChunk> history(
        ExecutionNumber execution, std::int64_t first, std::int64_t last
    ) override;
    [[nodiscard]] std::int64_t last_event(ExecutionNumber execution) override;
    [[nodiscard]] std::optional<MapRunRow> find_map_run(std::string_view arn) override;
    [[nodiscard]] std::vector<MapRunRow> map_runs(ExecutionNumber execution) override;
    [[nodiscard]] std::vector<MapRunRow> open_map_runs() override;
    void visit_children(
        std::string_view map_run,
        std::int64_t from_index,
        const std::function<bool(const ExecutionRow&)>& visit
    ) override;
    [[nodiscard]] std::vector<ExecutionNumber> ended_before(TimePoint time, std::size_t at_most)
        override;
    void apply(FlowChanges changes, Applied done) override;

  private:
    struct Rows {
        std::map<ExecutionNumber, ExecutionRow> executions;
        std::map<std::string, ExecutionNumber, std::less<>> by_arn;
        std::map<ExecutionNumber, std::map<std::int64_t, FrameRow>> frames;
        std::map<ExecutionNumber, std::map<std::int64_t, HistoryChunk>> history;
        std::map<std::string, MapRunRow, std::less<>> map_runs;

        void operator()(const flow_change::AddExecution& change);
        void operator()(const flow_change::SetExecution& change);
        void operator()(const flow_change::PutFrame& change);
        void operator()(const flow_change::RemoveFrame& change);
        void operator()(const flow_change::ClearFrames& change);
        void operator()(const flow_change::AddHistory& change);
        void operator()(const flow_change::PutMapRun& change);
        void operator()(const flow_change::RemoveExecution& change);
    };

    std::shared_ptr<Guarded<Rows>> rows_;
};

}  // namespace kiln::ports::testing
