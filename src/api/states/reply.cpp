#include "api/states/reply.hpp"

#include "base/utf8.hpp"

namespace kiln::api::states {

namespace {

net::Response response_of(
    unsigned status, const std::string& request_id, const json::object& body
) {
    return {
        status,
        {{"x-amzn-RequestId", request_id}, {"Content-Type", "application/x-amz-json-1.0"}},
        json::serialize(body)};
}

}  // namespace

net::Response encode_failure(
    const std::string& request_id, std::string_view code, std::string_view message, unsigned status
) {
    // It repeats what was sent, letter by letter where that is text.
    return response_of(
        status,
        request_id,
        {{"__type", code}, {"message", is_utf8(message) ? std::string{message} : to_utf8(message)}}
    );
}

net::Response encode(const std::string& request_id, const json::object& answer) {
    return response_of(200, request_id, answer);
}

double epoch_seconds(TimePoint time) noexcept {
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
    return static_cast<double>(milliseconds.count()) / 1000.0;
}

}  // namespace kiln::api::states
