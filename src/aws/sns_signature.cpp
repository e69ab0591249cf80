#include "aws/sns_signature.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

#include <ctime>
#include <memory>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace kiln::aws {

namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* held) const noexcept {
        Free(held);
    }
};

using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

std::shared_ptr<const X509> read_certificate(std::string_view pem) {
    const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    auto* certificate = bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr;
    if (certificate == nullptr) {
        ERR_clear_error();
        throw Error{ErrorKind::invalid, "the certificate of the message's signer is none"};
    }
    return {certificate, X509_free};
}

void check_valid_at(const X509& certificate, TimePoint now) {
    auto seconds = static_cast<std::time_t>(
        std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()
    );
    // X509_cmp_time: below 0, the time is earlier than `seconds`.
    if (X509_cmp_time(X509_get0_notBefore(&certificate), &seconds) >= 0) {
        throw Error{ErrorKind::denied, "the certificate of the message's signer is not valid yet"};
    }
    if (X509_cmp_time(X509_get0_notAfter(&certificate), &seconds) <= 0) {
        throw Error{ErrorKind::denied, "the certificate of the message's signer has expired"};
    }
}

bool matches(
    const X509& certificate, const EVP_MD* digest, std::string_view text, std::string_view signature
) {
    auto* key = X509_get0_pubkey(&certificate);
    const Digest context{EVP_MD_CTX_new()};
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || !context) {
        throw Error{ErrorKind::denied, "the certificate of the message's signer has no RSA key"};
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    const auto* signed_bytes = reinterpret_cast<const unsigned char*>(signature.data());
    const bool good =
        EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
        EVP_DigestVerify(context.get(), signed_bytes, signature.size(), bytes, text.size()) == 1;
    ERR_clear_error();
    return good;
}

/// Was the message signed with the key of that certificate?
/// @throws Error  denied: it was not, or the certificate is not valid at `now` · invalid: no base64
void check_signature(const SnsMessage& message, const X509& certificate, TimePoint now) {
    const auto signature = from_base64(message.signature);
    if (!signature) {
        throw Error{ErrorKind::invalid, "the message's Signature is not base64"};
    }
    check_valid_at(certificate, now);
    const auto* digest = message.signature_version == "1" ? EVP_sha1() : EVP_sha256();
    if (!matches(certificate, digest, sns_string_to_sign(message), *signature)) {
        throw Error{ErrorKind::denied, "the message's signature does not match"};
    }
}

}  // namespace

SnsVerifier::Certificate SnsVerifier::certificate(const std::string& url) {
    {
        const std::lock_guard lock{mutex_};
        for (auto at = by_url_.begin(); at != by_url_.end(); ++at) {
            if (at->first == url) {
                by_url_.splice(by_url_.begin(), by_url_, at);
                return at->second;
            }
        }
    }
    auto certificate = read_certificate(fetch_(url));  // throws of an error page: that is not kept
    const std::lock_guard lock{mutex_};
    by_url_.emplace_front(url, certificate);
    if (by_url_.size() > kMostCertificates) {
        by_url_.pop_back();
    }
    return certificate;
}

SnsMessage SnsVerifier::verify(std::string_view body) {
    auto message = parse_sns_message(body);
    if (const auto problem = sns_certificate_url_problem(message.signing_cert_url)) {
        throw Error{ErrorKind::denied, "SigningCertURL: " + *problem};
    }
    check_signature(message, *certificate(message.signing_cert_url), clock_.now());
    return message;
}

}  // namespace kiln::aws
