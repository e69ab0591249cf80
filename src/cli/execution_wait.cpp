#include "cli/execution_wait.hpp"

#include "base/backoff.hpp"
#include "base/random.hpp"
#include "os/interrupt.hpp"

#include <fmt/format.h>

namespace kiln::cli {

namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds{20};
constexpr Duration kLongestPause = std::chrono::seconds{1};

void pause(unsigned looks, const std::stop_token& stop) {
    const os::StopFd stopped{stop};
    const auto span = backoff(looks, kFirstPause, kLongestPause, random_jitter());
    (void)os::wait_ready(-1, 0, &stopped, Deadline::after(span));
    if (stop.stop_requested()) {
        throw Error{ErrorKind::cancelled, "not waited for any longer; the execution goes on"};
    }
}

}  // namespace

json::object wait_for_end(
    StatesApi& api,
    const std::string& arn,
    const std::stop_token& stop,
    const std::function<void()>& looked
) {
    for (unsigned looks = 0;; ++looks) {
        auto description = api.call("DescribeExecution", {{"executionArn", arn}}, stop);
        looked();
        if (text_in(description, "status") != "RUNNING") {
            return description;
        }
        pause(looks, stop);
    }
}

std::string json_text(const std::string& text, std::string_view what) {
    try {
        (void)parse_json(text);
    } catch (const Error& error) {
        throw error.while_(what);
    }
    return text;
}

}  // namespace kiln::cli
