#include "aws/json_client.hpp"

#include "aws/signature_claim.hpp"
#include "aws/tests/scripted_service.hpp"
#include "base/sha256.hpp"

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPlace;
using testing::ScriptedService;

class Calling : public ::testing::Test {
  protected:
    JsonClient::Outcome call(const CallLimits& limits = {}) {
        return client().call("DoIt", {{"A", 1}}, limits);
    }

    JsonClient& client() {
        if (!client_) {
            client_.emplace(JsonService{"sqs", "AmazonSQS", "1.0"}, kPlace, service_.world());
        }
        return *client_;
    }

    ServiceFailure failure(const CallLimits& limits = {}) {
        return std::get<ServiceFailure>(call(limits));
    }

    ScriptedService service_;
    std::optional<JsonClient> client_;
};

TEST_F(Calling, SendsASignedRequestOfTheJsonProtocol) {
    service_.answer(R"({"B":2})");
    EXPECT_EQ(std::get<json::object>(call()).at("B"), 2);
    const auto& request = service_.requests.at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "http://127.0.0.1:9/");
    EXPECT_EQ(request.body, R"({"A":1})");
    EXPECT_EQ(request.headers.value_or("Content-Type", ""), "application/x-amz-json-1.0");
    EXPECT_EQ(request.headers.value_or("X-Amz-Target", ""), "AmazonSQS.DoIt");
    const auto hash = sha256(request.body);
    const SignableRequest sent{"POST", "/", "", request.headers.all(), hash};
    const auto claim = parse_claim(sent);
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->scope, (Scope{"20260101", "eu-west-1", "sqs"}));
    EXPECT_TRUE(signature_matches(sent, *claim, signing_key("secret", claim->scope)));
}

TEST_F(Calling, EmptyAnswerIsAnEmptyResult) {
    service_.answer("");
    EXPECT_THAT(std::get<json::object>(call()), IsEmpty());
}

