#include "queue/receipt.hpp"

#include "base/error.hpp"

#include <algorithm>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace kiln::queue {

namespace {

// A receipt: sequence (8 bytes), receives (8 bytes), signature (8 bytes): 24 bytes, 32 characters.
constexpr std::size_t kClaimBytes = 16;
constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kBytes = kClaimBytes + kSignatureBytes;
constexpr std::size_t kCharacters = kBytes / 3 * 4;

using Raw = std::array<std::uint8_t, kBytes>;

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr auto kValues = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}();

void put_number(std::uint8_t* at, std::uint64_t number) {
    for (unsigned i = 0; i < 8; ++i) {
        at[i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
}

std::int64_t number_at(const std::uint8_t* at) {
    std::uint64_t number = 0;
    for (unsigned i = 0; i < 8; ++i) {
        number |= static_cast<std::uint64_t>(at[i]) << (8 * i);
    }
    return static_cast<std::int64_t>(number);
}

std::string encode(const Raw& raw) {
    std::string text;
    text.reserve(kCharacters);
    for (std::size_t i = 0; i < kBytes; i += 3) {
        const unsigned bits = static_cast<unsigned>(raw[i]) << 16U |
                              static_cast<unsigned>(raw[i + 1]) << 8U | raw[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) {
            text.push_back(kAlphabet[bits >> static_cast<unsigned>(shift) & 63U]);
        }
    }
    return text;
}

std::optional<Raw> decode(std::string_view text) {
    if (text.size() != kCharacters) {
        return std::nullopt;
    }
    Raw raw{};
    for (std::size_t i = 0, at = 0; i < kCharacters; i += 4, at += 3) {
        unsigned bits = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const auto value = kValues[static_cast<std::uint8_t>(text[i + j])];
            if (value < 0) {
                return std::nullopt;
            }
            bits = bits << 6U | static_cast<unsigned>(value);
        }
        raw[at] = static_cast<std::uint8_t>(bits >> 16U);
        raw[at + 1] = static_cast<std::uint8_t>(bits >> 8U);
        raw[at + 2] = static_cast<std::uint8_t>(bits);
    }
    return raw;
}

}  // namespace

struct ReceiptBook::Signer {
    struct Free {
        void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }

        void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
    };

    std::unique_ptr<EVP_MAC, Free> mac{EVP_MAC_fetch(nullptr, "SIPHASH", nullptr)};
    std::unique_ptr<EVP_MAC_CTX, Free> context;
    Secret secret;

    explicit Signer(const Secret& key) : context{EVP_MAC_CTX_new(mac.get())}, secret{key} {
        unsigned size = kSignatureBytes;
        const std::array parameters{
            OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_SIZE, &size), OSSL_PARAM_construct_end()};
        KILN_CHECK(EVP_MAC_CTX_set_params(context.get(), parameters.data()) == 1);
    }

    void sign(const Raw& raw, std::uint8_t* signature) {
        std::size_t written = 0;
        KILN_CHECK(
            EVP_MAC_init(context.get(), secret.data(), secret.size(), nullptr) == 1 &&
            EVP_MAC_update(context.get(), raw.data(), kClaimBytes) == 1 &&
            EVP_MAC_final(context.get(), signature, &written, kSignatureBytes) == 1 &&
            written == kSignatureBytes
        );
    }
};

ReceiptBook::ReceiptBook(const Secret& secret) : signer_{std::make_unique<Signer>(secret)} {}

ReceiptBook::ReceiptBook(ReceiptBook&&) noexcept = default;
ReceiptBook& ReceiptBook::operator=(ReceiptBook&&) noexcept = default;
ReceiptBook::~ReceiptBook() = default;

std::string ReceiptBook::write(const Claim& claim) {
    Raw raw{};
    put_number(raw.data(), static_cast<std::uint64_t>(claim.sequence));
    put_number(raw.data() + 8, static_cast<std::uint64_t>(claim.receives));
    signer_->sign(raw, raw.data() + kClaimBytes);
    return encode(raw);
}

std::optional<Claim> ReceiptBook::read(std::string_view receipt) {
    const auto raw = decode(receipt);
    if (!raw) {
        return std::nullopt;
    }
    std::array<std::uint8_t, kSignatureBytes> signature{};
    signer_->sign(*raw, signature.data());
    if (!std::equal(signature.begin(), signature.end(), raw->begin() + kClaimBytes)) {
        return std::nullopt;
    }
    return Claim{number_at(raw->data()), number_at(raw->data() + 8)};
}

}  // namespace kiln::queue
