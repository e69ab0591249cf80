#pragma once

#include "ports/bake_store.hpp"

#include <optional>

namespace kiln::bake {

/// Tells the events of another bake of the same key as our own: under our id, numbered from 1
/// without gaps, our own ACCEPTED first, one END. Pure.
class ReplyNumbering {
  public:
    ReplyNumbering(BakeId own, std::int64_t attempt, BakeId other)
        : own_{std::move(own)}, attempt_{attempt}, other_{std::move(other)} {}

    /// Ours, first. @param data  the request as understood; `same_as` and `attempt` are added
    [[nodiscard]] ports::BakeEvent accepted(json::object data, TimePoint now);

    /// The other's event as ours. Its first ACCEPTED is left out; a later one, of another attempt,
    /// becomes a LOG that says so. @pre  not an END: see `end`
    [[nodiscard]] std::optional<ports::BakeEvent> told(ports::BakeEvent event);

    /// Ours, last: the other's result with both ids.
    [[nodiscard]] ports::BakeEvent end(
        ports::BakeState state, const json::value& of_other, TimePoint now
    );

    /// The other's result as ours: `bake` is our id, `same_as` the other's.
    [[nodiscard]] json::object result(const json::value& of_other) const;

  private:
    [[nodiscard]] ports::BakeEvent number(ports::BakeEvent event);

    BakeId own_;
    std::int64_t attempt_;
    BakeId other_;
    std::int64_t sequence_ = 0;
    bool accepted_ = false;  ///< the other's first ACCEPTED was seen
};

}  // namespace kiln::bake
