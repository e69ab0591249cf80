// Not EVP, for the reason given in sha256.cpp.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/md5.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"

#include <array>

#include <openssl/md5.h>

namespace kiln {

struct Md5::Context {
    MD5_CTX md5{};

    Context() { KILN_CHECK(MD5_Init(&md5) == 1); }
};

Md5::Md5() : context_{std::make_unique<Context>()} {}

Md5::~Md5() = default;
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;

Md5& Md5::update(std::string_view bytes) {
    KILN_CHECK(MD5_Update(&context_->md5, bytes.data(), bytes.size()) == 1);
    return *this;
}

std::string Md5::finish() {
    std::array<std::uint8_t, MD5_DIGEST_LENGTH> digest{};
    KILN_CHECK(MD5_Final(digest.data(), &context_->md5) == 1);
    return to_hex(digest);
}

std::string md5(std::string_view bytes) {
    return Md5{}.update(bytes).finish();
}

}  // namespace kiln
