#include "flow/state_work.hpp"

#include "flow/json_text.hpp"
#include "flow/settings.hpp"
#include "flow/timestamp.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace kiln::flow {
namespace {

/// AWS holds a Wait's seconds in 31 bits.
constexpr std::int64_t kLongestWait = std::numeric_limits<std::int32_t>::max();

/// What a path of a Wait leads to.
Payload wait_value(DataFlow& data, const asl::Setting& until) {
    const auto* path = std::get_if<jsonpath::Path>(&until.value);
    if (path == nullptr) {
        return data.evaluate(until);
    }
    auto value = data.find(*path);
    if (value == nullptr) {
        throw data.runtime_failure(fmt::format(
            "The {} parameter does not reference an input value: {}", until.field, path->text()
        ));
    }
    return value;
}

TimePoint end_of_timestamp(DataFlow& data, const asl::Setting& until, TimePoint now) {
    const auto value = std::holds_alternative<asl::JsonataTemplate>(until.value)
                           ? query_of_type(data, until, "string")
                           : wait_value(data, until);
    const auto* text = value->if_string();
    const auto instant = text != nullptr ? parse_timestamp(*text) : std::nullopt;
    if (!instant) {
        const auto path = path_text(until);
        if (path.empty()) {
            throw data.query_failure(
                fmt::format(
                    "The {} field cannot be parsed as an ISO-8601 extended offset date-time format "
                    "string: {}",
                    until.field,
                    plain_text(*value)
                ),
                std::string{until.field}
            );
        }
        throw data.runtime_failure(fmt::format(
            "The {} parameter does not reference a valid ISO-8601 extended offset date-time "
            "format string: {} == {}",
            until.field,
            path,
            plain_text(*value)
        ));
    }
    const auto now_seconds =
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    if (instant->seconds - now_seconds > kLongestWait) {
        throw data.runtime_failure("Wait state delay is too long.");
    }
    return TimePoint{
        std::chrono::seconds{instant->seconds} +
        std::chrono::microseconds{(instant->nanoseconds + 999) / 1000}};
}

std::optional<std::string> failure_text(
    DataFlow& data, const std::optional<asl::Setting>& setting
) {
    if (!setting) {
        return std::nullopt;
    }
    Payload value;
    if (const auto* path = std::get_if<jsonpath::Path>(&setting->value)) {
        value = data.find(*path);
        if (value == nullptr) {
            throw data.runtime_failure(jsonpath::not_found_sentence(
                path->text(), setting->field, json_text(*data.effective())
            ));
        }
    } else {
        value = query_of_type(data, *setting, "string");
    }
    return plain_text(*value);
}

bool matches(const std::vector<std::string>& names, const ErrorOutput& error) {
    const std::string_view name = error.error ? std::string_view{*error.error} : "";
    if (name == error_name::kRuntime) {
        return false;  // ends the execution, whatever stands in Retry and Catch
    }
    return std::any_of(names.begin(), names.end(), [&](const std::string& wanted) {
        if (wanted == error_name::kAll) {
            return true;
        }
        if (wanted == error_name::kTaskFailed && name != error_name::kTimeout) {
            return true;
        }
        return (error.error && wanted == name) ||
               (error.heartbeat && wanted == error_name::kHeartbeatTimeout);
    });
}

template <class Handlers>
std::optional<std::size_t> first_match(const Handlers& handlers, const ErrorOutput& error) {
    for (std::size_t i = 0; i < handlers.size(); ++i) {
        if (matches(handlers[i].error_equals, error)) {
            return i;
        }
    }
    return std::nullopt;
}

}  // namespace

TimePoint wait_until(DataFlow& data, const asl::WaitFields& fields, TimePoint now) {
    const auto& until = fields.until;
    if (until.field.starts_with("Timestamp")) {
        return end_of_timestamp(data, until, now);
    }
    if (const auto* path = std::get_if<jsonpath::Path>(&until.value)) {
        if (data.find(*path) == nullptr) {
            static_cast<void>(wait_value(data, until));
        }
    }
    const auto seconds = seconds_of_setting(data, until);
    if (seconds > kLongestWait) {
        throw data.runtime_failure("Wait state delay is too long.");
    }
    return now + std::chrono::seconds{seconds};
}

ErrorOutput failure_of(DataFlow& data, const asl::FailFields& fields) {
    return {failure_text(data, fields.error), failure_text(data, fields.cause)};
}

TaskOrder task_order(DataFlow& data, const asl::TaskFields& fields) {
    TaskOrder order;
    order.parameters = data.arguments();
    if (fields.timeout) {
        order.timeout_seconds = seconds_of_setting(data, *fields.timeout);
    }
    if (fields.heartbeat) {
        order.heartbeat_seconds = seconds_of_setting(data, *fields.heartbeat);
    }
    if (fields.credentials) {
        order.credentials = data.evaluate(*fields.credentials);
    }
    return order;
}

std::optional<std::size_t> matching_retrier(const asl::State& state, const ErrorOutput& error) {
    return first_match(state.retry, error);
}

std::optional<std::size_t> matching_catcher(const asl::State& state, const ErrorOutput& error) {
    return first_match(state.catchers, error);
}

double retry_delay(const asl::Retrier& retrier, std::int64_t attempt) {
    /// The longest IntervalSeconds; what grows beyond it does not matter.
    constexpr double kLongest = 99'999'999;
    const auto grown = static_cast<double>(retrier.interval_seconds) *
                       std::pow(retrier.backoff_rate, static_cast<double>(attempt - 1));
    const auto most = retrier.max_delay_seconds
                          ? std::min(kLongest, static_cast<double>(*retrier.max_delay_seconds))
                          : kLongest;
    return std::min(grown, most);
}

Duration jittered_delay(const asl::Retrier& retrier, std::int64_t attempt, std::uint64_t random) {
    auto seconds = retry_delay(retrier, attempt);
    if (retrier.jitter == asl::Jitter::full) {
        constexpr double kDraws = 9007199254740992.0;  // 2^53, exact in a double
        seconds *= static_cast<double>(random >> 11U) / kDraws;
    }
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds});
}

}  // namespace kiln::flow
