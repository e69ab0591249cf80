#pragma once

#include "base/error.hpp"
#include "base/ids.hpp"
#include "ports/bake_store.hpp"
#include "ports/clock.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// Bakes that come through a queue: they have an id before they run, and may take several attempts.
namespace kiln::bake {

/// One attempt at a bake, as the ledger names it: "bake-0123456789abcdef0/2".
struct Attempt {
    BakeId bake;
    std::int64_t number = 1;

    [[nodiscard]] std::string str() const;
    /// A name without a number is the first attempt's. @throws Error  corrupt
    static Attempt parse(std::string_view name);
};

/// What a bake needs to know of the message that asked for it.
struct Submission {
    BakeId id;
    std::int64_t attempt = 1;        ///< above every attempt that began before
    std::string queue;               ///< its reference
    std::chrono::seconds time_left;  ///< of the request's deadline
    std::function<void()> stored;    ///< called when events became durable; from any thread
};

/// Ends a bake that waits and is not to run (any more): ERROR and END, `attempt` in the data of
/// both; the record is `failed`, or `cancelled` when that is the error's kind. One that is over
/// already stays as it is.
/// @param attempt  above every attempt that began before
/// @param step  that refused it
/// @throws Error  not_found · conflict: it runs, or such an attempt was
void refuse(
    ports::BakeStore& bakes,
    const ports::Clock& clock,
    const Attempt& attempt,
    std::string_view step,
    const Error& error
);

/// For the sweeper: the process of this attempt is dead, what it made is undone. A bake that came
/// through a queue waits there again, with a remark among its events and no END; another one is
/// `interrupted`. An attempt that is over, or never began, stays as it is.
void mark_interrupted(ports::BakeStore& bakes, const ports::Clock& clock, const Attempt& attempt);

}  // namespace kiln::bake
