#pragma once

#include "asl/definition.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln::flow {

/// Does the state get a task token, so that its context object has `Task`?
[[nodiscard]] bool has_task_token(const asl::State& state) noexcept;

/// What is wrong with the context object that a TestState request gives, in AWS' words without
/// their "Invalid Context object provided: "; nullopt: nothing.
[[nodiscard]] std::optional<std::string> explain_context(
    std::string_view text, const asl::State& state
);

}  // namespace kiln::flow
