#pragma once

#include "ports/flow_store.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// Executions of state machines in the store. One call of apply() is one unit of work.
class SqliteFlowStore final : public ports::FlowStore {
  public:
    /// `store` outlives this, and all that was applied has ended before `store` goes.
    explicit SqliteFlowStore(Store& store) : store_{store} {}

    void visit_waiting(const std::function<void(const Waiting&)>& visit) override;
    void visit_open(const std::function<void(ports::ExecutionNumber, std::string_view arn)>& visit
    ) override;
    [[nodiscard]] ports::ExecutionNumber last_number() override;
    [[nodiscard]] std::optional<ports::ExecutionRow> find(std::string_view arn) override;
    [[nodiscard]] std::optional<ports::ExecutionRow> find(ports::ExecutionNumber execution
    ) override;
    [[nodiscard]] std::vector<ports::FrameRow> frames(ports::ExecutionNumber execution) override;
    [[nodiscard]] std::vector<ports::ExecutionRow> list(const ports::ExecutionFilter& filter
    ) override;
    [[nodiscard]] std::vector<ports::HistoryChunk> history(
        ports::ExecutionNumber execution, std::int64_t first, std::int64_t last
    ) override;
    [[nodiscard]] std::int64_t last_event(ports::ExecutionNumber execution) override;
    [[nodiscard]] std::optional<ports::MapRunRow> find_map_run(std::string_view arn) override;
    [[nodiscard]] std::vector<ports::MapRunRow> map_runs(ports::ExecutionNumber execution) override;
    [[nodiscard]] std::vector<ports::MapRunRow> open_map_runs() override;
    void visit_children(
        std::string_view map_run,
        std::int64_t from_index,
        const std::function<bool(const ports::ExecutionRow&)>& visit
    ) override;
    [[nodiscard]] std::vector<ports::ExecutionNumber> ended_before(
        TimePoint time, std::size_t at_most
    ) override;
    void apply(ports::FlowChanges changes, Applied done) override;

  private:
    Store& store_;
};

}  // namespace kiln::sqlite
