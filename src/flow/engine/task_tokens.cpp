#include "flow/engine/task_tokens.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/hmac.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <openssl/evp.h>

namespace kiln::flow {

namespace {

constexpr std::size_t kLeastSecret = 16;
constexpr std::size_t kBlock = 16;
constexpr std::size_t kBytes = kBlock + std::tuple_size_v<HmacDigest>;  // 48: 64 characters
using Block = std::array<std::uint8_t, kBlock>;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as they are
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

struct TaskTokens::Keys {
    struct Free {
        void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
    };

    using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

    explicit Keys(std::string_view secret)
        : sealing{hmac_sha256(secret, "task token: seal")},
          signing{hmac_sha256(secret, "task token: sign")} {
        // One block that is never the same twice: no chaining, no padding.
        for (const auto& [context, encrypt] : {std::pair{&encryption, 1}, {&decryption, 0}}) {
            context->reset(EVP_CIPHER_CTX_new());
            KILN_CHECK(
                EVP_CipherInit_ex(
                    context->get(), EVP_aes_256_ecb(), nullptr, sealing.data(), nullptr, encrypt
                ) == 1 &&
                EVP_CIPHER_CTX_set_padding(context->get(), 0) == 1
            );
        }
    }

    static Block turn(const Context& context, const Block& block) {
        Block turned{};
        int size = 0;
        KILN_CHECK(
            EVP_CipherUpdate(context.get(), turned.data(), &size, block.data(), kBlock) == 1 &&
            size == static_cast<int>(kBlock)
        );
        return turned;
    }

    [[nodiscard]] HmacDigest sign(const Block& block) const {
        return hmac_sha256(signing, text_of(block.data(), block.size()));
    }

    HmacDigest sealing, signing;
    Context encryption, decryption;
};

TaskTokens::TaskTokens(std::string_view secret) {
    if (secret.size() < kLeastSecret) {
        throw Error{ErrorKind::invalid, "the secret of task tokens has to have 16 bytes at least"};
    }
    keys_ = std::make_unique<Keys>(secret);
}

TaskTokens::~TaskTokens() = default;

std::string TaskTokens::write(const TaskName& name) {
    Block plain{};
    std::memcpy(plain.data(), &name.execution, sizeof name.execution);
    std::memcpy(plain.data() + 8, &name.task, sizeof name.task);
    const auto sealed = Keys::turn(keys_->encryption, plain);
    const auto signature = keys_->sign(sealed);
    std::string bytes{text_of(sealed.data(), sealed.size())};
    bytes += text_of(signature.data(), signature.size());
    auto token = to_base64(bytes);  // 48 bytes: no padding
    std::replace(token.begin(), token.end(), '+', '-');
    std::replace(token.begin(), token.end(), '/', '_');
    return token;
}

std::optional<TaskName> TaskTokens::read(std::string_view token) {
    std::string standard{token};
    if (standard.find_first_of("+/=") != std::string::npos) {
        return std::nullopt;
    }
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    const auto bytes = from_base64(standard);
    if (!bytes || bytes->size() != kBytes) {
        return std::nullopt;
    }
    Block sealed{};
    std::memcpy(sealed.data(), bytes->data(), kBlock);
    const auto signature = keys_->sign(sealed);
    if (!equal_in_constant_time(
            text_of(signature.data(), signature.size()), std::string_view{*bytes}.substr(kBlock)
        )) {
        return std::nullopt;
    }
    const auto plain = Keys::turn(keys_->decryption, sealed);
    TaskName name;
    std::memcpy(&name.execution, plain.data(), sizeof name.execution);
    std::memcpy(&name.task, plain.data() + 8, sizeof name.task);
    return name;
}

}  // namespace kiln::flow
