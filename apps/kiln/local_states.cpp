#include "local_states.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include <fmt/format.h>

namespace kiln {

namespace {

/// Where an answer is waited for; it may come when nobody waits any more.
struct Desk {
    std::mutex mutex;  ///< guards what follows
    std::condition_variable_any came;
    std::optional<tasks::ApiAnswer> answer;
};

}  // namespace

json::object result_of(tasks::ApiAnswer answer) {
    if (answer.succeeded()) {
        return answer.body.is_object() ? std::move(answer.body.get_object()) : json::object{};
    }
    constexpr unsigned kServersFault = 500;
    constexpr unsigned kTooMany = 429;
    const auto common = answer.status == kTooMany        ? ErrorKind::exhausted
                        : answer.status >= kServersFault ? ErrorKind::unavailable
                                                         : ErrorKind::invalid;
    auto code = answer.code;
    if (constexpr std::string_view kEnd = "Exception"; code.ends_with(kEnd)) {
        code.resize(code.size() - kEnd.size());
    }
    throw cli::states_error(code, answer.message, common);
}

json::object LocalStates::call(
    std::string_view operation,
    const json::object& input,
    const std::stop_token& stop,
    std::chrono::seconds patience
) {
    const auto desk = std::make_shared<Desk>();
    api_.call("sfn", operation, input, [desk](tasks::ApiAnswer answer) {
        const std::lock_guard lock{desk->mutex};
        desk->answer = std::move(answer);
        desk->came.notify_all();
    });
    std::unique_lock lock{desk->mutex};
    const bool came =
        desk->came.wait_for(lock, stop, patience, [&] { return desk->answer.has_value(); });
    if (!came) {
        throw stop.stop_requested()
            ? Error{ErrorKind::cancelled, fmt::format("{} was not waited for", operation)}
            : Error{ErrorKind::timed_out, fmt::format("{} was not answered", operation)};
    }
    return result_of(*std::move(desk->answer));
}

}  // namespace kiln
