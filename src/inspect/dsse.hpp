#pragma once

#include "base/json.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::inspect {

/// A key for signatures: Ed25519, or ECDSA on P-256 (SHA-256) or P-384 (SHA-384).
class Key {
  public:
    /// A private key from PEM text (PKCS #8 or SEC 1), not encrypted.
    /// @throws Error  invalid: no such key in it, encrypted, or of another kind
    static Key parse_private(std::string_view pem);
    /// A public key (SubjectPublicKeyInfo PEM). A private key's PEM is refused here, so that a file
    /// handed out to verify with never needs to be secret.
    static Key parse_public(std::string_view pem);
    /// parse_private of a file that nobody else can read.
    /// @throws Error  denied: group or others can read it (the hint says chmod) · as above
    static Key load_private(const std::filesystem::path& path);
    static Key load_public(const std::filesystem::path& path);

    /// SHA-256 of the public half's DER, 64 hex digits.
    [[nodiscard]] std::string id() const;
    [[nodiscard]] std::string public_pem() const;

    /// Raw signature bytes: 64 for Ed25519, DER for ECDSA. @throws Error invalid: a public key
    [[nodiscard]] std::string sign(std::string_view message) const;
    [[nodiscard]] bool verifies(std::string_view message, std::string_view signature) const;

    Key(Key&&) noexcept;
    Key& operator=(Key&&) noexcept;
    ~Key();

  private:
    struct State;
    explicit Key(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// What is signed of a payload. Source: DSSE v1.0.2, "PAE". Pure.
[[nodiscard]] std::string pre_authentication_encoding(std::string_view type, std::string_view body);

/// The statement, serialised, in a DSSE envelope of type application/vnd.in-toto+json.
[[nodiscard]] json::object sign_envelope(const json::object& statement, const Key& key);

/// The statement of an envelope, after one of its signatures was found to be the key's.
/// @throws Error  invalid: not an envelope · denied: no signature of this key, or the payload was
///                changed after it was signed
[[nodiscard]] json::value verify_envelope(const json::value& envelope, const Key& key);

}  // namespace kiln::inspect
