#pragma once

#include "net/responder.hpp"
#include "os/fd.hpp"
#include "ports/bake_store.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::api {

enum class Shape {
    events,  ///< server-sent events
    text,    ///< what the bootstrap and kiln said, as lines
};

enum class Until { end, now };

/// One client that follows the events of a bake.
struct Follower {
    ports::EventPlace after;  ///< what it has
    Shape shape = Shape::events;
    Until until = Until::end;
    net::Stream stream;
    std::chrono::steady_clock::time_point written = {};
};

/// "2:17": attempt and sequence.
[[nodiscard]] std::string to_string(const ports::EventPlace& place);

/// Reads it back. @throws Error  invalid: naming `where`
[[nodiscard]] ports::EventPlace parse_place(std::string_view text, std::string_view where);

/// An event as the native API shows it: the reply, with its attempt.
[[nodiscard]] json::object event_json(const BakeId& bake, const ports::BakeEvent& event);

/// The event in that shape; "" where it has nothing to say in it.
[[nodiscard]] std::string shown(const BakeId& bake, const ports::BakeEvent& event, Shape shape);

}  // namespace kiln::api
