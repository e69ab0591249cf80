#include "aws/sns_signature.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace kiln::aws {
namespace {

using ports::testing::kind_of;

/// A key with a certificate of its own, that is valid for a year from the fake clock's start.
class Signer {
  public:
    enum class Key { rsa, elliptic };

    explicit Signer(Key kind = Key::rsa)
        : key_{kind == Key::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256")} {
        X509* certificate = X509_new();
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20251231000000Z");
        ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20261231000000Z");
        X509_set_pubkey(certificate, key_);
        X509_sign(certificate, key_, EVP_sha256());
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_X509(out, certificate);
        char* bytes = nullptr;
        const auto size = BIO_get_mem_data(out, &bytes);
        pem_.assign(bytes, static_cast<std::size_t>(size));
        BIO_free(out);
        X509_free(certificate);
    }

    Signer(const Signer&) = delete;

    ~Signer() { EVP_PKEY_free(key_); }

    [[nodiscard]] const std::string& pem() const { return pem_; }

    [[nodiscard]] std::string sign(std::string_view text, const EVP_MD* digest) const {
        auto* context = EVP_MD_CTX_new();
        const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
        std::size_t size = 0;
        EVP_DigestSignInit(context, nullptr, digest, nullptr, key_);
        EVP_DigestSign(context, nullptr, &size, bytes, text.size());
        std::string signature(size, '\0');
        EVP_DigestSign(
            context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()
        );
        signature.resize(size);
        EVP_MD_CTX_free(context);
        return to_base64(signature);
    }

