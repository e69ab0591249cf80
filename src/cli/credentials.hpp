#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kiln::cli {

/// What opens the server of a home folder: a token for kiln's own routes, a key pair for AWS'.
struct Credentials {
    std::string token;              ///< 43 characters of base64url: 256 random bits
    std::string access_key_id;      ///< "AKIA" and 16 of A-Z2-7, as AWS' look
    std::string secret_access_key;  ///< 40 characters of A-Za-z0-9+/

    bool operator==(const Credentials&) const = default;
};

/// From the kernel's generator.
[[nodiscard]] Credentials random_credentials();

/// KILN_HOME/credentials.json.
[[nodiscard]] std::filesystem::path credentials_file(const std::filesystem::path& home);

/// @throws Error  not_found: none were made yet · denied: the file is not this user's to read, or
///                others may read it too · corrupt: it holds something else
[[nodiscard]] Credentials load_credentials(const std::filesystem::path& home);

/// The credentials of this home, made now (0600, durable, whole or not at all) if there are none.
/// One process at a time: the caller holds the server's lock.
[[nodiscard]] Credentials load_or_make_credentials(const std::filesystem::path& home);

/// KILN_HOME/tokens.key: what signs the tokens that the server hands out (tasks, pages), 32 bytes.
/// Made now (0600, durable) if there is none.
/// @throws Error  denied: others may read it · corrupt: not 32 bytes
[[nodiscard]] std::string load_or_make_token_key(const std::filesystem::path& home);

/// How `kiln credentials` prints them. `endpoint` is the URL of the running server, "" when none
/// runs. Pure.
enum class CredentialsFormat { env, json, aws };
[[nodiscard]] std::string credentials_text(
    const Credentials& credentials, CredentialsFormat format, std::string_view endpoint
);

}  // namespace kiln::cli
