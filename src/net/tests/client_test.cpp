#include "net/client.hpp"

#include "base/testing/kind_of.hpp"
#include "net/server.hpp"
#include "net/tests/identity.hpp"
#include "net/tests/parked.hpp"
#include "net/tests/raw_client.hpp"
#include "net/tests/test_server.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace kiln::net {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::echo;
using testing::Folder;
using testing::Identity;
using testing::Parked;
using testing::TestServer;

TEST(HttpClient, SendsWhatItIsToldAndNothingElse) {
    Parked parked;
    Server server{{}, parked.handler()};
    HttpClient client;
    std::jthread answering{[&] {
        auto job = parked.take();
        const auto& headers = job.request.headers;
        EXPECT_EQ(job.request.method, "PUT");
        EXPECT_EQ(job.request.target, "/a/../b%20c?x=y");
        EXPECT_EQ(job.request.body, std::string("a\0b", 3));
        EXPECT_EQ(headers.value_or("X-One", "none"), "1");
        EXPECT_EQ(headers.value_or("X-Empty", "none"), "");
        EXPECT_EQ(headers.value_or("Content-Length", ""), "3");
        EXPECT_FALSE(headers.contains("Content-Type"));
        EXPECT_FALSE(headers.contains("Expect"));
        job.responder.send({201, {{"X-Two", "a"}, {"x-two", "b"}}, "made"});
    }};
    const auto answer = client.send(
        {.method = "PUT",
         .url = server.url() + "/a/../b%20c?x=y",
         .headers = {{"X-One", "1"}, {"X-Empty", ""}, {"Content-Length", "99"}},
         .body = std::string("a\0b", 3)}
    );
    EXPECT_EQ(answer.status, 201U);
    EXPECT_EQ(answer.body, "made");
    EXPECT_EQ(answer.headers.value_or("x-two", ""), "a");
}

TEST(HttpClient, EveryMethodArrives) {
    Server server{{}, echo};
    HttpClient client;
    for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        const auto answer = client.send({.method = method, .url = server.url() + "/x"});
        EXPECT_EQ(answer.body, fmt::format("{} /x ", method));
    }
    const auto head = client.send({.method = "HEAD", .url = server.url() + "/x"});
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.headers.value_or("Content-Length", ""), "8");
    const auto with_body = client.send({.method = "DELETE", .url = server.url(), .body = "b"});
    EXPECT_EQ(with_body.body, "DELETE / b");
}

TEST(HttpClient, StatusIsTheCallersAffair) {
    Server server{{}, [](const Request&, Responder responder) {
                      responder.send({404, {{"Location", "/elsewhere"}}, "no"});
                  }};
    HttpClient client;
    const auto answer = client.send({.url = server.url()});
    EXPECT_EQ(answer.status, 404U);
    EXPECT_EQ(answer.body, "no");
}

TEST(HttpClient, ConnectionIsUsedAgain) {
    Server server{{}, echo};
    HttpClient client;
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(client.send({.method = "POST", .url = server.url(), .body = "x"}).status, 200U);
    }
    EXPECT_EQ(server.counters().connections_accepted, 1U);
}

TEST(HttpClient, RestartedServerIsFoundAgain) {
    HttpClient client;
    std::uint16_t port = 0;
    {
        Server server{{}, echo};
        port = server.port();
        EXPECT_EQ(client.send({.url = server.url()}).status, 200U);
    }
    Server server{{.port = port}, echo};
    EXPECT_EQ(client.send({.method = "POST", .url = server.url(), .body = "x"}).status, 200U);
}

