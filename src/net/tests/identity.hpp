#pragma once

#include "base/error.hpp"

#include <cstdio>
#include <filesystem>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace kiln::net::testing {

/// A certificate for 127.0.0.1 that signs itself, and the TLS context that uses it.
class Identity {
  public:
    Identity()
        : key_{EVP_EC_gen("P-256")},
          certificate_{X509_new()},
          context_{SSL_CTX_new(TLS_server_method())} {
        X509_set_version(certificate_, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
        X509_set_pubkey(certificate_, key_);
        auto* name = X509_get_subject_name(certificate_);
        const unsigned char text[] = "kiln test";
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(certificate_, name);
        add(NID_subject_alt_name, "IP:127.0.0.1");
        add(NID_basic_constraints, "critical,CA:TRUE");
        KILN_CHECK(X509_sign(certificate_, key_, EVP_sha256()) > 0);
        KILN_CHECK(SSL_CTX_use_certificate(context_, certificate_) == 1);
        KILN_CHECK(SSL_CTX_use_PrivateKey(context_, key_) == 1);
    }

    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;

    ~Identity() {
        SSL_CTX_free(context_);
        X509_free(certificate_);
        EVP_PKEY_free(key_);
    }

    [[nodiscard]] SSL_CTX* context() const { return context_; }

    void save(const std::filesystem::path& path) const {
        FILE* file = std::fopen(path.c_str(), "we");
        KILN_CHECK(file != nullptr && PEM_write_X509(file, certificate_) == 1);
        std::fclose(file);
    }

    void save_key(const std::filesystem::path& path) const {
        FILE* file = std::fopen(path.c_str(), "we");
        KILN_CHECK(file != nullptr);
        KILN_CHECK(PEM_write_PrivateKey(file, key_, nullptr, nullptr, 0, nullptr, nullptr) == 1);
        std::fclose(file);
    }

  private:
    void add(int nid, const char* value) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        KILN_CHECK(extension != nullptr && X509_add_ext(certificate_, extension, -1) == 1);
        X509_EXTENSION_free(extension);
    }

    EVP_PKEY* key_;
    X509* certificate_;
    SSL_CTX* context_;
};

}  // namespace kiln::net::testing
