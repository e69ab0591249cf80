#pragma once

#include "base/json.hpp"
#include "release/results.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace kiln::release {

/// Reasons of what is running.
inline constexpr const char* kBeingPrepared = "is being prepared";
inline constexpr const char* kWaitsForWorker = "waits for a worker";

/// What an execution's history tells of its steps, event by event; as GetExecutionHistory has them,
/// with executionData. Events come in order; each once.
class HistoryReader {
  public:
    /// @param steps  the names of the plan's steps: other states are of no interest
    explicit HistoryReader(std::set<std::string, std::less<>> steps) : steps_{std::move(steps)} {}

    void read(const json::object& event);

    [[nodiscard]] std::vector<Outcome> outcomes() const;

    /// What went into the last state: the results of a release that failed, which has no output.
    [[nodiscard]] const std::optional<json::value>& results() const noexcept { return results_; }

    [[nodiscard]] bool main_is_over() const noexcept { return main_over_; }

    /// The id of the last event that was read.
    [[nodiscard]] std::int64_t last() const noexcept { return last_; }

  private:
    void enter(std::int64_t id, const json::object& details);
    void exit(const json::object& details);

    void note(Outcome outcome) { outcomes_[outcome.instance] = std::move(outcome); }

    void follow(std::string_view type, std::int64_t id, const json::object& event);
    void end_all(Status status);

    /// The step that a state's name is about: "X" of PrepareToX and X; "" none.
    [[nodiscard]] std::string step_of(const std::string& state) const;

    std::set<std::string, std::less<>> steps_;
    std::map<Instance, Outcome> outcomes_;
    std::map<std::int64_t, Instance> tasks_;  ///< by event: whose task a chain of events is
    std::optional<json::value> results_;
    bool main_over_ = false;
    std::int64_t last_ = 0;
};

}  // namespace kiln::release
