#pragma once

#include "queue/commands.hpp"
#include "queue/definition.hpp"

#include <string>
#include <string_view>

/// What the store keeps of queues and tasks, as JSON. Pure.
namespace kiln::queue {

[[nodiscard]] std::string write_definition(const QueueDefinition& definition);
/// @throws Error  corrupt: not what write_definition() makes
[[nodiscard]] QueueDefinition read_definition(std::string_view text);

[[nodiscard]] std::string write_move_task(const MoveTask& task);
/// @throws Error  corrupt
[[nodiscard]] MoveTask read_move_task(std::string_view text);

/// "running"
[[nodiscard]] std::string_view to_string(MoveState state) noexcept;

}  // namespace kiln::queue
