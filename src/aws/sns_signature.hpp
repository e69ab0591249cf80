#pragma once

#include "base/time.hpp"
#include "ports/clock.hpp"

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct x509_st;  // OpenSSL's X509

/// Messages that Amazon SNS posts to an HTTP endpoint, and whether it was SNS that signed them.
/// Source: "Verifying the signatures of Amazon SNS messages" of the SNS developer guide.
namespace kiln::aws {

struct SnsMessage {
    /// "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"
    std::string type;
    std::string message_id;
    std::string topic_arn;
    std::optional<std::string> subject;  ///< of a Notification that has one
    std::string message;
    std::string timestamp;                     ///< as it was sent; a part of what is signed
    std::optional<std::string> token;          ///< of confirmations
    std::optional<std::string> subscribe_url;  ///< of confirmations
    std::string signature_version;             ///< "1": SHA-1 with RSA, "2": SHA-256 with RSA
    std::string signature;                     ///< base64
    std::string signing_cert_url;
};

/// Keys that are not known are passed over: SNS adds some. @throws Error  invalid: no SNS message,
/// with all that is wrong with it
[[nodiscard]] SnsMessage parse_sns_message(std::string_view body);

/// What its signature is over. Pure.
[[nodiscard]] std::string sns_string_to_sign(const SnsMessage& message);

/// Is it a URL of SNS itself (https://sns.REGION.amazonaws.com/…, or amazonaws.com.cn, no port, no
/// user)? nullopt: yes, else what is wrong. To be asked before any URL of a message is fetched: the
/// certificate's, and that which confirms a subscription. Pure.
[[nodiscard]] std::optional<std::string> sns_url_problem(std::string_view url);

/// The same of a certificate's: besides, its path ends in ".pem" and it has no query. Pure.
[[nodiscard]] std::optional<std::string> sns_certificate_url_problem(std::string_view url);

/// Verifies messages with certificates that it fetches once each. Safe from several threads.
///
/// That a message is SNS' does not make it new, nor of a topic that one knows: whoever acts on one
/// compares its topic with those expected, and takes the same MessageId twice for one.
class SnsVerifier {
  public:
    /// GETs a URL over TLS with the system's trust; its body, of a few KiB. Throws Error.
    using Fetch = std::function<std::string(const std::string& url)>;

    SnsVerifier(Fetch fetch, const ports::Clock& clock) : fetch_{std::move(fetch)}, clock_{clock} {}

    /// @throws Error  invalid: no SNS message · denied: not signed by SNS, or the certificate's URL
    ///                is none of SNS' (nothing is fetched then) · what `fetch` throws
    [[nodiscard]] SnsMessage verify(std::string_view body);

  private:
    /// As read from PEM.
    using Certificate = std::shared_ptr<const x509_st>;

    [[nodiscard]] Certificate certificate(const std::string& url);

    static constexpr std::size_t kMostCertificates = 8;

    Fetch fetch_;
    const ports::Clock& clock_;
    std::mutex mutex_;                                       ///< guards what follows
    std::list<std::pair<std::string, Certificate>> by_url_;  ///< the last used first
};

}  // namespace kiln::aws
