#include "redis/script.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"

#include <array>
#include <cstdint>
#include <span>

#include <openssl/evp.h>

namespace kiln::redis {

namespace {

std::string sha1_of(std::string_view text) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    KILN_CHECK(
        EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1
    );
    return to_hex(std::span{digest}.first(size));
}

Script::Form form_of(std::string text) {
    auto sha1 = sha1_of(text);
    return {std::move(text), std::move(sha1)};
}

constexpr std::int64_t kKnowsFlags = 7;

}  // namespace

Script::Script(std::string_view text, When when) : plain_{form_of(std::string{text})} {
    flagged_ = when == When::always ? form_of("#!lua flags=allow-oom\n" + plain_.text) : plain_;
}

const Script::Form& Script::form(std::int64_t major_version) const noexcept {
    return major_version >= kKnowsFlags ? flagged_ : plain_;
}

}  // namespace kiln::redis
