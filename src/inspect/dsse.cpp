#include "inspect/dsse.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/sha256.hpp"
#include "os/fd.hpp"

#include <vector>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::inspect {

namespace {

constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";
constexpr std::string_view kRemedy =
    "make one with: openssl genpkey -algorithm ed25519 -out key.pem; chmod 600 key.pem";

struct FreeKey {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

struct FreeBio {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

using KeyHandle = std::unique_ptr<EVP_PKEY, FreeKey>;
using Bio = std::unique_ptr<BIO, FreeBio>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Bio reader(std::string_view text) {
    return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// An encrypted key is refused instead of asked for on the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

/// The digest that belongs to the key: none for Ed25519, which hashes by itself.
/// @throws Error  invalid: a kind of key that is not used here
const EVP_MD* digest_of(EVP_PKEY* key) {
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
        return nullptr;
    }
    std::string group(64, '\0');
    std::size_t length = 0;
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
        EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1) {
        group.resize(length);
        if (group == "prime256v1") {
            return EVP_sha256();
        }
        if (group == "secp384r1") {
            return EVP_sha384();
        }
    }
    throw Error{ErrorKind::invalid, "a signing key must be Ed25519, or ECDSA on P-256 or P-384"}
        .hint(std::string{kRemedy});
}

/// Standard or URL-safe alphabet, as DSSE allows both. @throws Error invalid
std::string unbase64(std::string text) {
    for (auto& c : text) {
        c = c == '-' ? '+' : (c == '_' ? '/' : c);
    }
    while (text.size() % 4 != 0) {
        text += '=';
    }
    auto bytes = from_base64(text);
    if (!bytes) {
        throw Error{ErrorKind::invalid, "the envelope holds text that is not base64"};
    }
    return std::move(*bytes);
}

std::string public_der(EVP_PKEY* key) {
    unsigned char* bytes = nullptr;
    const int length = i2d_PUBKEY(key, &bytes);
    KILN_CHECK(length > 0);
    std::string der{reinterpret_cast<char*>(bytes), static_cast<std::size_t>(length)};
    OPENSSL_free(bytes);
    return der;
}

}  // namespace

struct Key::State {
    KeyHandle key;
    const EVP_MD* digest = nullptr;
    bool secret = false;
};

Key::Key(std::unique_ptr<State> state) : state_{std::move(state)} {}

Key::Key(Key&&) noexcept = default;
Key& Key::operator=(Key&&) noexcept = default;
Key::~Key() = default;

Key Key::parse_private(std::string_view pem) {
    const auto bio = reader(pem);
    KeyHandle key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
    if (!key) {
        throw Error{ErrorKind::invalid, "no private key in PEM form without a passphrase"}.hint(
            std::string{kRemedy}
        );
    }
    const auto* digest = digest_of(key.get());
    return Key{std::make_unique<State>(State{std::move(key), digest, true})};
}

Key Key::parse_public(std::string_view pem) {
    const auto bio = reader(pem);
    KeyHandle key{PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr)};
    if (!key) {
        throw Error{ErrorKind::invalid, "no public key in PEM form"}.hint(
            "get one from the private key with: openssl pkey -in key.pem -pubout -out key.pub"
        );
    }
    const auto* digest = digest_of(key.get());
    return Key{std::make_unique<State>(State{std::move(key), digest, false})};
}

Key Key::load_private(const std::filesystem::path& path) {
    const auto doing = fmt::format("read signing key '{}'", path.string());
    const auto file = os::open_file(path, O_RDONLY);

    struct ::stat status {};

    if (::fstat(file.get(), &status) != 0) {
        throw_errno(doing);
    }
    if ((status.st_mode & 077U) != 0) {
        throw Error{ErrorKind::denied, fmt::format("{}: others can read it", doing)}.hint(
            fmt::format("chmod 600 '{}'", path.string())
        );
    }
    try {
        return parse_private(os::read_all(file, 64U << 10));
    } catch (const Error& error) {
        throw error.while_(doing);
    }
}

