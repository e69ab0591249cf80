#include "aws/service_failure.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

struct Known {
    std::string_view name;
    ErrorKind kind;
    RetryClass retry;
};

/// Source: "Common errors" of AWS' API references; the retry classes are those of the SDKs'
/// standard mode (AWS SDKs and Tools Reference Guide, "Retry behavior").
constexpr std::array kKnown{
    Known{"AccessDenied", ErrorKind::denied, RetryClass::never},
    Known{"AuthFailure", ErrorKind::denied, RetryClass::clock},
    Known{"BandwidthLimitExceeded", ErrorKind::exhausted, RetryClass::throttled},
    Known{"EC2Throttled", ErrorKind::exhausted, RetryClass::throttled},
    Known{"ExpiredToken", ErrorKind::denied, RetryClass::expired_keys},
    Known{"IncompleteSignature", ErrorKind::denied, RetryClass::never},
    Known{"InternalError", ErrorKind::unavailable, RetryClass::transient},
    Known{"InternalFailure", ErrorKind::unavailable, RetryClass::transient},
    Known{"InvalidClientTokenId", ErrorKind::denied, RetryClass::never},
    Known{"InvalidSignature", ErrorKind::denied, RetryClass::clock},
    Known{"LimitExceeded", ErrorKind::exhausted, RetryClass::throttled},
    Known{"MissingAuthenticationToken", ErrorKind::denied, RetryClass::never},
    Known{"NotAuthorized", ErrorKind::denied, RetryClass::never},
    Known{"OptInRequired", ErrorKind::denied, RetryClass::never},
    Known{"PriorRequestNotComplete", ErrorKind::exhausted, RetryClass::throttled},
    Known{"ProvisionedThroughputExceeded", ErrorKind::exhausted, RetryClass::throttled},
    Known{"RequestExpired", ErrorKind::denied, RetryClass::clock},
    Known{"RequestInTheFuture", ErrorKind::denied, RetryClass::clock},
    Known{"RequestLimitExceeded", ErrorKind::exhausted, RetryClass::throttled},
    Known{"RequestThrottled", ErrorKind::exhausted, RetryClass::throttled},
    Known{"RequestTimeTooSkewed", ErrorKind::denied, RetryClass::clock},
    Known{"RequestTimeout", ErrorKind::unavailable, RetryClass::transient},
    Known{"ServiceUnavailable", ErrorKind::unavailable, RetryClass::transient},
    Known{"SignatureDoesNotMatch", ErrorKind::denied, RetryClass::clock},
    Known{"SlowDown", ErrorKind::exhausted, RetryClass::throttled},
    Known{"Throttled", ErrorKind::exhausted, RetryClass::throttled},
    Known{"Throttling", ErrorKind::exhausted, RetryClass::throttled},
    Known{"TooManyRequests", ErrorKind::exhausted, RetryClass::throttled},
    Known{"TransactionInProgress", ErrorKind::exhausted, RetryClass::throttled},
    Known{"UnrecognizedClient", ErrorKind::denied, RetryClass::never},
    Known{"ValidationError", ErrorKind::invalid, RetryClass::never},
};

const Known* find_known(std::string_view name) noexcept {
    const auto* const found = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& known) {
        return known.name == name;
    });
    return found == kKnown.end() ? nullptr : found;
}

ErrorKind kind_of_status(unsigned status) noexcept {
    switch (status) {
        case 401:
        case 403:
            return ErrorKind::denied;
        case 404:
            return ErrorKind::not_found;
        case 409:
            return ErrorKind::conflict;
        case 408:
            return ErrorKind::timed_out;
        case 429:
        case 507:
            return ErrorKind::exhausted;
        default:
            break;
    }
    if (status >= 500) {
        return ErrorKind::unavailable;
    }
    return status >= 400 ? ErrorKind::invalid : ErrorKind::internal;
}

/// "com.amazonaws.sqs#QueueDoesNotExist:http://…" -> "QueueDoesNotExist"
std::string plain_name(std::string_view text) {
    text = text.substr(0, text.find(':'));
    if (const auto hash = text.rfind('#'); hash != std::string_view::npos) {
        text.remove_prefix(hash + 1);
    }
    constexpr std::string_view query_prefix = "AWS.SimpleQueueService.";
    constexpr std::string_view suffix = "Exception";
    if (text.starts_with(query_prefix)) {
        text.remove_prefix(query_prefix.size());
    }
    if (text.ends_with(suffix) && text.size() > suffix.size()) {
        text.remove_suffix(suffix.size());
    }
    return std::string{text};
}

std::string text_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

std::optional<std::chrono::seconds> retry_after(const net::Headers& headers) {
    const auto text = headers.find("Retry-After");
    int seconds = 0;
    if (!text) {
        return std::nullopt;
    }
    const auto read = std::from_chars(text->data(), text->data() + text->size(), seconds);
    const bool whole = read.ec == std::errc{} && read.ptr == text->data() + text->size();
    return whole && seconds >= 0 ? std::optional{std::chrono::seconds{seconds}} : std::nullopt;
}

}  // namespace

ServiceFailure read_failure(const net::ClientResponse& response) {
    ServiceFailure out;
    out.status = response.status;
    out.retry_after = retry_after(response.headers);
    boost::system::error_code not_json;
    const auto body = json::parse(response.body, not_json);
    if (!not_json && body.is_object()) {
        const auto& object = body.get_object();
        out.name = plain_name(text_member(object, "__type"));
        out.message = text_member(object, "message");
        if (out.message.empty()) {
            out.message = text_member(object, "Message");
        }
    }
    if (out.name.empty()) {
        out.name = plain_name(response.headers.value_or("x-amzn-errortype", ""));
    }
    if (out.message.empty()) {
        out.message = fmt::format("status {}", response.status);
    }
    return out;
}

ErrorKind common_kind(const ServiceFailure& failure) noexcept {
    const auto* known = find_known(failure.name);
    return known != nullptr ? known->kind : kind_of_status(failure.status);
}

RetryClass retry_class(const ServiceFailure& failure) noexcept {
    if (const auto* known = find_known(failure.name)) {
        return known->retry;
    }
    switch (failure.status) {
        case 429:
            return RetryClass::throttled;
        case 500:
        case 502:
        case 503:
        case 504:
            return RetryClass::transient;
        default:
            return RetryClass::never;
    }
}

}  // namespace kiln::aws
