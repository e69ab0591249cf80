#include "api/aws_authenticator.hpp"

#include "aws/sigv4.hpp"
#include "aws/tests/signed_text.hpp"
#include "base/json.hpp"
#include "base/sha256.hpp"
#include "base/testing/conformance_data.hpp"
#include "ports/testing/fake_clock.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

namespace kiln::api {
namespace {

using ports::testing::FakeClock;
using ::testing::HasSubstr;

const aws::Credentials kKey{"AKIDONE", "secret-one", ""};
const aws::Credentials kTemporary{"AKIDTWO", "secret-two", "token"};

struct SignedAt {
    TimePoint at;
    std::string region = "us-east-1";
    std::string service = "sqs";
    aws::Credentials credentials = kKey;
};

net::Request unsigned_request() {
    net::Request request;
    request.method = "POST";
    request.target = "/";
    request.headers = {{"Host", "localhost:9324"}, {"X-Amz-Target", "AmazonSQS.ListQueues"}};
    request.body = R"({"QueueNamePrefix":"a"})";
    return request;
}

aws::Signing signing_of(const SignedAt& how) {
    aws::Signing signing;
    signing.credentials = how.credentials;
    signing.region = how.region;
    signing.service = how.service;
    signing.at = how.at;
    return signing;
}

net::Request signed_by_header(const SignedAt& how, net::Request request = unsigned_request()) {
    const auto signing = signing_of(how);
    const auto hash = sha256(request.body);
    const auto key = signing_key(how.credentials.secret_access_key, signing.scope());
    const auto made = sign_by_header(
        {request.method, request.path(), request.query(), request.headers.all(), hash}, signing, key
    );
    for (const auto& [name, value] : made.headers) {
        request.headers.add(name, value);
    }
    return request;
}

net::Request signed_by_query(const SignedAt& how, std::chrono::seconds expires) {
    net::Request request;
    request.method = "GET";
    request.target = "/?Action=ListQueues";
    request.headers = {{"Host", "localhost:9324"}};
    const auto signing = signing_of(how);
    const auto hash = sha256("");
    const auto key = signing_key(how.credentials.secret_access_key, signing.scope());
    const auto made = sign_by_query(
        {request.method, request.path(), request.query(), request.headers.all(), hash},
        signing,
        key,
        expires
    );
    request.target = "/?" + made.query;
    return request;
}

class Authenticator : public ::testing::Test {
  protected:
    /// The caller's key, or "CODE: message".
    std::string verdict(const net::Request& request) const {
        const auto verdict = authenticator_.check(request, "sqs");
        if (const auto* const caller = std::get_if<AwsAuthenticator::Caller>(&verdict)) {
            return caller->access_key_id;
        }
        const auto& failure = std::get<AuthFailure>(verdict);
        return std::string{names_of(failure.code).query} + ": " + failure.message;
    }

