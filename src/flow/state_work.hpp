#pragma once

#include "flow/data_flow.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// What each type of state makes of its data, before anything happens: pure.
/// @throws StateFailure  from all of these
namespace kiln::flow {

/// Where a Choice goes.
struct Chosen {
    const asl::ChoiceRule* rule = nullptr;  ///< null: by Default
    asl::StateIndex next = 0;
};

/// @throws StateFailure  States.Runtime: nothing matches and there is no Default
[[nodiscard]] Chosen choose(DataFlow& data, const asl::ChoiceFields& fields);

/// When a Wait that is entered `now` ends; not later than a year and a day from then.
[[nodiscard]] TimePoint wait_until(DataFlow& data, const asl::WaitFields& fields, TimePoint now);

/// What a Fail says.
[[nodiscard]] ErrorOutput failure_of(DataFlow& data, const asl::FailFields& fields);

/// A task, ready to be given out.
struct TaskOrder {
    Payload parameters;
    Payload credentials;  ///< null: none
    std::optional<std::int64_t> timeout_seconds;
    std::optional<std::int64_t> heartbeat_seconds;
};

[[nodiscard]] TaskOrder task_order(DataFlow& data, const asl::TaskFields& fields);

/// Which retrier takes an error, if any: the first whose ErrorEquals matches.
/// Its attempts are not looked at.
[[nodiscard]] std::optional<std::size_t> matching_retrier(
    const asl::State& state, const ErrorOutput& error
);
[[nodiscard]] std::optional<std::size_t> matching_catcher(
    const asl::State& state, const ErrorOutput& error
);

/// The pause before retry `attempt` (from 1), without jitter, in seconds.
[[nodiscard]] double retry_delay(const asl::Retrier& retrier, std::int64_t attempt);
/// With its jitter. @param random  64 bits
[[nodiscard]] Duration jittered_delay(
    const asl::Retrier& retrier, std::int64_t attempt, std::uint64_t random
);

}  // namespace kiln::flow
