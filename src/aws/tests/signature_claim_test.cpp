#include "aws/signature_claim.hpp"

#include "aws/tests/signed_text.hpp"
#include "base/testing/kind_of.hpp"

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using ::testing::HasSubstr;
using testing::RequestText;

const Credentials kKeys{"AKIDEXAMPLE", "secret", "token/with+signs=="};

Signing signing_at(std::string_view time) {
    return {.credentials = kKeys, .region = "eu-west-1", .service = "sqs", .at = parse_time(time)};
}

SigningKey key_of(const Signing& signing) {
    return signing_key(kKeys.secret_access_key, signing.scope());
}

RequestText signed_by_header() {
    auto request = RequestText::parse("POST / HTTP/1.1\nHost:q.example\nX-Other:1\n\n{}");
    const auto signing = signing_at("2026-11-21T02:51:00Z");
    const auto result = sign_by_header(request.signable(), signing, key_of(signing));
    request.headers.insert(request.headers.end(), result.headers.begin(), result.headers.end());
    return request;
}

RequestText signed_by_query(TokenPlace place) {
    auto request = RequestText::parse("GET /1/q?Action=X HTTP/1.1\nHost:q.example\n\n");
    auto signing = signing_at("2026-11-21T02:51:00Z");
    signing.token = place;
    request.query =
        sign_by_query(request.signable(), signing, key_of(signing), std::chrono::seconds{90}).query;
    return request;
}

bool matches(const RequestText& request) {
    const auto claim = parse_claim(request.signable());
    return claim &&
           signature_matches(
               request.signable(), *claim, signing_key(kKeys.secret_access_key, claim->scope)
           );
}

TEST(SignatureClaim, OfAHeaderIsReadAndMatches) {
    const auto request = signed_by_header();
    const auto claim = parse_claim(request.signable());
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->form, ClaimForm::header);
    EXPECT_EQ(claim->access_key_id, "AKIDEXAMPLE");
    EXPECT_EQ(claim->scope, (Scope{"20261121", "eu-west-1", "sqs"}));
    EXPECT_EQ(claim->signed_at, parse_time("2026-11-21T02:51:00Z"));
    EXPECT_EQ(claim->session_token, kKeys.session_token);
    EXPECT_EQ(claim->expires, std::nullopt);
    EXPECT_THAT(
        claim->signed_headers,
        ::testing::ElementsAre("host", "x-amz-date", "x-amz-security-token", "x-other")
    );
    EXPECT_TRUE(matches(request));
}

TEST(SignatureClaim, OfAQueryIsReadAndMatchesWithTheTokenSignedOrSentAlong) {
    for (const auto place : {TokenPlace::signed_in, TokenPlace::sent_along}) {
        const auto request = signed_by_query(place);
        const auto claim = parse_claim(request.signable());
        ASSERT_TRUE(claim);
        EXPECT_EQ(claim->form, ClaimForm::query);
        EXPECT_EQ(claim->session_token, kKeys.session_token);
        EXPECT_EQ(claim->expires, std::chrono::seconds{90});
        EXPECT_TRUE(matches(request));
    }
}

TEST(SignatureClaim, OfADateHeaderStandsForTheTimeStamp) {
    auto request = RequestText::parse(
        "POST / HTTP/1.1\nHost:h\nDate:Sun, 30 Aug 2015 12:36:00 "
        "GMT\nAuthorization:AWS4-HMAC-SHA256 "
        "Credential=A/20150830/r/s/aws4_request,SignedHeaders=date;host,Signature=0\n\n"
    );
    EXPECT_EQ(parse_claim(request.signable())->timestamp, "20150830T123600Z");
}

TEST(SignatureClaim, DoesNotMatchWhenASignedHeaderIsGone) {
    auto request = signed_by_header();
    for (auto& [name, value] : request.headers) {
        value = name == "X-Other" ? "" : value;
    }
    EXPECT_FALSE(matches(request));
    std::erase_if(request.headers, [](const Field& field) { return field.first == "X-Other"; });
    EXPECT_FALSE(matches(request));
}

TEST(SignatureClaim, DoesNotMatchAnAddedParameterOrHeaderOfASignedName) {
    auto by_query = signed_by_query(TokenPlace::signed_in);
    by_query.query += "&Action=Y";
    EXPECT_FALSE(matches(by_query));
    auto by_header = signed_by_header();
    by_header.headers.emplace_back("x-other", "2");
    EXPECT_FALSE(matches(by_header));
}

TEST(SignatureClaim, ThatDoesNotCoverTheHostDoesNotMatch) {
    auto request = RequestText::parse("GET / HTTP/1.1\nX-Other:1\n\n");
    const auto signing = signing_at("2026-11-21T02:51:00Z");
    const auto result = sign_by_header(request.signable(), signing, key_of(signing));
    request.headers = result.headers;
    request.headers.emplace_back("X-Other", "1");
    request.headers.emplace_back("Host", "h");
    EXPECT_FALSE(matches(request));
}

