#pragma once

#include "api/states/failure.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "net/responder.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace kiln::api::states {

/// {"__type": CODE, "message": …}. Pure.
[[nodiscard]] net::Response encode_failure(
    const std::string& request_id, std::string_view code, std::string_view message, unsigned status
);

/// Pure.
[[nodiscard]] net::Response encode(const std::string& request_id, const json::object& answer);

/// A moment as AWS' JSON has it: seconds since 1970, to the millisecond.
[[nodiscard]] double epoch_seconds(TimePoint time) noexcept;

/// The duty to answer one call: once, from any thread. Shared, since callbacks have to be copyable.
/// Dropped unused, its responder answers 500.
class Reply {
  public:
    Reply(net::Responder responder, std::string request_id)
        : responder_{std::move(responder)}, request_id_{std::move(request_id)} {}

    void succeed(const json::object& answer) { responder_.send(encode(request_id_, answer)); }

    void fail(const Failure& failure) {
        responder_.send(
            encode_failure(request_id_, failure.code, failure.message, status_of(failure.code))
        );
    }

    /// See `net::Responder::on_gone`.
    void on_gone(std::function<void()> gone) { responder_.on_gone(std::move(gone)); }

  private:
    net::Responder responder_;
    std::string request_id_;
};

using ReplyPtr = std::shared_ptr<Reply>;

/// Answers the refusal. nullptr: there is one; else what was asked for.
template <class T>
[[nodiscard]] const T* admitted(const asl::Result<T>& result, Reply& reply) {
    if (const auto* const refusal = std::get_if<asl::Refusal>(&result)) {
        reply.fail(*refusal);
        return nullptr;
    }
    return &std::get<T>(result);
}

/// A callback that answers `show(value)`, or the refusal.
template <class T, class Show>
[[nodiscard]] std::function<void(asl::Result<T>)> answer(ReplyPtr reply, Show show) {
    return [reply = std::move(reply), show = std::move(show)](const asl::Result<T>& result) {
        if (const auto* const value = admitted(result, *reply)) {
            reply->succeed(show(*value));
        }
    };
}

/// For operations that only succeed.
[[nodiscard]] inline std::function<void(asl::Result<asl::Done>)> answer_done(ReplyPtr reply) {
    return answer<asl::Done>(std::move(reply), [](const asl::Done&) { return json::object{}; });
}

}  // namespace kiln::api::states
