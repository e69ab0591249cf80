#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Why a state, and perhaps its execution, fails.
namespace kiln::flow {

/// AWS' names of errors that the interpreter raises.
namespace error_name {
constexpr std::string_view kAll = "States.ALL";
constexpr std::string_view kTaskFailed = "States.TaskFailed";
constexpr std::string_view kTimeout = "States.Timeout";
constexpr std::string_view kHeartbeatTimeout = "States.HeartbeatTimeout";
constexpr std::string_view kRuntime = "States.Runtime";
constexpr std::string_view kDataLimitExceeded = "States.DataLimitExceeded";
constexpr std::string_view kQueryEvaluationError = "States.QueryEvaluationError";
constexpr std::string_view kExceedToleratedFailureThreshold =
    "States.ExceedToleratedFailureThreshold";
constexpr std::string_view kItemReaderFailed = "States.ItemReaderFailed";
}  // namespace error_name

/// How a failure shows in the history before Retry and Catch look at it.
enum class FailureEvent {
    none,       ///< nothing of its own
    evaluation  ///< EvaluationFailed
};

/// What Retry and Catch see of a failure.
struct ErrorOutput {
    std::optional<std::string> error;
    std::optional<std::string> cause;
    /// A missed heartbeat shows as States.Timeout, but matches States.HeartbeatTimeout, too.
    bool heartbeat = false;
};

/// A state cannot go on. Stays inside the core: `advance` turns it into history.
class StateFailure : public std::exception {
  public:
    explicit StateFailure(ErrorOutput output) : output_(std::move(output)) {}

    StateFailure(std::string_view error, std::string cause)
        : output_{std::string{error}, std::move(cause)} {}

    /// A failed query: shown as EvaluationFailed at `location` ("Output/result"; "" none).
    static StateFailure evaluation(std::string cause, std::string location) {
        StateFailure failure{error_name::kQueryEvaluationError, std::move(cause)};
        failure.event_ = FailureEvent::evaluation;
        failure.location_ = std::move(location);
        return failure;
    }

    [[nodiscard]] const char* what() const noexcept override {
        return output_.cause ? output_.cause->c_str() : "a state failed";
    }

    [[nodiscard]] const ErrorOutput& output() const noexcept { return output_; }

    [[nodiscard]] FailureEvent event() const noexcept { return event_; }

    [[nodiscard]] const std::string& location() const noexcept { return location_; }

  private:
    ErrorOutput output_;
    FailureEvent event_ = FailureEvent::none;
    std::string location_;
};

}  // namespace kiln::flow
