#include "api/token_auth.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/sha256.hpp"

#include <initializer_list>

namespace kiln::api {

namespace {

/// Schemes are compared without regard to case (RFC 9110, 11.1).
bool has_scheme(std::string_view header, std::string_view scheme) {
    if (header.size() < scheme.size()) {
        return false;
    }
    for (std::size_t i = 0; i < scheme.size(); ++i) {
        const char c = header[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != scheme[i]) {
            return false;
        }
    }
    return true;
}

/// What follows one of the schemes and blanks; nullopt: none of them.
std::optional<std::string_view> after_scheme(
    std::string_view header, std::initializer_list<std::string_view> schemes
) {
    for (const auto scheme : schemes) {
        if (has_scheme(header, scheme)) {
            auto rest = header.substr(scheme.size());
            while (rest.starts_with(' ')) {
                rest.remove_prefix(1);
            }
            return rest;
        }
    }
    return std::nullopt;
}

/// Looks at every byte, whatever the first ones say.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
    unsigned difference = a.size() == b.size() ? 0U : 1U;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    }
    return difference == 0;
}

}  // namespace

TokenAuth::TokenAuth(std::string_view token) : digest_{sha256(token)} {
    KILN_CHECK(!token.empty());
}

bool TokenAuth::is_token(std::string_view text) const {
    return equal_in_constant_time(sha256(text), digest_);
}

TokenAuth::Verdict TokenAuth::check(std::optional<std::string_view> authorization) const {
    const auto given = authorization ? after_scheme(*authorization, {"bearer ", "token ", "token="})
                                     : std::nullopt;
    if (!given) {
        return Verdict::missing;
    }
    return is_token(*given) ? Verdict::good : Verdict::wrong;
}

std::optional<std::string> basic_password(std::optional<std::string_view> authorization) {
    const auto given =
        authorization ? after_scheme(*authorization, {"basic ", "basic="}) : std::nullopt;
    const auto pair = given ? from_base64(*given) : std::nullopt;
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos || colon + 1 == pair->size()) {
        return std::nullopt;
    }
    return pair->substr(colon + 1);
}

}  // namespace kiln::api
