#pragma once

#include "queue/definition.hpp"
#include "queue/refusal.hpp"

#include <optional>
#include <string_view>

namespace kiln::queue {

/// nullopt: no attribute that a user can set.
[[nodiscard]] std::optional<Attribute> attribute_of(std::string_view name) noexcept;

/// invalid_attribute_name
[[nodiscard]] Refusal unknown_attribute(std::string_view name);

}  // namespace kiln::queue