TEST(SignatureClaim, OfAnotherDayThanItsScopeDoesNotMatch) {
    const auto request = RequestText::parse("GET / HTTP/1.1\nHost:h\n\n");
    SignatureClaim claim{
        .access_key_id = "A",
        .scope = {"20261122", "r", "s"},
        .timestamp = "20261121T000000Z",
        .signed_headers = {"host"}};
    const auto key = signing_key("secret", claim.scope);
    claim.signature = expected_signature(request.signable(), claim, key);
    EXPECT_FALSE(signature_matches(request.signable(), claim, key));
    claim.scope.date = "20261121";
    const auto right = signing_key("secret", claim.scope);
    claim.signature = expected_signature(request.signable(), claim, right);
    EXPECT_TRUE(signature_matches(request.signable(), claim, right));
}

TEST(SignatureClaim, IsAbsentFromWhatIsNotSigned) {
    for (const auto* text :
         {"GET / HTTP/1.1\nHost:h\n\n",
          "GET /?a=b HTTP/1.1\nHost:h\nAuthorization:Bearer x\n\n",
          "GET / HTTP/1.1\nAuthorization:AWS4-HMAC-SHA256\n\n"}) {
        EXPECT_EQ(parse_claim(RequestText::parse(text).signable()).has_value(), false) << text;
    }
}

struct BadRow {
    const char* name;
    const char* request;  ///< target and headers
    const char* message;
};

class BadClaim : public ::testing::TestWithParam<BadRow> {};

TEST_P(BadClaim, IsRefusedWithWhatIsWrong) {
    const auto request = RequestText::parse(std::string{GetParam().request} + "\n\n");
    const auto error = error_of([&] { (void)parse_claim(request.signable()); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    EXPECT_THAT(error->message(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadClaim,
    ::testing::ValuesIn(std::vector<BadRow>{
        {"no_signature",
         "GET / HTTP/1.1\nX-Amz-Date:20150830T123600Z\nAuthorization:AWS4-HMAC-SHA256 "
         "Credential=A/20150830/r/s/aws4_request, SignedHeaders=host",
         "requires 'Signature'"},
        {"empty_signed_headers",
         "GET / HTTP/1.1\nX-Amz-Date:20150830T123600Z\nAuthorization:AWS4-HMAC-SHA256 "
         "Credential=A/20150830/r/s/aws4_request, SignedHeaders=, Signature=0",
         "requires 'SignedHeaders'"},
        {"short_credential",
         "GET / HTTP/1.1\nX-Amz-Date:20150830T123600Z\nAuthorization:AWS4-HMAC-SHA256 "
         "Credential=A/20150830/r/aws4_request, SignedHeaders=host, Signature=0",
         "5 slash-delimited"},
        {"other_terminator",
         "GET / HTTP/1.1\nX-Amz-Date:20150830T123600Z\nAuthorization:AWS4-HMAC-SHA256 "
         "Credential=A/20150830/r/s/aws5_request, SignedHeaders=host, Signature=0",
         "5 slash-delimited"},
        {"no_date",
         "GET / HTTP/1.1\nAuthorization:AWS4-HMAC-SHA256 "
         "Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=0",
         "'X-Amz-Date'"},
        {"bad_date",
         "GET / HTTP/1.1\nX-Amz-Date:yesterday\nAuthorization:AWS4-HMAC-SHA256 "
         "Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=0",
         "Got 'yesterday'"},
        {"given_twice",
         "GET / HTTP/1.1\nX-Amz-Date:20150830T123600Z\nAuthorization:AWS4-HMAC-SHA256 "
         "Credential=A/20150830/r/s/aws4_request, Signature=1, Signature=0",
         "must be 'AWS4-HMAC-SHA256"},
        {"query_without_date",
         "GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20150830/r/s/aws4_request "
         "HTTP/1.1",
         "'X-Amz-Date'"},
        {"query_of_another_algorithm",
         "GET /?X-Amz-Algorithm=AWS4-ECDSA&X-Amz-Signature=0 HTTP/1.1",
         "must be AWS4-HMAC-SHA256"},
        {"query_good_for_too_long",
         "GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20150830/r/s/aws4_request&"
         "X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=604801&"
         "X-Amz-Signature=0 HTTP/1.1",
         "from 1 to 604800"},
        {"query_parameter_twice",
         "GET /?X-Amz-Signature=0&X-Amz-Signature=1 HTTP/1.1",
         "given twice"},
    }),
    [](const auto& row) { return std::string{row.param.name}; }
);

}  // namespace
}  // namespace kiln::aws
