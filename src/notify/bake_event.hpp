#pragma once

#include "notify/event.hpp"
#include "ports/bake_store.hpp"

#include <optional>

namespace kiln::notify {

/// What is to be told of a bake whose record has just been written: that it began, succeeded or
/// failed. nullopt: it waits, or goes on in another attempt, or somebody stopped it. One key for
/// each attempt and state. Pure.
[[nodiscard]] std::optional<Event> bake_event(const ports::BakeRecord& record);

}  // namespace kiln::notify
