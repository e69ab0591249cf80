#include "inspect/dsse.hpp"

#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "os/files.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace kiln::inspect {
namespace {

std::string make_pem(const char* kind) {
    EVP_PKEY* key = std::string_view{kind} == "ED25519" || std::string_view{kind} == "X25519"
                        ? EVP_PKEY_Q_keygen(nullptr, nullptr, kind)
                        : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind);
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const auto length = BIO_get_mem_data(bio, &text);
    std::string pem{text, static_cast<std::size_t>(length)};
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

const json::object kStatement{{"_type", "https://in-toto.io/Statement/v1"}, {"subject", "ami-1"}};

class SigningTest : public ::testing::TestWithParam<const char*> {};

TEST_P(SigningTest, EnvelopeVerifiesWithThePublicHalf) {
    const auto secret = Key::parse_private(make_pem(GetParam()));
    const auto open = Key::parse_public(secret.public_pem());
    EXPECT_EQ(open.id(), secret.id());
    EXPECT_EQ(verify_envelope(sign_envelope(kStatement, secret), open), json::value(kStatement));
}

TEST_P(SigningTest, AnotherKeyDoesNotVerify) {
    const auto secret = Key::parse_private(make_pem(GetParam()));
    const auto other = Key::parse_private(make_pem(GetParam()));
    const auto envelope = sign_envelope(kStatement, secret);
    EXPECT_EQ(kind_of([&] { (void)verify_envelope(envelope, other); }), ErrorKind::denied);
}

TEST_P(SigningTest, AnyChangedCharacterOfThePayloadIsFound) {
    const auto secret = Key::parse_private(make_pem(GetParam()));
    const auto envelope = sign_envelope(kStatement, secret);
    const std::string payload{envelope.at("payload").as_string()};
    for (std::size_t at = 0; at + 3 < payload.size(); at += 7) {
        auto changed = envelope;
        auto text = payload;
        text[at] = text[at] == 'A' ? 'B' : 'A';
        changed["payload"] = text;
        EXPECT_EQ(kind_of([&] { (void)verify_envelope(changed, secret); }), ErrorKind::denied)
            << at;
    }
}

TEST_P(SigningTest, ChangedSignatureIsFound) {
    const auto secret = Key::parse_private(make_pem(GetParam()));
    auto envelope = sign_envelope(kStatement, secret);
    auto& signature = envelope["signatures"].as_array()[0].as_object()["sig"].as_string();
    signature[10] = signature[10] == 'A' ? 'B' : 'A';
    EXPECT_EQ(kind_of([&] { (void)verify_envelope(envelope, secret); }), ErrorKind::denied);
}

INSTANTIATE_TEST_SUITE_P(
    Keys,
    SigningTest,
    ::testing::Values("ED25519", "P-256", "P-384"),
    [](const auto& row) {
        std::string name = row.param;
        std::erase(name, '-');
        return name;
    }
);

// From the DSSE specification, "Test vectors" of protocol.md.
TEST(DsseTest, EncodingIsTheSpecificationsExample) {
    EXPECT_EQ(
        pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
}

TEST(DsseTest, OneGoodSignatureAmongOthersIsEnough) {
    const auto mine = Key::parse_private(make_pem("ED25519"));
    const auto other = Key::parse_private(make_pem("P-256"));
    auto envelope = sign_envelope(kStatement, other);
    envelope["signatures"].as_array().push_back(
        sign_envelope(kStatement, mine).at("signatures").as_array().at(0)
    );
    EXPECT_EQ(verify_envelope(envelope, mine), json::value(kStatement));
}

TEST(DsseTest, OtherPayloadTypeIsRefused) {
    const auto key = Key::parse_private(make_pem("ED25519"));
    auto envelope = sign_envelope(kStatement, key);
    envelope["payloadType"] = "text/plain";
    EXPECT_EQ(kind_of([&] { (void)verify_envelope(envelope, key); }), ErrorKind::invalid);
}

TEST(DsseTest, WhatIsNoEnvelopeIsRefused) {
    const auto key = Key::parse_private(make_pem("ED25519"));
    EXPECT_EQ(kind_of([&] { (void)verify_envelope(json::array{}, key); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)verify_envelope(json::object{}, key); }), ErrorKind::invalid);
}

TEST(KeyTest, OtherKindsOfKeyAreRefused) {
    EXPECT_EQ(kind_of([] { (void)Key::parse_private(make_pem("X25519")); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([] { (void)Key::parse_private(make_pem("P-521")); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([] { (void)Key::parse_private("hello"); }), ErrorKind::invalid);
}

TEST(KeyTest, PublicHalfCannotSign) {
    const auto secret = Key::parse_private(make_pem("ED25519"));
    const auto open = Key::parse_public(secret.public_pem());
    EXPECT_EQ(kind_of([&] { (void)open.sign("x"); }), ErrorKind::invalid);
}

TEST(KeyTest, FileThatOthersCanReadIsRefused) {
    const auto folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-inspect");
    const auto path = folder.path() / "key.pem";
    os::write_file_durably(path, make_pem("ED25519"), 0644);
    std::filesystem::permissions(path, std::filesystem::perms{0644});
    EXPECT_EQ(kind_of([&] { (void)Key::load_private(path); }), ErrorKind::denied);
    std::filesystem::permissions(path, std::filesystem::perms{0600});
    EXPECT_EQ(Key::load_private(path).id().size(), 64U);
}

}  // namespace
}  // namespace kiln::inspect