TEST_F(Calling, AnswerThatIsNoJsonIsSaidAndNotRetried) {
    service_.answer("<html>");
    const auto error = error_of([&] { (void)call(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::unavailable);
    EXPECT_THAT(service_.pauses, IsEmpty());
}

TEST_F(Calling, PermanentFailureIsNotRetried) {
    service_.fail(400, "QueueDoesNotExist");
    EXPECT_EQ(failure().name, "QueueDoesNotExist");
    EXPECT_THAT(service_.pauses, IsEmpty());
}

TEST_F(Calling, TransientAndThrottledFailuresAreRetriedWithGrowingPauses) {
    service_.fail(503, "").fail(400, "ThrottlingException").answer("{}");
    EXPECT_TRUE(std::holds_alternative<json::object>(call()));
    EXPECT_THAT(service_.pauses, ElementsAre(1s, 2s));
    EXPECT_TRUE(service_.done());
}

TEST_F(Calling, CutConnectionsAreRetried) {
    service_.break_off(ErrorKind::unavailable).break_off(ErrorKind::timed_out).answer("{}");
    EXPECT_TRUE(std::holds_alternative<json::object>(call()));
}

TEST_F(Calling, GivesUpAfterThreeAttemptsWithTheLastFailure) {
    service_.fail(500, "").fail(500, "").fail(503, "ServiceUnavailable");
    EXPECT_EQ(failure().name, "ServiceUnavailable");
    EXPECT_TRUE(service_.done());

    service_.break_off(ErrorKind::unavailable)
        .break_off(ErrorKind::unavailable)
        .break_off(ErrorKind::timed_out);
    const auto error = error_of([&] { (void)call(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::timed_out);
    EXPECT_EQ(error->message(), "sqs DoIt: no answer");
}

TEST_F(Calling, RetryAfterIsAFloor) {
    service_.fail(503, "", {{"Retry-After", "7"}}).answer("{}");
    (void)call();
    EXPECT_THAT(service_.pauses, ElementsAre(8s));
}

TEST_F(Calling, PauseBeyondTheDeadlineIsNotBegun) {
    service_.fail(503, "", {{"Retry-After", "7"}});
    EXPECT_EQ(failure({.whole = Deadline::after(5s)}).retry_after, 7s);
    EXPECT_THAT(service_.pauses, IsEmpty());
}

TEST_F(Calling, CancelledAndDeniedAreNotRetried) {
    for (const auto kind : {ErrorKind::cancelled, ErrorKind::denied, ErrorKind::invalid}) {
        service_.break_off(kind);
        EXPECT_EQ(kind_of([&] { (void)call(); }), kind);
    }
}

TEST_F(Calling, ClockThatIsWrongIsCorrectedForThisAndLaterCalls) {
    const net::Headers date{{"Date", "Thu, 01 Jan 2026 02:00:00 GMT"}};
    service_.fail(403, "SignatureDoesNotMatch", date).answer("{}").answer("{}");
    EXPECT_TRUE(std::holds_alternative<json::object>(call()));
    EXPECT_THAT(service_.pauses, IsEmpty());
    service_.clock.advance(1min);
    (void)call();
    const auto sent = [&](std::size_t at) {
        return std::string{service_.requests.at(at).headers.value_or("X-Amz-Date", "")};
    };
    EXPECT_EQ(sent(0), "20260101T000000Z");
    EXPECT_EQ(sent(1), "20260101T020000Z");
    EXPECT_EQ(sent(2), "20260101T020100Z");
}

TEST_F(Calling, WrongSignatureAtTheRightTimeIsNotRetried) {
    service_.fail(403, "SignatureDoesNotMatch", {{"Date", "Thu, 01 Jan 2026 00:03:59 GMT"}});
    EXPECT_EQ(failure().name, "SignatureDoesNotMatch");
    service_.fail(403, "InvalidSignatureException");
    EXPECT_EQ(failure().name, "InvalidSignature");
}

/// Hands out one key after another.
class ChangingKeys final : public CredentialsProvider {
  public:
    Credentials current() override { return {"KEY" + std::to_string(at_), "secret", ""}; }

    void expired(const Credentials& old) override {
        EXPECT_EQ(old, current());
        ++at_;
    }

  private:
    int at_ = 0;
};

TEST_F(Calling, ExpiredKeysAreReplaced) {
    service_.credentials = std::make_shared<ChangingKeys>();
    service_.fail(403, "ExpiredTokenException").answer("{}");
    EXPECT_TRUE(std::holds_alternative<json::object>(call()));
    EXPECT_THAT(
        std::string{service_.requests.at(1).headers.value_or("Authorization", "")},
        HasSubstr("Credential=KEY1/")
    );
}

TEST_F(Calling, SpentQuotaEndsRetriesUntilCallsSucceedAgain) {
    // 50 calls of two retries each spend 500.
    for (int i = 0; i < 50; ++i) {
        service_.fail(500, "").fail(500, "").fail(500, "");
        (void)failure();
    }
    service_.fail(500, "");
    (void)failure();
    EXPECT_TRUE(service_.done());
    for (int i = 0; i < RetryQuota::kRetryCost; ++i) {
        service_.answer("{}");
        (void)call();
    }
    service_.fail(500, "").answer("{}");
    EXPECT_TRUE(std::holds_alternative<json::object>(call()));
}

TEST(Retry, PauseDoublesUpToItsLimitAndIsSpreadByJitter) {
    EXPECT_EQ(retry_pause(1, 1.0, {}), 1s);
    EXPECT_EQ(retry_pause(2, 1.0, {}), 2s);
    EXPECT_EQ(retry_pause(9, 1.0, {}), 20s);
    EXPECT_EQ(retry_pause(2, 0.5, {}), 1s);
    EXPECT_EQ(retry_pause(2, 0.0, {}), 0s);
    EXPECT_EQ(retry_pause(1, 0.0, 3s), 3s);
    EXPECT_EQ(retry_pause(1, 0.0, 3600s), 20s);
}

TEST(Retry, PauseEndsWhenStopIsRequested) {
    std::stop_source stop;
    stop.request_stop();
    pause_for(std::chrono::hours{1}, stop.get_token());
}

struct FailureRow {
    const char* name;
    net::ClientResponse response;
    ServiceFailure expected;
    ErrorKind kind;
    RetryClass retry;
};

class Failures : public ::testing::TestWithParam<FailureRow> {};

TEST_P(Failures, AreReadAndClassified) {
    const auto& row = GetParam();
    EXPECT_EQ(read_failure(row.response), row.expected);
    EXPECT_EQ(common_kind(row.expected), row.kind);
    EXPECT_EQ(retry_class(row.expected), row.retry);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Failures,
    ::testing::ValuesIn(std::vector<FailureRow>{
        {"with_namespace",
         {400, {}, R"({"__type":"com.amazonaws.sqs#OverLimit","message":"m"})"},
         {400, "OverLimit", "m", {}},
         ErrorKind::invalid,
         RetryClass::never},
        {"with_suffix_and_url",
         {400, {}, R"({"__type":"ThrottledException:http://x/","Message":"m"})"},
         {400, "Throttled", "m", {}},
         ErrorKind::exhausted,
         RetryClass::throttled},
        {"query_name",
         {400, {}, R"({"__type":"AWS.SimpleQueueService.NonExistentQueue","message":"m"})"},
         {400, "NonExistentQueue", "m", {}},
         ErrorKind::invalid,
         RetryClass::never},
        {"by_header",
         {403, {{"x-amzn-ErrorType", "AccessDeniedException"}}, ""},
         {403, "AccessDenied", "status 403", {}},
         ErrorKind::denied,
         RetryClass::never},
        {"html",
         {502, {}, "<html>"},
         {502, "", "status 502", {}},
         ErrorKind::unavailable,
         RetryClass::transient},
        {"too_many",
         {429, {{"Retry-After", "3"}}, "[]"},
         {429, "", "status 429", 3s},
         ErrorKind::exhausted,
         RetryClass::throttled},
        {"retry_after_is_no_number",
         {503, {{"Retry-After", "soon"}}, "{}"},
         {503, "", "status 503", {}},
         ErrorKind::unavailable,
         RetryClass::transient},
        {"not_found",
         {404, {}, ""},
         {404, "", "status 404", {}},
         ErrorKind::not_found,
         RetryClass::never},
        {"conflict",
         {409, {}, ""},
         {409, "", "status 409", {}},
         ErrorKind::conflict,
         RetryClass::never},
        {"unauthorized",
         {401, {}, ""},
         {401, "", "status 401", {}},
         ErrorKind::denied,
         RetryClass::never},
        {"teapot",
         {418, {}, ""},
         {418, "", "status 418", {}},
         ErrorKind::invalid,
         RetryClass::never},
        {"redirect",
         {301, {}, ""},
         {301, "", "status 301", {}},
         ErrorKind::internal,
         RetryClass::never},
        {"skewed",
         {403, {}, R"({"__type":"RequestTimeTooSkewed","message":"m"})"},
         {403, "RequestTimeTooSkewed", "m", {}},
         ErrorKind::denied,
         RetryClass::clock},
        {"expired",
         {403, {}, R"({"__type":"ExpiredToken","message":"m"})"},
         {403, "ExpiredToken", "m", {}},
         ErrorKind::denied,
         RetryClass::expired_keys},
    }),
    [](const auto& row) { return std::string{row.param.name}; }
);

}  // namespace
}  // namespace kiln::aws
