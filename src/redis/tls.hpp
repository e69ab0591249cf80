#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace kiln::redis {

/// A client's side of TLS, without the socket: bytes in, bytes out. Used by one thread.
/// (Debian 12's hiredis, 0.14, has no TLS of its own.)
class Tls {
  public:
    /// The server has to have a certificate for `host`, of a root that the machine trusts, or that
    /// SSL_CERT_FILE names. @throws Error  internal
    Tls(const std::string& host, std::string server);

    /// True when done. @throws Error  denied: the certificate · unavailable: no TLS there
    [[nodiscard]] bool shake_hands();

    void incoming(std::string_view bytes);
    /// What is to be sent.
    [[nodiscard]] std::string outgoing();

    void encrypt(std::string_view bytes);
    /// "" until there is more. @throws Error  unavailable: ended
    [[nodiscard]] std::string decrypt();

  private:
    [[noreturn]] void fail(std::string_view doing) const;

    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    std::string server_;
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL, Free> ssl_;
    BIO* in_ = nullptr;   ///< the SSL's
    BIO* out_ = nullptr;  ///< the SSL's
};

}  // namespace kiln::redis
