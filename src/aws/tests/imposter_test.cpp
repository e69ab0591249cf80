// SqsQueue with its real HTTP client, against a server on loopback that misbehaves by script.

#include "aws/sqs_connect.hpp"
#include "base/md5.hpp"
#include "base/testing/kind_of.hpp"
#include "net/tests/test_server.hpp"
#include "ports/testing/fake_clock.hpp"

#include <deque>

#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using net::testing::TestServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Answers each request as the script says, and waits for nothing.
class Imposter : public ::testing::Test {
  protected:
    TestServer::Reply json(
        int status, const std::string& body, const std::string& header = "X: y"
    ) {
        return {fmt::format(
            "HTTP/1.1 {} Said\r\n{}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
            status,
            header,
            body.size(),
            body
        )};
    }

    TestServer::Reply sent(std::string_view body) {
        return json(200, fmt::format(R"({{"MessageId":"m","MD5OfMessageBody":"{}"}})", md5(body)));
    }

    TestServer::Reply cut() { return {""}; }

    TestServer::Reply cut_within_the_body() {
        return {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Mess"};
    }

    std::vector<ports::SentMessage> send_after(std::deque<TestServer::Reply> script) {
        script_ = std::move(script);
        SqsQueue queue{
            {"eu-west-1", server_.url("")},
            {.transport = http_transport(),
             .clock = clock_,
             .credentials = std::make_shared<StaticCredentials>(Credentials{"A", "s", ""}),
             .pause = [this](Duration span, const std::stop_token&) { pauses_.push_back(span); },
             .jitter = [] { return 1.0; }},
            {{"q", server_.url("/000000000000/q")}}};
        return queue.send("q", {{.body = "a"}});
    }

    ports::testing::FakeClock clock_;
    std::vector<Duration> pauses_;
    std::deque<TestServer::Reply> script_;
    TestServer server_{[this](const std::string&) {
        auto reply = script_.empty() ? TestServer::Reply{} : script_.front();
        script_.pop_front();
        return reply;
    }};
};

using namespace std::chrono_literals;

TEST_F(Imposter, ThatThrottlesIsAskedAgainLater) {
    EXPECT_THAT(
        send_after(
            {json(400, R"({"__type":"RequestThrottled","message":"slow"})"),
             json(503, "", "Retry-After: 3"),
             sent("a")}
        ),
        SizeIs(1)
    );
    EXPECT_THAT(pauses_, ElementsAre(1s, 5s));
}

TEST_F(Imposter, ThatFailsForGoodIsUnavailable) {
    const auto error = error_of([&] {
        (void)send_after({json(500, "<html>"), json(502, ""), json(503, "<html>")});
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::unavailable);
    EXPECT_EQ(error->message(), "sqs SendMessage 'q': status 503");
    EXPECT_THAT(server_.requests(), SizeIs(3));
}

TEST_F(Imposter, ThatCutsConnectionsIsAskedAgain) {
    EXPECT_THAT(send_after({cut(), cut_within_the_body(), sent("a")}), SizeIs(1));
}

TEST_F(Imposter, ThatCutsEachConnectionIsUnavailable) {
    EXPECT_EQ(
        kind_of([&] {
            (void)send_after({cut(), cut(), cut(), cut(), cut(), cut()});
        }),
        ErrorKind::unavailable
    );
}

TEST_F(Imposter, ThatTakesSomethingElseIsFoundOut) {
    EXPECT_EQ(kind_of([&] { (void)send_after({sent("b")}); }), ErrorKind::corrupt);
    EXPECT_THAT(server_.requests(), SizeIs(1));
}

TEST_F(Imposter, WhoseClockIsAnotherIsBelieved) {
    EXPECT_THAT(
        send_after(
            {json(
                 403,
                 R"({"__type":"InvalidSignatureException","message":"Signature expired"})",
                 "Date: Thu, 01 Jan 2026 05:00:00 GMT"
             ),
             sent("a")}
        ),
        SizeIs(1)
    );
    EXPECT_THAT(server_.requests().at(0), HasSubstr("20260101T000000Z"));
    EXPECT_THAT(server_.requests().at(1), HasSubstr("20260101T050000Z"));
}

TEST_F(Imposter, ThatDeniesIsNotAskedAgain) {
    EXPECT_EQ(
        kind_of([&] {
            (void)send_after({json(403, R"({"__type":"AccessDeniedException","message":"no"})")});
        }),
        ErrorKind::denied
    );
    EXPECT_THAT(server_.requests(), SizeIs(1));
}

}  // namespace
}  // namespace kiln::aws
