#pragma once

#include "api/states/reply.hpp"
#include "flow/task_runner.hpp"
#include "flow/test_state/test_state.hpp"
#include "machines/registry.hpp"
#include "ports/clock.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace kiln::api::states {

/// Runs single states for TestState; their tasks are called by the runner of the executions.
/// Safe from several threads.
class StateTests {
  public:
    struct Chance {
        std::function<std::string()> uuid;
        std::function<std::uint64_t()> random;  ///< all 64 bits
    };

    /// All outlive the answers.
    StateTests(
        flow::TaskRunner& runner,
        machines::Registry& registry,
        const ports::Clock& clock,
        Chance chance
    )
        : runner_{runner}, registry_{registry}, clock_{clock}, chance_{std::move(chance)} {}

    /// Answers now, or when the state's task has ended. A client that hangs up ends its task.
    void run(const flow::TestStateRequest& request, ReplyPtr reply);

  private:
    class TestWorld;

    void call(const flow::TestCall& call, ReplyPtr reply);

    flow::TaskRunner& runner_;
    machines::Registry& registry_;
    const ports::Clock& clock_;
    Chance chance_;
    std::atomic<std::int64_t> last_task_ = 0;
};

}  // namespace kiln::api::states
