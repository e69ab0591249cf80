#pragma once

#include "flow/execution.hpp"
#include "ports/flow_store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::flow {

/// What a task token names.
struct TaskName {
    ports::ExecutionNumber execution = 0;
    TaskNumber task = 0;

    bool operator==(const TaskName&) const = default;
};

/// Writes and reads task tokens: 64 characters, safe in URLs, that say nothing to anybody else
/// (one block of AES-256) and cannot be made up (HMAC-SHA-256 over it). The same task has the same
/// token. Used by one thread.
class TaskTokens {
  public:
    /// @throws Error  invalid: fewer than 16 bytes
    explicit TaskTokens(std::string_view secret);
    TaskTokens(TaskTokens&&) = delete;
    ~TaskTokens();

    [[nodiscard]] std::string write(const TaskName& name);
    /// nullopt: not one of ours.
    [[nodiscard]] std::optional<TaskName> read(std::string_view token);

  private:
    struct Keys;
    std::unique_ptr<Keys> keys_;
};

}  // namespace kiln::flow
