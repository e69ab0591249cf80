#include "aws/sigv4.hpp"

#include "aws/signing_key_cache.hpp"
#include "aws/tests/signed_text.hpp"
#include "aws/timestamp.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using testing::RequestText;

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

// AWS General Reference, "Examples of how to derive a signing key".
TEST(Sigv4, DerivesTheSigningKeyOfAwsDocumentation) {
    EXPECT_EQ(
        to_hex(signing_key(kSecret, {"20150830", "us-east-1", "iam"})),
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    );
    EXPECT_EQ(
        to_hex(signing_key(kSecret, {"20120215", "us-east-1", "iam"})),
        "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"
    );
}

// AWS General Reference, the ListUsers example of "Signature Version 4 signing process".
TEST(Sigv4, SignsTheListUsersExampleOfAwsDocumentation) {
    const auto request = RequestText::parse(
        "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\n"
        "Content-Type:application/x-www-form-urlencoded; charset=utf-8\n"
        "Host:iam.amazonaws.com\n\n"
    );
    const Signing signing{
        .credentials = {"AKIDEXAMPLE", kSecret, ""},
        .region = "us-east-1",
        .service = "iam",
        .at = parse_time("2015-08-30T12:36:00Z")};
    const auto result =
        sign_by_header(request.signable(), signing, signing_key(kSecret, signing.scope()));
    EXPECT_EQ(
        sha256(result.canonical_request),
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    );
    EXPECT_EQ(result.signature, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/// Amazon S3 API Reference, "Examples: Signature Calculations" and "… Using Query Parameters".
class S3Examples : public ::testing::Test {
  protected:
    static Signing signing() {
        return {
            .credentials = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""},
            .region = "us-east-1",
            .service = "s3",
            .at = parse_time("2013-05-24T00:00:00Z"),
            .path = PathRule::s3,
            .payload = PayloadHeader::present};
    }

    static SigningKey key() {
        return signing_key(signing().credentials.secret_access_key, signing().scope());
    }
};

TEST_F(S3Examples, GetOfARangeIsSigned) {
    const auto request = RequestText::parse(
        "GET /test.txt HTTP/1.1\nHost:examplebucket.s3.amazonaws.com\nRange:bytes=0-9\n\n"
    );
    EXPECT_EQ(
        sign_by_header(request.signable(), signing(), key()).signature,
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    );
}

TEST_F(S3Examples, PathIsNotEncodedTwice) {
    const auto request = RequestText::parse(
        "PUT /test%24file.text HTTP/1.1\nDate:Fri, 24 May 2013 00:00:00 GMT\n"
        "Host:examplebucket.s3.amazonaws.com\nx-amz-storage-class:REDUCED_REDUNDANCY\n\n"
        "Welcome to Amazon S3."
    );
    EXPECT_EQ(
        sign_by_header(request.signable(), signing(), key()).signature,
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    );
}

TEST_F(S3Examples, UrlIsSignedWithoutItsBody) {
    auto request =
        RequestText::parse("GET /test.txt HTTP/1.1\nHost:examplebucket.s3.amazonaws.com\n\n");
    request.payload_sha256 = "UNSIGNED-PAYLOAD";
    EXPECT_EQ(
        sign_by_query(request.signable(), signing(), key(), std::chrono::hours{24}).signature,
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
}

TEST(CanonicalPath, FollowsTheRuleOfTheService) {
    struct Row {
        const char* path;
        const char* normalized;
        const char* verbatim;
        const char* s3;
    };

    for (const auto& row : std::vector<Row>{
             {"", "/", "/", "/"},
             {"/", "/", "/", "/"},
             {"//a///b/", "/a/b/", "//a///b/", "//a///b/"},
             {"/a/./b/../c", "/a/c", "/a/./b/../c", "/a/./b/../c"},
             {"/../..", "/", "/../..", "/../.."},
             {".", "", ".", "."},
             {"a/../b", "b", "a/../b", "a/../b"},
             {"/a%20b", "/a%2520b", "/a%2520b", "/a%20b"},
             {"/1/q.fifo", "/1/q.fifo", "/1/q.fifo", "/1/q.fifo"},
         }) {
        EXPECT_EQ(canonical_path(row.path, PathRule::normalized), row.normalized) << row.path;
        EXPECT_EQ(canonical_path(row.path, PathRule::verbatim), row.verbatim) << row.path;
        EXPECT_EQ(canonical_path(row.path, PathRule::s3), row.s3) << row.path;
    }
}

TEST(CanonicalQuery, IsDecodedEncodedAndSorted) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", ""},
        {"a", "a="},
        {"a=", "a="},
        {"b=1&a=2", "a=2&b=1"},
        {"a=2&a=1&a=", "a=&a=1&a=2"},
        {"A=1&a=1&B=1", "A=1&B=1&a=1"},
        {"a=b=c", "a=b%3Dc"},
        {"a=%7e%2f%2F+*", "a=~%2F%2F%2B%2A"},
        {"a=%zz%4", "a=%25zz%254"},
        {"&&a=1&", "a=1"},
    };
    for (const auto& [query, canonical] : rows) {
        EXPECT_EQ(canonical_query(query), canonical) << query;
    }
}