  private:
    EVP_PKEY* key_;
    std::string pem_;
};

const Signer& signer() {
    static const Signer instance;
    return instance;
}

constexpr std::string_view kCertificate =
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem";

json::object notification() {
    return {
        {"Type", "Notification"},
        {"MessageId", "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"},
        {"TopicArn", "arn:aws:sns:eu-west-1:123456789012:hooks"},
        {"Subject", "A subject"},
        {"Message", "Hello,\nworld"},
        {"Timestamp", "2026-01-01T00:00:00.000Z"},
        {"SignatureVersion", "1"},
        {"Signature", ""},
        {"SigningCertURL", kCertificate},
        {"UnsubscribeURL", "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe"}};
}

json::object confirmation(std::string_view type) {
    auto message = notification();
    message["Type"] = type;
    message.erase("Subject");
    message["Token"] = "some token";
    message["SubscribeURL"] = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription";
    return message;
}

std::string signed_body(
    json::object message, std::string_view version = "1", const Signer& by = signer()
) {
    message["SignatureVersion"] = version;
    const auto text = sns_string_to_sign(parse_sns_message(json::serialize(message)));
    message["Signature"] = by.sign(text, version == "1" ? EVP_sha1() : EVP_sha256());
    return json::serialize(message);
}

TEST(StringToSign, OfANotificationHasItsSubjectInItsPlace) {
    EXPECT_EQ(
        sns_string_to_sign(parse_sns_message(json::serialize(notification()))),
        "Message\nHello,\nworld\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\n"
        "Subject\nA subject\nTimestamp\n2026-01-01T00:00:00.000Z\n"
        "TopicArn\narn:aws:sns:eu-west-1:123456789012:hooks\nType\nNotification\n"
    );
}

TEST(StringToSign, OfANotificationWithoutSubjectHasNone) {
    auto message = notification();
    message.erase("Subject");
    EXPECT_THAT(
        sns_string_to_sign(parse_sns_message(json::serialize(message))),
        ::testing::Not(::testing::HasSubstr("Subject"))
    );
}

TEST(StringToSign, OfConfirmationsHasTokenAndUrl) {
    for (const auto* type : {"SubscriptionConfirmation", "UnsubscribeConfirmation"}) {
        EXPECT_EQ(
            sns_string_to_sign(parse_sns_message(json::serialize(confirmation(type)))),
            "Message\nHello,\nworld\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\n"
            "SubscribeURL\nhttps://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription\n"
            "Timestamp\n2026-01-01T00:00:00.000Z\nToken\nsome token\n"
            "TopicArn\narn:aws:sns:eu-west-1:123456789012:hooks\nType\n" +
                std::string{type} + "\n"
        );
    }
}

class Verifier : public ::testing::Test {
  protected:
    ports::testing::FakeClock clock_;
    std::vector<std::string> fetched_;
    std::string pem_ = signer().pem();
    SnsVerifier verifier_{
        [this](const std::string& url) {
            fetched_.push_back(url);
            return pem_;
        },
        clock_};
};

TEST_F(Verifier, TakesWhatIsSignedOfEveryTypeAndVersion) {
    for (const auto* version : {"1", "2"}) {
        EXPECT_EQ(verifier_.verify(signed_body(notification(), version)).message, "Hello,\nworld");
        for (const auto* type : {"SubscriptionConfirmation", "UnsubscribeConfirmation"}) {
            EXPECT_EQ(verifier_.verify(signed_body(confirmation(type), version)).type, type);
        }
    }
}

TEST_F(Verifier, FetchesACertificateOnce) {
    (void)verifier_.verify(signed_body(notification()));
    (void)verifier_.verify(signed_body(notification(), "2"));
    EXPECT_THAT(fetched_, ::testing::ElementsAre(std::string{kCertificate}));
}

TEST_F(Verifier, DoesNotKeepWhatIsNoCertificate) {
    pem_ = "<html>busy</html>";
    const auto body = signed_body(notification());
    EXPECT_EQ(kind_of([&] { (void)verifier_.verify(body); }), ErrorKind::invalid);
    pem_ = signer().pem();
    EXPECT_NO_THROW((void)verifier_.verify(body));
}

TEST_F(Verifier, RefusesEachFieldThatWasChanged) {
    for (const auto* key : {"Message", "MessageId", "Subject", "Timestamp", "TopicArn"}) {
        auto message = parse_json(signed_body(notification())).as_object();
        message[key] = "another";
        EXPECT_EQ(
            kind_of([&] { (void)verifier_.verify(json::serialize(message)); }), ErrorKind::denied
        ) << key;
    }
    for (const auto* key : {"Token", "SubscribeURL"}) {
        auto message =
            parse_json(signed_body(confirmation("SubscriptionConfirmation"))).as_object();
        message[key] = "another";
        EXPECT_EQ(
            kind_of([&] { (void)verifier_.verify(json::serialize(message)); }), ErrorKind::denied
        ) << key;
    }
}

TEST_F(Verifier, RefusesAnotherSignersMessage) {
    const Signer another;
    const auto body = signed_body(notification(), "2", another);
    EXPECT_EQ(kind_of([&] { (void)verifier_.verify(body); }), ErrorKind::denied);
}

TEST_F(Verifier, RefusesOneVersionsSignatureAsTheOther) {
    auto message = parse_json(signed_body(notification(), "1")).as_object();
    message["SignatureVersion"] = "2";
    EXPECT_EQ(
        kind_of([&] { (void)verifier_.verify(json::serialize(message)); }), ErrorKind::denied
    );
}

TEST_F(Verifier, RefusesAKeyThatIsNotRsa) {
    const Signer elliptic{Signer::Key::elliptic};
    pem_ = elliptic.pem();
    const auto body = signed_body(notification(), "2", elliptic);
    EXPECT_EQ(kind_of([&] { (void)verifier_.verify(body); }), ErrorKind::denied);
}

TEST_F(Verifier, RefusesASignatureThatIsNotBase64) {
    auto message = notification();
    message["Signature"] = "%%%";
    EXPECT_EQ(
        kind_of([&] { (void)verifier_.verify(json::serialize(message)); }), ErrorKind::invalid
    );
}

TEST_F(Verifier, RefusesACertificateThatHasExpired) {
    const auto body = signed_body(notification());
    clock_.advance(std::chrono::days{366});
    EXPECT_EQ(kind_of([&] { (void)verifier_.verify(body); }), ErrorKind::denied);
}

TEST_F(Verifier, RefusesACertificateThatIsNotValidYet) {
    const auto body = signed_body(notification());
    clock_.advance(-std::chrono::days{2});
    EXPECT_EQ(kind_of([&] { (void)verifier_.verify(body); }), ErrorKind::denied);
}

struct UrlRow {
    std::string name, url;
};

class ForeignUrl : public ::testing::TestWithParam<UrlRow> {};

TEST_P(ForeignUrl, IsNotFetched) {
    const ports::testing::FakeClock clock;
    bool fetched = false;
    SnsVerifier verifier{
        [&](const std::string&) {
            fetched = true;
            return signer().pem();
        },
        clock};
    auto message = notification();
    message["SigningCertURL"] = GetParam().url;
    const auto body = signed_body(message);
    EXPECT_EQ(kind_of([&] { (void)verifier.verify(body); }), ErrorKind::denied);
    EXPECT_FALSE(fetched);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    ForeignUrl,
    ::testing::Values(
        UrlRow{"WithoutTls", "http://sns.eu-west-1.amazonaws.com/a.pem"},
        UrlRow{"AnotherHost", "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem"},
        UrlRow{"AnotherService", "https://s3.eu-west-1.amazonaws.com/bucket/a.pem"},
        UrlRow{"ABucketNamedSns", "https://sns.s3.amazonaws.com/a.pem/../b"},
        UrlRow{"ABucketOfARegion", "https://sns.s3-us-west-2.amazonaws.com/a.pem"},
        UrlRow{"NoRegion", "https://sns.amazonaws.com/a.pem"},
        UrlRow{"MoreLabels", "https://sns.x.s3.eu-west-1.amazonaws.com/a.pem"},
        UrlRow{"HostAsUser", "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem"},
        UrlRow{"AUser", "https://me@sns.eu-west-1.amazonaws.com/a.pem"},
        UrlRow{"APort", "https://sns.eu-west-1.amazonaws.com:8443/a.pem"},
        UrlRow{"AFragment", "https://sns.eu-west-1.amazonaws.com/a.pem#.pem"},
        UrlRow{"AQuery", "https://sns.eu-west-1.amazonaws.com/?a.pem"},
        UrlRow{"NotPem", "https://sns.eu-west-1.amazonaws.com/a.txt"},
        UrlRow{"ABackslash", "https://sns.eu-west-1.amazonaws.com\\@evil.example/a.pem"},
        UrlRow{"ALineBreak", "https://sns.eu-west-1.amazonaws.com/a\n.pem"},
        UrlRow{"NoUrl", "a.pem"},
        UrlRow{"Empty", ""}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Urls, OfSnsAreTaken) {
    EXPECT_EQ(sns_certificate_url_problem(kCertificate), std::nullopt);
    EXPECT_EQ(
        sns_certificate_url_problem("https://sns.cn-north-1.amazonaws.com.cn/a.pem"), std::nullopt
    );
    EXPECT_EQ(
        sns_url_problem("https://sns.us-gov-west-1.amazonaws.com/?Action=ConfirmSubscription"),
        std::nullopt
    );
    EXPECT_NE(sns_url_problem("https://evil.example/?Action=ConfirmSubscription"), std::nullopt);
}

TEST(Message, TellsEverythingThatIsMissing) {
    try {
        (void)parse_sns_message(R"({"Type": "SubscriptionConfirmation", "Message": 1})");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_EQ(error.problems().size(), 9U);
    }
}

TEST(Message, OfAnUnknownTypeOrVersionIsInvalid) {
    auto message = notification();
    message["Type"] = "Nothing";
    EXPECT_EQ(
        kind_of([&] { (void)parse_sns_message(json::serialize(message)); }), ErrorKind::invalid
    );
    EXPECT_EQ(
        kind_of([&] { (void)parse_sns_message(signed_body(notification(), "3")); }),
        ErrorKind::invalid
    );
}

}  // namespace
}  // namespace kiln::aws
