#include "redis/tls.hpp"

#include "base/error.hpp"

#include <array>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

namespace kiln::redis {

namespace {

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

}  // namespace

Tls::Tls(const std::string& host, std::string server)
    : server_{std::move(server)}, context_{SSL_CTX_new(TLS_client_method())} {
    KILN_CHECK(context_ != nullptr);
    KILN_CHECK(SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) == 1);
    SSL_CTX_set_default_verify_paths(context_.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    KILN_CHECK(ssl_ != nullptr && in_ != nullptr && out_ != nullptr);
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_connect_state(ssl_.get());
    if (is_address(host)) {
        KILN_CHECK(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) == 1);
    } else {
        KILN_CHECK(SSL_set1_host(ssl_.get(), host.c_str()) == 1);
        // SSL_set_tlsext_host_name is a macro with a C cast.
        SSL_ctrl(
            ssl_.get(),
            SSL_CTRL_SET_TLSEXT_HOSTNAME,
            TLSEXT_NAMETYPE_host_name,
            const_cast<char*>(host.c_str())
        );
    }
}

void Tls::fail(std::string_view doing) const {
    const auto verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) {
        throw Error{
            ErrorKind::denied,
            fmt::format(
                "Redis at {}: its certificate is not trusted: {}",
                server_,
                X509_verify_cert_error_string(verified)
            )}
            .hint("SSL_CERT_FILE names a file of roots that are trusted instead");
    }
    const auto code = ERR_get_error();
    const auto* reason = ERR_reason_error_string(code);
    throw Error{
        ErrorKind::unavailable,
        fmt::format(
            "Redis at {}: {}: {}",
            server_,
            doing,
            reason != nullptr ? reason : "the server ended it"
        )};
}

bool Tls::shake_hands() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done != 1 && SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) {
        fail("agree on TLS");
    }
    return done == 1;
}

void Tls::incoming(std::string_view bytes) {
    KILN_CHECK(BIO_write(in_, bytes.data(), static_cast<int>(bytes.size())) > 0);
}

std::string Tls::outgoing() {
    std::string bytes(BIO_ctrl_pending(out_), '\0');
    if (!bytes.empty()) {
        BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    }
    return bytes;
}

void Tls::encrypt(std::string_view bytes) {
    std::size_t written = 0;
    ERR_clear_error();
    if (!bytes.empty() && SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) != 1) {
        fail("write");
    }
}

std::string Tls::decrypt() {
    std::string plain;
    std::array<char, 16'384> some{};
    for (;;) {
        std::size_t got = 0;
        ERR_clear_error();
        const int read = SSL_read_ex(ssl_.get(), some.data(), some.size(), &got);
        if (read == 1) {
            plain.append(some.data(), got);
        } else if (SSL_get_error(ssl_.get(), read) == SSL_ERROR_WANT_READ || !plain.empty()) {
            return plain;
        } else {
            fail("read");
        }
    }
}

}  // namespace kiln::redis
