// AWS' own test cases for Signature Version 4 (suite.json: each case's files under their names).

#include "aws/signature_claim.hpp"
#include "aws/signing_key_cache.hpp"
#include "aws/tests/signed_text.hpp"
#include "base/json.hpp"
#include "base/testing/conformance_data.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using testing::RequestText;

std::filesystem::path suite_file() {
    return conformance_data("sigv4/suite.json");
}

struct Case {
    std::string id;
    const json::object* files;
    Signing signing;
    std::chrono::seconds expires;
    RequestText request;

    [[nodiscard]] std::string file(const std::string& name) const {
        return std::string{files->at(name).as_string()};
    }

    [[nodiscard]] SigningKey key() const {
        return signing_key(signing.credentials.secret_access_key, signing.scope());
    }
};

bool flag(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->as_bool();
}

Case read_case(const json::object& files) {
    const auto& context = files.at("context.json").as_object();
    const auto& keys = context.at("credentials").as_object();
    const auto text = [](const json::object& object, std::string_view name) {
        const auto* value = object.if_contains(name);
        return value == nullptr ? std::string{} : std::string{value->as_string()};
    };
    Case out{
        .id = text(files, "id"),
        .files = &files,
        .signing =
            {.credentials =
                 {text(keys, "access_key_id"),
                  text(keys, "secret_access_key"),
                  text(keys, "token")},
             .region = text(context, "region"),
             .service = text(context, "service"),
             .at = parse_time(text(context, "timestamp"))},
        .expires = std::chrono::seconds{context.at("expiration_in_seconds").to_number<int>()},
        .request = RequestText::parse(text(files, "request.txt")),
    };
    out.signing.path = flag(context, "normalize") ? PathRule::normalized : PathRule::verbatim;
    out.signing.token =
        flag(context, "omit_session_token") ? TokenPlace::sent_along : TokenPlace::signed_in;
    out.signing.payload =
        flag(context, "sign_body") ? PayloadHeader::present : PayloadHeader::absent;
    return out;
}

class Sigv4Suite : public ::testing::Test {
  protected:
    void SetUp() override {
        std::ifstream file{suite_file()};
        if (!file) {
            GTEST_SKIP() << "AWS' test cases are not at " << suite_file()
                         << "; KILN_CONFORMANCE names their folder";
        }
        std::stringstream text;
        text << file.rdbuf();
        document_ = parse_json(text.str());
        for (const auto& entry : document_.as_object().at("cases").as_array()) {
            cases_.push_back(read_case(entry.as_object()));
        }
        ASSERT_THAT(cases_, ::testing::SizeIs(::testing::Ge(38)));
    }

    json::value document_;
    std::vector<Case> cases_;
};

TEST_F(Sigv4Suite, RequestsAreSignedByHeader) {
    for (const auto& entry : cases_) {
        SCOPED_TRACE(entry.id);
        const auto result = sign_by_header(entry.request.signable(), entry.signing, entry.key());
        EXPECT_EQ(result.canonical_request, entry.file("header-canonical-request.txt"));
        EXPECT_EQ(result.string_to_sign, entry.file("header-string-to-sign.txt"));
        EXPECT_EQ(result.signature, entry.file("header-signature.txt"));
        auto whole = entry.request;
        whole.headers.insert(whole.headers.end(), result.headers.begin(), result.headers.end());
        EXPECT_EQ(whole.str(), entry.file("header-signed-request.txt"));
    }
}

TEST_F(Sigv4Suite, RequestsAreSignedByQuery) {
    for (auto& entry : cases_) {
        SCOPED_TRACE(entry.id);
        const auto result =
            sign_by_query(entry.request.signable(), entry.signing, entry.key(), entry.expires);
        EXPECT_EQ(result.canonical_request, entry.file("query-canonical-request.txt"));
        EXPECT_EQ(result.string_to_sign, entry.file("query-string-to-sign.txt"));
        EXPECT_EQ(result.signature, entry.file("query-signature.txt"));
        auto whole = entry.request;
        whole.query = result.query;
        EXPECT_EQ(whole.str(), entry.file("query-signed-request.txt"));
    }
}

/// As a server would: whose key, is it made with that key, and is the token the one of that key?
bool accepted(const RequestText& request, const Case& entry) {
    try {
        const auto claim = parse_claim(request.signable());
        const auto* hash = static_cast<const std::string*>(nullptr);
        for (const auto& [name, value] : request.headers) {
            hash = lower_case(name) == "x-amz-content-sha256" ? &value : hash;
        }
        return claim && claim->access_key_id == entry.signing.credentials.access_key_id &&
               claim->session_token == entry.signing.credentials.session_token &&
               (hash == nullptr || *hash == request.payload_sha256) &&
               (!claim->expires || *claim->expires == entry.expires) &&
               signature_matches(
                   request.signable(),
                   *claim,
                   signing_key(entry.signing.credentials.secret_access_key, claim->scope),
                   entry.signing.path
               );
    } catch (const Error&) {
        return false;
    }
}

/// "/." and "//" mean the same where paths are normalised: neither can be told from the other.
bool same_place(const std::string& changed, const std::string& text, PathRule rule) {
    const auto a = RequestText::parse(changed);
    const auto b = RequestText::parse(text);
    return a.path != b.path && canonical_path(a.path, rule) == canonical_path(b.path, rule);
}

TEST_F(Sigv4Suite, SignedRequestsAreAcceptedAndRefusedWithAnyByteChanged) {
    for (const auto& entry : cases_) {
        for (const auto* form : {"header", "query"}) {
            SCOPED_TRACE(entry.id + " by " + form);
            const auto text = entry.file(std::string{form} + "-signed-request.txt");
            ASSERT_TRUE(accepted(RequestText::parse(text), entry));
            const auto version = text.find(" HTTP/1.1\n");
            for (std::size_t at = 0; at < text.size(); ++at) {
                // The version is not signed, and line ends and folding are for the parser before.
                const bool protocol = at >= version && at < version + 10;
                if (protocol || text[at] == '\n' || text[at] == ' ') {
                    continue;
                }
                auto changed = text;
                changed[at] = static_cast<char>(changed[at] ^ 1);
                if (same_place(changed, text, entry.signing.path)) {
                    continue;
                }
                EXPECT_FALSE(accepted(RequestText::parse(changed), entry))
                    << "byte " << at << " of\n"
                    << changed;
            }
        }
    }
}

}  // namespace
}  // namespace kiln::aws