Key Key::load_public(const std::filesystem::path& path) {
    try {
        return parse_public(os::read_file(path, 64U << 10));
    } catch (const Error& error) {
        throw error.while_(fmt::format("read public key '{}'", path.string()));
    }
}

std::string Key::id() const {
    return sha256(public_der(state_->key.get()));
}

std::string Key::public_pem() const {
    const Bio bio{BIO_new(BIO_s_mem())};
    KILN_CHECK(PEM_write_bio_PUBKEY(bio.get(), state_->key.get()) == 1);
    char* text = nullptr;
    const auto length = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(length)};
}

std::string Key::sign(std::string_view message) const {
    if (!state_->secret) {
        throw Error{ErrorKind::invalid, "a public key cannot sign"};
    }
    const Context context{EVP_MD_CTX_new()};
    const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
    std::size_t length = 0;
    bool good =
        EVP_DigestSignInit(context.get(), nullptr, state_->digest, nullptr, state_->key.get()) ==
            1 &&
        EVP_DigestSign(context.get(), nullptr, &length, bytes, message.size()) == 1;
    std::string signature(length, '\0');
    good = good && EVP_DigestSign(
                       context.get(),
                       reinterpret_cast<unsigned char*>(signature.data()),
                       &length,
                       bytes,
                       message.size()
                   ) == 1;
    if (!good) {
        throw Error{ErrorKind::internal, "the signature could not be made"};
    }
    signature.resize(length);
    return signature;
}

bool Key::verifies(std::string_view message, std::string_view signature) const {
    const Context context{EVP_MD_CTX_new()};
    return EVP_DigestVerifyInit(
               context.get(), nullptr, state_->digest, nullptr, state_->key.get()
           ) == 1 &&
           EVP_DigestVerify(
               context.get(),
               reinterpret_cast<const unsigned char*>(signature.data()),
               signature.size(),
               reinterpret_cast<const unsigned char*>(message.data()),
               message.size()
           ) == 1;
}

std::string pre_authentication_encoding(std::string_view type, std::string_view body) {
    return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, body.size(), body);
}

json::object sign_envelope(const json::object& statement, const Key& key) {
    const auto payload = json::serialize(statement);
    const auto signature = key.sign(pre_authentication_encoding(kPayloadType, payload));
    return {
        {"payloadType", kPayloadType},
        {"payload", to_base64(payload)},
        {"signatures",
         json::array{json::object{{"keyid", key.id()}, {"sig", to_base64(signature)}}}},
    };
}

json::value verify_envelope(const json::value& envelope, const Key& key) {
    std::vector<Problem> problems;
    ObjectReader reader{envelope, "", problems};
    const auto type = reader.string("payloadType", ObjectReader::Need::required);
    const auto payload = reader.string("payload", ObjectReader::Need::required);
    const auto* signatures = reader.array("signatures", ObjectReader::Need::required);
    reader.finish();
    if (!problems.empty()) {
        throw Error{"not a DSSE envelope", problems};
    }
    if (*type != kPayloadType) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("the envelope holds '{}', not {}", *type, kPayloadType)};
    }
    const auto body = unbase64(*payload);
    const auto message = pre_authentication_encoding(*type, body);
    for (const auto& entry : *signatures) {
        const auto* object = entry.if_object();
        const auto* signature = object == nullptr ? nullptr : object->if_contains("sig");
        // The keyid is a hint that anyone can write; the signature alone decides.
        if (signature != nullptr && signature->is_string() &&
            key.verifies(message, unbase64(std::string{signature->get_string()}))) {
            return parse_json(body);
        }
    }
    throw Error{
        ErrorKind::denied,
        fmt::format(
            "no signature of key {} fits: another key signed it, or it was changed since",
            key.id().substr(0, 16)
        )};
}

}  // namespace kiln::inspect
