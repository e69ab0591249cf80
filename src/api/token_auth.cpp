#include "api/token_auth.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"

namespace kiln::api {

namespace {

constexpr std::string_view kScheme = "bearer ";

/// Schemes are compared without regard to case (RFC 9110, 11.1).
bool has_scheme(std::string_view header) {
    if (header.size() < kScheme.size()) {
        return false;
    }
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        const char c = header[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) {
            return false;
        }
    }
    return true;
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

TokenAuth::Verdict TokenAuth::check(std::optional<std::string_view> authorization) const {
    if (!authorization || !has_scheme(*authorization)) {
        return Verdict::missing;
    }
    auto given = authorization->substr(kScheme.size());
    while (given.starts_with(' ')) {
        given.remove_prefix(1);
    }
    return equal_in_constant_time(sha256(given), digest_) ? Verdict::good : Verdict::wrong;
}

}  // namespace kiln::api
