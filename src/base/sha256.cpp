// EVP would set up OpenSSL's providers: 2 MiB and a millisecond of every short-lived process. These
// functions run the same code underneath, and SHA-256 itself is not what is deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/sha256.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"

#include <array>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace kiln {

struct Sha256::Context {
    SHA256_CTX sha{};

    Context() { KILN_CHECK(SHA256_Init(&sha) == 1); }
};

Sha256::Sha256() : context_{std::make_unique<Context>()} {}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::string_view bytes) {
    KILN_CHECK(SHA256_Update(&context_->sha, bytes.data(), bytes.size()) == 1);
    return *this;
}

Sha256& Sha256::field(std::string_view bytes) {
    return update(fmt::format("{}:", bytes.size())).update(bytes);
}

std::string Sha256::finish() {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    KILN_CHECK(SHA256_Final(digest.data(), &context_->sha) == 1);
    return to_hex(digest);
}

std::string sha256(std::string_view bytes) {
    return Sha256{}.update(bytes).finish();
}

}  // namespace kiln
