#pragma once

#include "flow/map_items.hpp"
#include "flow/state_work.hpp"
#include "flow/test_state/request_rules.hpp"
#include "flow/test_state/test_state.hpp"
#include "flow/test_state/test_surroundings.hpp"

#include <optional>
#include <string_view>

namespace kiln::flow {

/// What inspectionData tells of how a failure was handled.
struct ErrorDetails {
    std::optional<std::int64_t> catch_index;
    std::optional<std::int64_t> retry_index;
    std::optional<std::int64_t> backoff_seconds;
};

/// How a tested state ended, before it is shown.
struct TestEnd {
    std::string_view status;
    Payload output;  ///< null: none
    std::optional<ErrorOutput> error;
    std::optional<asl::StateIndex> next;
    Payload result;  ///< of its work: a Task's, a Pass' Result; null: none
    Variables assigned;
    ErrorDetails details;
};

/// One state's test, from its data to its end. Kept alive by a TestCall while its task is called.
class StateTest {
  public:
    /// The request is checked, all of it.
    StateTest(
        const TestStateRequest& request, TestedState tested, World& world, const Limits& limits
    );
    StateTest(const StateTest&) = delete;
    StateTest& operator=(const StateTest&) = delete;

    /// Runs to the end, or to the task's call. `self` is this, for the call to keep.
    [[nodiscard]] TestStateOutcome run(const std::shared_ptr<StateTest>& self);
    /// Goes on after the call.
    [[nodiscard]] json::object finish(const CallEnd& end, World& world);

  private:
    /// The work of each type of state; nullopt: `call_` is to be made.
    [[nodiscard]] std::optional<TestEnd> work();
    [[nodiscard]] TestEnd pass();
    [[nodiscard]] TestEnd choice();
    [[nodiscard]] TestEnd fail_state();
    [[nodiscard]] TestEnd mocked();
    void prepare_map(const asl::MapFields& fields);
    void select_items(const asl::MapFields& fields, const Payload& items);
    void batch_items(const asl::MapFields& fields, const std::vector<Payload>& selected);
    /// @throws StateFailure  more iterations failed than the Map tolerates
    void count_failures(const asl::MapFields& fields, std::int64_t iterations);
    [[nodiscard]] Payload reader_items(const asl::MapFields& fields) const;
    [[nodiscard]] TestEnd succeed(Exit exit, std::optional<asl::StateIndex> next) const;
    [[nodiscard]] TestEnd finish_work(const Payload& result);
    /// Retry, Catch, or the end.
    [[nodiscard]] TestEnd recover(const ErrorOutput& error);
    [[nodiscard]] TestEnd catch_error(const ErrorOutput& error, ErrorDetails details);
    [[nodiscard]] json::object show(const TestEnd& end) const;

    TestStateRequest request_;
    TestedState tested_;
    const asl::State& state_;
    Limits limits_;
    Payload input_;
    TestSurroundings around_;
    Inspection inspection_;
    DataFlow data_;
    TaskOrder order_;  ///< of a Task
    MapOrder map_;     ///< of a Map
    /// An error in the request that only the data shows.
    std::optional<Refusal> refusal_;
};

/// inspectionData of an end. @param variables  of the request
[[nodiscard]] json::object show_inspection(
    const asl::State& state,
    const json::value& input,
    const Inspection& inspection,
    const Variables& variables,
    const TestEnd& end
);

}  // namespace kiln::flow