TEST(HttpClient, MayBeUsedFromManyThreads) {
    Server server{{}, echo};
    HttpClient client;
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&, i] {
                for (int j = 0; j < 20; ++j) {
                    const auto path = fmt::format("/{}/{}", i, j);
                    const auto answer = client.send({.url = server.url() + path});
                    good += answer.body == "GET " + path + ' ' ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(good, 160);
    EXPECT_LE(server.counters().connections_accepted, 8U);
}

TEST(HttpClient, AnswerThatIsTooLongIsRefused) {
    Server server{{}, [](const Request&, Responder responder) {
                      responder.send({200, {}, std::string(5000, 'x')});
                  }};
    HttpClient client{{.max_body = Bytes{4999}}};
    const auto error = error_of([&] { (void)client.send({.url = server.url()}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    HttpClient larger{{.max_body = Bytes{5000}}};
    EXPECT_EQ(larger.send({.url = server.url()}).body.size(), 5000U);
}

TEST(HttpClient, DeadlineEndsACall) {
    Parked parked;
    Server server{{}, parked.handler()};
    HttpClient client;
    EXPECT_EQ(
        kind_of([&] {
            (void)client.send({.url = server.url(), .deadline = Deadline::after(milliseconds{20})});
        }),
        ErrorKind::timed_out
    );
    parked.take().responder.send({});
}

TEST(HttpClient, StopEndsACallAtOnce) {
    Parked parked;
    Server server{{}, parked.handler()};
    HttpClient client;
    std::stop_source stop;
    std::jthread stopping{[&] {
        auto job = parked.take();
        stop.request_stop();
        job.responder.send({});
    }};
    const auto kind = kind_of([&] {
        for (;;) {  // the answer may win
            (void)client.send({.url = server.url()}, stop.get_token());
        }
    });
    EXPECT_EQ(kind, ErrorKind::cancelled);
}

TEST(HttpClient, NobodyThereIsUnavailable) {
    std::uint16_t port = 0;
    {
        Server server{{}, echo};
        port = server.port();
    }
    HttpClient client;
    EXPECT_EQ(
        kind_of([&] { (void)client.send({.url = fmt::format("http://127.0.0.1:{}/", port)}); }),
        ErrorKind::unavailable
    );
}

TEST(HttpClient, AnswerThatBreaksOffIsUnavailable) {
    TestServer server{[](const auto&) {
        return TestServer::Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"};
    }};
    HttpClient client;
    EXPECT_EQ(
        kind_of([&] { (void)client.send({.url = server.url("/")}); }), ErrorKind::unavailable
    );
}

TEST(HttpClient, InformationalAnswerIsNotTheAnswer) {
    TestServer server{[](const auto&) {
        return TestServer::Reply{
            "HTTP/1.1 100 Continue\r\nX: early\r\n\r\n"
            "HTTP/1.1 200 OK\r\nX: late\r\nContent-Length: 1\r\n\r\ny"};
    }};
    HttpClient client;
    const auto answer = client.send({.url = server.url("/")});
    EXPECT_EQ(answer.headers.value_or("X", ""), "late");
    EXPECT_EQ(answer.body, "y");
}

struct BadRequest {
    const char* name;
    ClientRequest request;
};

class RefusedCall : public ::testing::TestWithParam<BadRequest> {};

TEST_P(RefusedCall, IsInvalidAndShowsNoSecret) {
    HttpClient client;
    const auto error = error_of([&] { (void)client.send(GetParam().request); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    EXPECT_EQ((error->message() + error->hint()).find("s3cret"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Row,
    RefusedCall,
    ::testing::Values(
        BadRequest{"PlainToElsewhere", {.url = "http://u:s3cret@example.org/?s3cret"}},
        BadRequest{"OtherScheme", {.url = "ftp://u:s3cret@localhost/"}},
        BadRequest{"NoUrl", {.url = "s3cret"}},
        BadRequest{"LineBreakInUrl", {.url = "http://localhost/\r\ns3cret"}},
        BadRequest{
            "LineBreakInField",
            {.url = "http://localhost/", .headers = {{"X", "a\r\nX-Evil: s3cret"}}}},
        BadRequest{
            "NulInField",
            {.url = "http://localhost/", .headers = {{"X", std::string("a\0s3cret", 8)}}}},
        BadRequest{"ColonInName", {.url = "http://localhost/", .headers = {{"X: s3cret", "y"}}}},
        BadRequest{"BlankInMethod", {.method = "GET /s3cret", .url = "http://localhost/"}},
        BadRequest{"NoMethod", {.method = "", .url = "http://localhost/"}}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(HttpClientStream, PiecesComeAsTheServerWritesThem) {
    Parked parked;
    Server server{{}, parked.handler()};
    HttpClient client{{.max_body = Bytes{1}}};  // not for what is streamed
    std::optional<Stream> stream;
    std::jthread writing{[&] {
        stream.emplace(parked.take().responder.stream({200, {{"X", "y"}}, ""}));
        stream->write("1");
    }};
    std::string got;
    const auto answer = client.stream({.url = server.url()}, [&](std::string_view piece) {
        got += piece;
        if (got.size() < 5) {  // each is written when the one before has come
            stream->write(std::to_string(got.size() + 1));
        } else {
            stream->close();
        }
    });
    EXPECT_EQ(got, "12345");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.value_or("X", ""), "y");
    EXPECT_EQ(answer.body, "");
}

TEST(HttpClientStream, RefusalIsInTheAnswer) {
    Server server{{}, [](const Request&, Responder responder) { responder.send({403, {}, "no"}); }};
    HttpClient client;
    const auto answer = client.stream({.url = server.url()}, [](std::string_view) { FAIL(); });
    EXPECT_EQ(answer.status, 403U);
    EXPECT_EQ(answer.body, "no");
}

TEST(HttpClientStream, WhatThePieceThrowsEndsTheCall) {
    Parked parked;
    Server server{{}, parked.handler()};
    HttpClient client;
    std::optional<Stream> stream;
    std::jthread writing{[&] { stream.emplace(parked.take().responder.stream({200, {}, "x"})); }};
    EXPECT_EQ(
        kind_of([&] {
            (void)client.stream({.url = server.url()}, [](std::string_view) {
                throw Error{ErrorKind::corrupt, "enough"};
            });
        }),
        ErrorKind::corrupt
    );
}

/// A server with TLS, and the file of the authority that vouches for it.
class Tls : public ::testing::Test {
  protected:
    Tls() {
        identity_.save(certificate_);
        identity_.save_key(key_);
    }

    [[nodiscard]] ServerOptions options() const { return {.tls = TlsFiles{certificate_, key_}}; }

    Folder folder_;
    Identity identity_;
    std::filesystem::path certificate_ = folder_.path() / "certificate.pem";
    std::filesystem::path key_ = folder_.path() / "key.pem";
};

TEST_F(Tls, RequestsAndAnswersOfAnySizePass) {
    Server server{options(), [](Request request, Responder responder) {
                      responder.send({request.secure ? 200U : 500U, {}, std::move(request.body)});
                  }};
    HttpClient client{{.authorities = certificate_}};
    for (const std::size_t size : {0U, 1U, 70'000U, 1'500'000U}) {
        const std::string body(size, 'x');
        const auto answer = client.send({.method = "POST", .url = server.url(), .body = body});
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.body, body);
    }
    EXPECT_EQ(server.counters().connections_accepted, 1U);
}

TEST_F(Tls, StreamsPass) {
    Parked parked;
    Server server{options(), parked.handler()};
    HttpClient client{{.authorities = certificate_}};
    std::jthread writing{[&] {
        auto stream = parked.take().responder.stream({});
        stream.write("a");
        stream.write("b");
        stream.close();
    }};
    std::string got;
    (void)client.stream({.url = server.url()}, [&](std::string_view piece) { got += piece; });
    EXPECT_EQ(got, "ab");
}

TEST_F(Tls, ServerThatNobodyVouchesForIsDenied) {
    Server server{options(), echo};
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("CURL_CA_BUNDLE");
    HttpClient client;
    EXPECT_EQ(kind_of([&] { (void)client.send({.url = server.url()}); }), ErrorKind::denied);
}

TEST_F(Tls, ClientThatSpeaksPlainIsLetGo) {
    auto quick = options();
    quick.header_timeout = milliseconds{50};
    Server server{std::move(quick), echo};
    testing::RawClient plain{server.port()};
    plain.ask("GET /");
    (void)plain.rest();  // an alert, or nothing
    testing::RawClient silent{server.port()};
    EXPECT_TRUE(silent.ended());
}

TEST_F(Tls, FilesThatAreNoneAreRefused) {
    const auto kind = [&](const std::filesystem::path& certificate,
                          const std::filesystem::path& key) {
        return kind_of([&] { Server{{.tls = TlsFiles{certificate, key}}, echo}; });
    };
    EXPECT_EQ(kind("/nowhere.pem", key_), ErrorKind::not_found);
    EXPECT_EQ(kind(certificate_, "/nowhere.pem"), ErrorKind::not_found);
    EXPECT_EQ(kind(key_, key_), ErrorKind::invalid);
    EXPECT_EQ(kind(certificate_, certificate_), ErrorKind::invalid);
    const auto other = folder_.path() / "other.pem";
    Identity{}.save_key(other);
    EXPECT_EQ(kind(certificate_, other), ErrorKind::invalid);
}

}  // namespace

}  // namespace kiln::net
