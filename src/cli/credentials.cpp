#include "cli/credentials.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "os/fd.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::cli {

namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kFileLimit = 4096;
constexpr unsigned kOwnerOnly = 0600;

/// N characters of an alphabet whose size is a power of two, so that none is likelier.
template <std::size_t N>
std::string random_text(std::string_view alphabet) {
    std::string text;
    for (const auto byte : random_bytes<N>()) {
        text += alphabet[byte % alphabet.size()];
    }
    return text;
}

Error damaged(const std::filesystem::path& file, const std::string& why) {
    return std::move(
        Error{ErrorKind::corrupt, fmt::format("'{}' is damaged: {}", file.native(), why)}.hint(
            "put it back from a copy, or remove it: the next kiln serve makes new ones, which "
            "clients then need too"
        )
    );
}

Credentials parse(const std::string& text, const std::filesystem::path& file) {
    std::vector<Problem> problems;
    Credentials credentials;
    try {
        const auto document = parse_json(text);
        using enum ObjectReader::Need;
        ObjectReader reader{document, "", problems};
        credentials.token = reader.string("token", required).value_or("");
        credentials.access_key_id = reader.string("access_key_id", required).value_or("");
        credentials.secret_access_key = reader.string("secret_access_key", required).value_or("");
        reader.finish();
    } catch (const Error& error) {
        throw damaged(file, error.message());
    }
    if (!problems.empty()) {
        throw damaged(file, problems.front().where + ": " + problems.front().what);
    }
    if (credentials.token.empty() || credentials.access_key_id.empty() ||
        credentials.secret_access_key.empty()) {
        throw damaged(file, "a secret in it is empty");
    }
    return credentials;
}

json::object to_json(const Credentials& credentials) {
    return {
        {"token", credentials.token},
        {"access_key_id", credentials.access_key_id},
        {"secret_access_key", credentials.secret_access_key},
    };
}

/// A file that only its owner may read.
std::string read_secret(const std::filesystem::path& path) {
    try {
        return os::read_private_file(path, kFileLimit);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::denied) {
            throw;
        }
        throw Error{error}.hint(
            error.hint() +
            "; if others may have read it, remove it, so that kiln serve makes new ones"
        );
    }
}

/// What a process that died while it made the file left behind.
void remove_unfinished(const std::filesystem::path& home) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{home, ignored}) {
        const auto name = entry.path().filename().native();
        if (name.starts_with(".credentials.json.") && name.ends_with(".new")) {
            std::filesystem::remove(entry.path(), ignored);
        }
    }
}

}  // namespace

Credentials random_credentials() {
    return {
        .token = random_text<43>(kBase64Url),
        .access_key_id = "AKIA" + random_text<16>(kBase32),
        .secret_access_key = random_text<40>(kBase64),
    };
}

std::filesystem::path credentials_file(const std::filesystem::path& home) {
    return home / "credentials.json";
}

Credentials load_credentials(const std::filesystem::path& home) {
    const auto path = credentials_file(home);
    try {
        return parse(read_secret(path), path);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            throw Error{
                ErrorKind::not_found, fmt::format("no credentials in '{}' yet", home.native())}
                .hint("kiln serve makes them when it starts for the first time");
        }
        throw;
    }
}

Credentials load_or_make_credentials(const std::filesystem::path& home) {
    remove_unfinished(home);
    if (!std::filesystem::exists(credentials_file(home))) {
        os::write_file_durably(
            credentials_file(home), pretty_json(to_json(random_credentials())), kOwnerOnly
        );
    }
    return load_credentials(home);
}

std::string load_or_make_token_key(const std::filesystem::path& home) {
    constexpr std::size_t kBytes = 32;
    const auto path = home / "tokens.key";
    if (!std::filesystem::exists(path)) {
        const auto bytes = random_bytes<kBytes>();
        const std::string key{bytes.begin(), bytes.end()};
        os::write_file_durably(path, key, kOwnerOnly);
    }
    auto key = read_secret(path);
    if (key.size() != kBytes) {
        throw damaged(path, "it has not 32 bytes");
    }
    return key;
}

std::string credentials_text(
    const Credentials& credentials, CredentialsFormat format, std::string_view endpoint
) {
    if (format == CredentialsFormat::json) {
        auto document = to_json(credentials);
        document["endpoint_url"] = endpoint.empty() ? json::value{} : json::value(endpoint);
        return pretty_json(document);
    }
    if (format == CredentialsFormat::aws) {
        return fmt::format(
            "[kiln]\naws_access_key_id = {}\naws_secret_access_key = {}\nregion = us-east-1\n{}",
            credentials.access_key_id,
            credentials.secret_access_key,
            endpoint.empty() ? "" : fmt::format("endpoint_url = {}\n", endpoint)
        );
    }
    return fmt::format(
        "export AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\n"
        "export AWS_DEFAULT_REGION=us-east-1\n{}export KILN_TOKEN={}\n",
        credentials.access_key_id,
        credentials.secret_access_key,
        endpoint.empty()
            ? ""
            : fmt::format("export AWS_ENDPOINT_URL={0}\nexport KILN_SERVER_URL={0}\n", endpoint),
        credentials.token
    );
}

}  // namespace kiln::cli
