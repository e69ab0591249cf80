#pragma once

#include "base/json.hpp"
#include "release/world.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace kiln::release {

/// How a task fails.
struct FunctionFailure {
    std::string error;
    std::string cause;
};

/// Answers the function tasks of any release's state machine: {"function": NAME, …}. Keeps nothing
/// between two of them. Safe from several threads.
class Functions {
  public:
    /// @param finished  called with an execution's round (Ticks) when its main branch ends
    Functions(
        Probe& probe,
        Workers& workers,
        Executions& executions,
        std::function<void(const std::string& round)> finished
    )
        : probe_{probe},
          workers_{workers},
          executions_{executions},
          finished_{std::move(finished)} {}

    /// @returns  the task's output
    /// @throws FunctionFailure · Error  cancelled: `stop`
    [[nodiscard]] json::value answer(const json::value& input, const std::stop_token& stop);

  private:
    [[nodiscard]] json::value dispatch(const json::object& input, const std::stop_token& stop);
    [[nodiscard]] json::value distros(const json::object& input, const std::stop_token& stop);
    [[nodiscard]] json::value prepare(const json::object& input, const std::stop_token& stop);
    [[nodiscard]] json::value health(const json::object& input, const std::stop_token& stop);
    [[nodiscard]] json::value finish(const json::object& input);

    Probe& probe_;
    Workers& workers_;
    Executions& executions_;
    std::function<void(const std::string&)> finished_;
};

/// Functions without effects.
/// {"vocabulary", "input", "started"} -> what the machine's data is from then on.
[[nodiscard]] json::value parse_input(const json::object& input);
/// {"results", "version", "release"} -> the normalised results of a version, or of the release.
[[nodiscard]] json::value normalize_results(const json::object& input);
/// {"data": what the main branch ended with, "execution": $$.Execution} -> {"again": false,
/// "output"}, or, where the execution was redriven since: {"again": true, …} as parse_input has it.
/// @throws FunctionFailure
[[nodiscard]] json::value check_for_failures(const json::object& input);

}  // namespace kiln::release
