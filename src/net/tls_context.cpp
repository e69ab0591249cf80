#include "net/tls_context.hpp"

#include "base/error.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <openssl/ssl.h>

namespace kiln::net {

namespace {

void check(const ErrorCode& error, std::string_view what, const std::filesystem::path& file) {
    if (!error) {
        return;
    }
    if (!std::filesystem::exists(file)) {
        throw Error{ErrorKind::not_found, fmt::format("{} '{}' is not there", what, file.string())};
    }
    throw Error{
        ErrorKind::invalid,
        fmt::format("{} '{}' cannot be used: {}", what, file.string(), error.message())}
        .hint("both files are PEM; the key has no passphrase, and is that of the certificate");
}

}  // namespace

asio::ssl::context make_tls_context(const TlsFiles& files) {
    asio::ssl::context context{asio::ssl::context::tls_server};
    KILN_CHECK(SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) == 1);
    SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION);
    // Asked for a passphrase, OpenSSL would otherwise wait at the terminal.
    context.set_password_callback([](std::size_t, auto) { return std::string{}; });
    ErrorCode error;
    context.use_certificate_chain_file(files.certificate.string(), error);
    check(error, "certificate file", files.certificate);
    context.use_private_key_file(files.key.string(), asio::ssl::context::pem, error);
    check(error, "key file", files.key);
    if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "key file '{}' is not that of '{}'", files.key.string(), files.certificate.string()
            )};
    }
    return context;
}

}  // namespace kiln::net
