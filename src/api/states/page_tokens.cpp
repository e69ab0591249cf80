#include "api/states/page_tokens.hpp"

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/hmac.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::api::states {

namespace {

constexpr std::size_t kSignature = 32;  // digits: 16 bytes

/// "EXPIRES:POSITION", with EXPIRES in seconds since 1970.
std::int64_t seconds_of(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

std::string PageTokens::sign(std::string_view scope, std::string_view payload) const {
    const auto digest =
        hmac_sha256(key_, fmt::format("page {}:{}:{}", scope.size(), scope, payload));
    return to_hex(std::span{digest}.first(kSignature / 2));
}

std::string PageTokens::make(std::string_view scope, std::string_view position) const {
    const auto payload = fmt::format("{}:{}", seconds_of(clock_.now() + kLife), position);
    return to_base64(sign(scope, payload) + payload);
}

std::optional<std::string> PageTokens::read(std::string_view scope, std::string_view token) const {
    const auto text = from_base64(token);
    if (!text || text->size() < kSignature) {
        return std::nullopt;
    }
    const auto payload = std::string_view{*text}.substr(kSignature);
    const auto signature = std::string_view{*text}.substr(0, kSignature);
    if (!equal_in_constant_time(sign(scope, payload), signature)) {
        return std::nullopt;
    }
    std::int64_t expires = 0;
    const auto colon = payload.find(':');
    std::from_chars(payload.data(), payload.data() + std::min(colon, payload.size()), expires);
    if (colon == std::string_view::npos || expires <= seconds_of(clock_.now())) {
        return std::nullopt;
    }
    return std::string{payload.substr(colon + 1)};
}

}  // namespace kiln::api::states
