#pragma once

#include "redis/client.hpp"

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::redis {

/// What is asked of a queue.
struct TakeSpec {
    std::string queue;
    int at_most = 1;
    std::chrono::milliseconds lease{-1};  ///< negative: the queue's
    bool messages = true;  ///< false: jobs, which need no queue that was made, and do not age
};

struct Taken {
    std::string receipt;
    std::string payload;
};

/// One look. `due`: when something comes back or is due next, if that is known.
struct Look {
    std::vector<Taken> taken;
    std::optional<std::chrono::milliseconds> due;
};

/// @throws Error  not_found · as Client
[[nodiscard]] Look look(Client& client, const TakeSpec& spec);

/// Looks, and waits until there is something; nothing after `wait`, or when stop is requested.
/// What others let come later than now is looked for once a second.
[[nodiscard]] std::vector<Taken> take(
    Client& client, const TakeSpec& spec, std::chrono::seconds wait, const std::stop_token& stop
);

/// @throws Error  not_found, when a script's answer begins with "unknown"
void expect_known(const Reply& reply, const std::string& queue);

}  // namespace kiln::redis