    FakeClock clock_;
    AwsAuthenticator authenticator_{{kKey, kTemporary}, "us-east-1", clock_};
};

TEST_F(Authenticator, KnowsWhoSigned) {
    EXPECT_EQ(verdict(signed_by_header({clock_.now()})), "AKIDONE");
    EXPECT_EQ(
        verdict(signed_by_header({.at = clock_.now(), .credentials = kTemporary})), "AKIDTWO"
    );
    EXPECT_EQ(verdict(signed_by_query({clock_.now()}, std::chrono::minutes{5})), "AKIDONE");
}

TEST_F(Authenticator, UnsignedRequestsLackAToken) {
    EXPECT_EQ(
        verdict(unsigned_request()),
        "MissingAuthenticationToken: Request is missing Authentication Token"
    );
}

TEST_F(Authenticator, HalfASignatureIsIncomplete) {
    auto request = unsigned_request();
    request.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDONE");
    EXPECT_THAT(verdict(request), HasSubstr("IncompleteSignature: "));
}

TEST_F(Authenticator, UnknownKeysAndWrongTokensAreInvalidTokens) {
    const auto* const invalid =
        "InvalidClientTokenId: The security token included in the request is invalid.";
    const auto at = clock_.now();
    for (const auto& credentials :
         {aws::Credentials{"AKIDTHREE", "secret-one", ""},
          aws::Credentials{"AKIDONE", "secret-one", "token"},
          aws::Credentials{"AKIDTWO", "secret-two", ""},
          aws::Credentials{"AKIDTWO", "secret-two", "other"}}) {
        EXPECT_EQ(verdict(signed_by_header({.at = at, .credentials = credentials})), invalid);
    }
}

TEST_F(Authenticator, AWrongSecretDoesNotMatch) {
    const auto said =
        verdict(signed_by_header({.at = clock_.now(), .credentials = {"AKIDONE", "secret-two", ""}})
        );
    EXPECT_THAT(said, HasSubstr("SignatureDoesNotMatch: The request signature we calculated"));
    EXPECT_THAT(said, ::testing::Not(HasSubstr("secret-")));
}

TEST_F(Authenticator, WhatWasSignedCannotBeChanged) {
    const auto good = signed_by_header({clock_.now()});
    auto changed = good;
    changed.body += ' ';
    EXPECT_THAT(verdict(changed), HasSubstr("SignatureDoesNotMatch"));
    changed = good;
    changed.method = "PUT";
    EXPECT_THAT(verdict(changed), HasSubstr("SignatureDoesNotMatch"));
    changed = good;
    changed.target = "/?a=b";
    EXPECT_THAT(verdict(changed), HasSubstr("SignatureDoesNotMatch"));
    changed = good;
    changed.headers.set("X-Amz-Target", "AmazonSQS.DeleteQueue");
    EXPECT_THAT(verdict(changed), HasSubstr("SignatureDoesNotMatch"));
}

TEST_F(Authenticator, ScopesOfOtherPlacesAreRefused) {
    EXPECT_THAT(
        verdict(signed_by_header({.at = clock_.now(), .region = "eu-west-1"})),
        HasSubstr(
            "SignatureDoesNotMatch: Credential should be scoped to a valid region, not 'eu-west-1'"
        )
    );
    EXPECT_THAT(
        verdict(signed_by_header({.at = clock_.now(), .service = "states"})),
        HasSubstr("Credential should be scoped to correct service: 'sqs'.")
    );
}

TEST_F(Authenticator, ClocksMayDifferByAQuarterOfAnHour) {
    const auto request = signed_by_header({clock_.now() + std::chrono::minutes{15}});
    EXPECT_EQ(verdict(request), "AKIDONE");
    clock_.advance(std::chrono::minutes{30});
    EXPECT_EQ(verdict(request), "AKIDONE");
    clock_.advance(std::chrono::seconds{1});
    EXPECT_EQ(
        verdict(request),
        "SignatureDoesNotMatch: Signature expired: 20260101T001500Z is now earlier than "
        "20260101T001501Z (20260101T003001Z - 15 min.)"
    );
    EXPECT_THAT(
        verdict(signed_by_header({clock_.now() + std::chrono::seconds{901}})),
        HasSubstr("Signature not yet current: 20260101T004502Z is still later than")
    );
}

TEST_F(Authenticator, SignedUrlsRunOut) {
    const auto request = signed_by_query({clock_.now()}, std::chrono::minutes{60});
    clock_.advance(std::chrono::minutes{60});
    EXPECT_EQ(verdict(request), "AKIDONE");
    clock_.advance(std::chrono::seconds{1});
    EXPECT_THAT(verdict(request), HasSubstr("RequestExpired: "));
    EXPECT_THAT(
        verdict(signed_by_query({clock_.now()}, std::chrono::hours{24 * 7 + 1})),
        HasSubstr("IncompleteSignature: X-Amz-Expires")
    );
}

TEST_F(Authenticator, ABodyThatWasNotHashedWantsTls) {
    auto request = unsigned_request();
    request.headers.add("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
    const auto signing = signing_of({clock_.now()});
    const auto key = signing_key(kKey.secret_access_key, signing.scope());
    const auto made = sign_by_header(
        {request.method,
         request.path(),
         request.query(),
         request.headers.all(),
         "UNSIGNED-PAYLOAD"},
        signing,
        key
    );
    for (const auto& [name, value] : made.headers) {
        request.headers.add(name, value);
    }
    EXPECT_THAT(verdict(request), HasSubstr("SignatureDoesNotMatch"));
    request.secure = true;
    EXPECT_EQ(verdict(request), "AKIDONE");
}

TEST_F(Authenticator, AClaimedHashHasToBeTheBodys) {
    auto request = unsigned_request();
    request.headers.add("X-Amz-Content-Sha256", sha256("other"));
    EXPECT_THAT(
        verdict(signed_by_header({clock_.now()}, std::move(request))),
        HasSubstr("SignatureDoesNotMatch")
    );
}

/// AWS' own cases, through the door that real requests take.
class SuiteAtTheDoor : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto suite = conformance_data("sigv4/suite.json");
        std::ifstream file{suite};
        if (!file) {
            GTEST_SKIP() << "AWS' test cases are not at " << suite
                         << "; KILN_CONFORMANCE names their folder";
        }
        std::stringstream text;
        text << file.rdbuf();
        document_ = parse_json(text.str());
    }

