#pragma once

#include "api/states/failure.hpp"
#include "api/states/shape.hpp"
#include "base/json.hpp"

#include <optional>
#include <string_view>

namespace kiln::api::states {

/// What is wrong with an input: its types (SerializationException, the first fault), a member that
/// the model does not have (the same), or its constraints (ValidationException, all of them in
/// AWS' words: "2 validation errors detected: Value null at 'name' failed to satisfy constraint:
/// Member must not be null; …"). A member that is null counts as absent. Pure.
[[nodiscard]] std::optional<Failure> refuse_input(const Shape& shape, const json::object& input);

/// Length as AWS counts it: UTF-16 units.
[[nodiscard]] std::size_t utf16_length(std::string_view text) noexcept;

}  // namespace kiln::api::states
