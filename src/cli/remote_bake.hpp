#pragma once

#include "cli/remote.hpp"
#include "ports/bake_store.hpp"

#include <functional>
#include <stop_token>
#include <string>

/// A bake that a server has, seen from here.
namespace kiln::cli {

/// Reads what the native API shows of a bake. @throws Error  corrupt: something else
[[nodiscard]] ports::BakeRecord bake_record_from(const json::value& document);
[[nodiscard]] ports::BakeEvent bake_event_from(const json::value& document);

/// What a command that follows a bake needs.
struct FollowWorld {
    Remote& remote;
    /// Where the server is now: it may have been started anew elsewhere.
    std::function<ServerAddress()> find;
    /// Waits before another try. @returns  false: time is up, or stop was requested
    std::function<bool(unsigned attempt, Deadline deadline)> pause;
    /// So long without a word from the server, and it is given up.
    std::chrono::seconds patience{120};
};

/// Sends a request; tries again while the server does not answer. The same `key` is the same bake,
/// so a lost answer makes no second one.
[[nodiscard]] ports::BakeRecord submit_bake(
    const FollowWorld& world,
    const std::string& body,
    const std::string& key,
    const std::stop_token& stop
);

/// Hands over a bake's events, each once and in order, until it is over; goes on where it was when
/// the connection is cut or the server is started anew.
/// @returns  the record at its end
/// @throws Error  unavailable: no word from the server within `patience` · cancelled: `stop`; the
///                bake goes on
[[nodiscard]] ports::BakeRecord follow_bake(
    const FollowWorld& world,
    const BakeId& bake,
    const std::function<void(const ports::BakeEvent&)>& sink,
    const std::stop_token& stop
);

}  // namespace kiln::cli