TEST(CanonicalValue, IsTrimmedAndItsGapsAreOneSpace) {
    EXPECT_EQ(canonical_value("  a   b\t\tc  "), "a b c");
    EXPECT_EQ(canonical_value("\"a   b\""), "\"a b\"");
    EXPECT_EQ(canonical_value(" \r\n "), "");
}

TEST(SignableNames, LeaveOutWhatChangesOnTheWay) {
    const Fields headers{
        {"User-Agent", "x"},
        {"X-B", "1"},
        {"host", "h"},
        {"x-b", "2"},
        {"Authorization", "old"},
        {"Connection", "close"},
        {"Expect", "100-continue"},
        {"X-Amzn-Trace-Id", "t"}};
    EXPECT_THAT(signable_names(headers), ::testing::ElementsAre("host", "x-b"));
}

TEST(SigningKeyCache, GivesTheKeyOfTheSecretItIsAskedWith) {
    SigningKeyCache cache;
    const Scope scope{"20150830", "us-east-1", "sqs"};
    EXPECT_EQ(cache.key({"ID", "one", ""}, scope), signing_key("one", scope));
    EXPECT_EQ(cache.key({"ID", "one", ""}, scope), signing_key("one", scope));
    EXPECT_EQ(cache.key({"ID", "two", ""}, scope), signing_key("two", scope));
    const Scope next{"20150831", "us-east-1", "sqs"};
    EXPECT_EQ(cache.key({"ID", "two", ""}, next), signing_key("two", next));
    for (int i = 0; i < 300; ++i) {
        const Scope other{"20150830", std::to_string(i), "sqs"};
        EXPECT_EQ(cache.key({"ID", "one", ""}, other), signing_key("one", other));
    }
}

TEST(Timestamp, IsReadAndWrittenToTheSecond) {
    const auto time = parse_time("2015-08-30T12:36:09Z");
    EXPECT_EQ(format_basic_time(time + std::chrono::milliseconds{999}), "20150830T123609Z");
    EXPECT_EQ(parse_basic_time("20150830T123609Z"), time);
    EXPECT_EQ(parse_http_date("Sun, 30 Aug 2015 12:36:09 GMT"), time);
    for (const auto* text :
         {"",
          "20150830T123609",
          "20150830T123609z",
          "20151330T123609Z",
          "20150230T243609Z",
          "2015083 T123609Z",
          "20150830T1236-9Z",
          "20150830T123609ZZ",
          "20150230T123609Z"}) {
        EXPECT_EQ(parse_basic_time(text), std::nullopt) << text;
    }
    for (const auto* text :
         {"",
          "Sun, 30 Aug 2015 12:36:09 UTC",
          "Sun, 30 Aux 2015 12:36:09 GMT",
          "Sun, 31 Sep 2015 12:36:09 GMT",
          "Sunday, 30-Aug-15 12:36:09 GMT"}) {
        EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace kiln::aws