    struct FixedClock final : ports::Clock {
        explicit FixedClock(TimePoint time) : time_{time} {}

        [[nodiscard]] TimePoint now() const override { return time_; }

        TimePoint time_;
    };

    static net::Request request_of(const std::string& text) {
        auto parsed = aws::testing::RequestText::parse(text);
        net::Request request;
        request.method = parsed.method;
        request.target = parsed.path + (parsed.query.empty() ? "" : "?") + parsed.query;
        for (auto& [name, value] : parsed.headers) {
            request.headers.add(std::move(name), std::move(value));
        }
        request.body = parsed.body;
        return request;
    }

    /// Of one case: is the request let in?
    static bool admitted(const json::object& entry, const net::Request& request) {
        const auto& context = entry.at("context.json").as_object();
        const auto& keys = context.at("credentials").as_object();
        const auto* const token = keys.if_contains("token");
        const FixedClock clock{parse_time(std::string{context.at("timestamp").as_string()})};
        const AwsAuthenticator authenticator{
            {{std::string{keys.at("access_key_id").as_string()},
              std::string{keys.at("secret_access_key").as_string()},
              token == nullptr ? "" : std::string{token->as_string()}}},
            std::string{context.at("region").as_string()},
            clock};
        return std::holds_alternative<AwsAuthenticator::Caller>(
            authenticator.check(request, context.at("service").as_string())
        );
    }

    static bool is_signed_alike(const net::Request& a, const net::Request& b) {
        using enum aws::PathRule;
        return aws::canonical_path(a.path(), normalized) ==
                   aws::canonical_path(b.path(), normalized) &&
               aws::canonical_query(a.query()) == aws::canonical_query(b.query());
    }

    json::value document_;
};

TEST_F(SuiteAtTheDoor, EachSignedRequestIsLetInAndNoneWithAByteChanged) {
    std::size_t requests = 0;
    for (const auto& each : document_.at("cases").as_array()) {
        const auto& entry = each.as_object();
        for (const auto* name : {"header-signed-request.txt", "query-signed-request.txt"}) {
            SCOPED_TRACE(std::string{entry.at("id").as_string()} + " " + name);
            const auto request = request_of(std::string{entry.at(name).as_string()});
            ASSERT_TRUE(admitted(entry, request));
            ++requests;
            auto changed = request;
            changed.body += 'x';
            EXPECT_FALSE(admitted(entry, changed));
            changed = request;
            changed.method += 'X';
            EXPECT_FALSE(admitted(entry, changed));
            for (std::size_t i = 1; i < request.target.size(); i += 3) {
                changed = request;
                changed.target[i] = changed.target[i] == '0' ? '1' : '0';
                if (is_signed_alike(request, changed)) {
                    continue;  // "/x/.." is "/" whatever x is
                }
                EXPECT_FALSE(admitted(entry, changed)) << changed.target;
            }
        }
    }
    EXPECT_GE(requests, 76U);
}

}  // namespace
}  // namespace kiln::api
