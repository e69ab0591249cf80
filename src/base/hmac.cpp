// Not EVP, and hence not OpenSSL's own HMAC, for the reason given in sha256.cpp.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/hmac.hpp"

#include "base/error.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace kiln {

namespace {

using Block = std::array<std::uint8_t, SHA256_CBLOCK>;

HmacDigest digest_of(const Block& pad, const void* bytes, std::size_t size) {
    SHA256_CTX context{};
    HmacDigest digest{};
    static_assert(sizeof digest == SHA256_DIGEST_LENGTH);
    KILN_CHECK(
        SHA256_Init(&context) == 1 && SHA256_Update(&context, pad.data(), pad.size()) == 1 &&
        SHA256_Update(&context, bytes, size) == 1 && SHA256_Final(digest.data(), &context) == 1
    );
    return digest;
}

Block padded(const Block& key, std::uint8_t pad) {
    Block block{};
    std::transform(key.begin(), key.end(), block.begin(), [pad](std::uint8_t byte) {
        return static_cast<std::uint8_t>(byte ^ pad);
    });
    return block;
}

}  // namespace

HmacDigest hmac_sha256(std::span<const std::uint8_t> key, std::string_view message) {
    Block block{};
    if (key.size() > block.size()) {
        SHA256(key.data(), key.size(), block.data());
    } else {
        std::copy(key.begin(), key.end(), block.begin());
    }
    const auto inner = digest_of(padded(block, 0x36), message.data(), message.size());
    return digest_of(padded(block, 0x5c), inner.data(), inner.size());
}

HmacDigest hmac_sha256(std::string_view key, std::string_view message) {
    return hmac_sha256(
        std::span{reinterpret_cast<const std::uint8_t*>(key.data()), key.size()}, message
    );
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace kiln
