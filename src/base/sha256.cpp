#include "base/sha256.hpp"

#include <array>

#include "base/error.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace kiln {

struct Sha256::Context {
    EVP_MD_CTX* evp = EVP_MD_CTX_new();

    Context() { KILN_CHECK(evp != nullptr && EVP_DigestInit_ex(evp, EVP_sha256(), nullptr) == 1); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256::Sha256() : context_{std::make_unique<Context>()} {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::string_view bytes) {
    KILN_CHECK(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
    return *this;
}

Sha256& Sha256::field(std::string_view bytes) {
    return update(fmt::format("{}:", bytes.size())).update(bytes);
}

std::string Sha256::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    KILN_CHECK(EVP_DigestFinal_ex(context_->evp, digest.data(), &size) == 1);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += fmt::format("{:02x}", digest[i]);
    }
    return hex;
}

std::string sha256(std::string_view bytes) { return Sha256{}.update(bytes).finish(); }

}  // namespace kiln
