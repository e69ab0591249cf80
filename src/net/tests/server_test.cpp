#include "net/server.hpp"

#include "base/testing/kind_of.hpp"
#include "net/tests/parked.hpp"
#include "net/tests/raw_client.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::net {

namespace {

using testing::echo;
using testing::Parked;
using testing::RawClient;
using testing::Signal;

TEST(Server, AnswersWhatItsHandlerSays) {
    Server server{{}, echo};
    RawClient client{server.port()};
    client.ask("POST /a?b=c", "", "hello");
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "POST /a?b=c hello");
    EXPECT_EQ(answer.headers.value_or("content-type", ""), "text/plain");
    EXPECT_TRUE(answer.headers.contains("Date"));
    EXPECT_FALSE(answer.headers.contains("Connection"));
}

TEST(Server, HandlerSeesTheRequestAsItWasSent) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("PATCH /%7Ea//b?x=%20&&y", "X-Two: 1\r\nx-two:  2 \r\nX-Utf: \xc3\xa9\r\n");
    auto job = parked.take();
    EXPECT_EQ(job.request.method, "PATCH");
    EXPECT_EQ(job.request.target, "/%7Ea//b?x=%20&&y");
    EXPECT_EQ(job.request.path(), "/%7Ea//b");
    EXPECT_EQ(job.request.query(), "x=%20&&y");
    const std::vector<Headers::Field> expected{
        {"Host", "test"}, {"X-Two", "1"}, {"x-two", "2"}, {"X-Utf", "\xc3\xa9"}};
    EXPECT_EQ(job.request.headers.all(), expected);
    EXPECT_EQ(job.request.peer_address(), "127.0.0.1");
    EXPECT_FALSE(job.request.secure);
    EXPECT_LE(job.request.received, std::chrono::steady_clock::now());
    job.responder.send({});
}

TEST(Server, ConnectionServesOneRequestAfterAnother) {
    Server server{{}, echo};
    RawClient client{server.port()};
    for (int i = 0; i < 50; ++i) {
        client.ask(fmt::format("GET /{}", i));
        EXPECT_EQ(client.answer().body, fmt::format("GET /{} ", i));
    }
    EXPECT_EQ(server.counters().connections_accepted, 1U);
    EXPECT_EQ(server.counters().requests, 50U);
}

TEST(Server, RequestsSentAheadAreAnsweredInTheirOrder) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    std::string ahead;
    for (int i = 0; i < 5; ++i) {
        ahead += fmt::format("PUT /{0} HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n{0}", i);
    }
    client.send(ahead);
    for (int i = 0; i < 5; ++i) {
        auto job = parked.take();
        EXPECT_EQ(job.request.body, std::to_string(i));
        job.responder.send({200, {}, job.request.target});
        EXPECT_EQ(client.answer().body, fmt::format("/{}", i));
    }
}

TEST(Server, RequestMayComeByteByByte) {
    Server server{{}, echo};
    RawClient client{server.port()};
    constexpr std::string_view kRequest =
        "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n";
    for (const char byte : kRequest) {
        client.send({&byte, 1});
    }
    EXPECT_EQ(client.answer().body, "POST /x abcde");
    client.ask("GET /after");
    EXPECT_EQ(client.answer().body, "GET /after ");
}

TEST(Server, HeadHasLengthButNoBody) {
    Server server{{}, echo};
    RawClient client{server.port()};
    client.ask("HEAD /x");
    const auto answer = client.answer(true);
    EXPECT_EQ(answer.headers.value_or("Content-Length", ""), "8");
    client.ask("GET /next");
    EXPECT_EQ(client.answer().body, "GET /next ");
}

TEST(Server, AnswerWithoutContentHasNeitherBodyNorLength) {
    Server server{{}, [](const Request&, Responder responder) {
                      responder.send({204, {}, "not sent"});
                  }};
    RawClient client{server.port()};
    client.ask("DELETE /x");
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 204U);
    EXPECT_FALSE(answer.headers.contains("Content-Length"));
    client.ask("DELETE /y");
    EXPECT_EQ(client.answer().status, 204U);
}

TEST(Server, ClosesWhenAskedTo) {
    Server server{{}, echo};
    RawClient client{server.port()};
    client.ask("GET /x", "Connection: close\r\n");
    const auto answer = client.answer();
    EXPECT_EQ(answer.headers.value_or("Connection", ""), "close");
    EXPECT_TRUE(client.ended());
}

TEST(Server, OldClientIsClosedUnlessItAsksToStay) {
    Server server{{}, echo};
    RawClient closing{server.port()};
    closing.send("GET /x HTTP/1.0\r\n\r\n");
    EXPECT_EQ(closing.answer().body, "GET /x ");
    EXPECT_TRUE(closing.ended());

    RawClient staying{server.port()};
    staying.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(staying.answer().headers.value_or("Connection", ""), "keep-alive");
    staying.send("GET /y HTTP/1.0\r\n\r\n");
    EXPECT_EQ(staying.answer().body, "GET /y ");
}

TEST(Server, BodyIsAskedForWhenTheClientWaitsForThat) {
    Server server{{}, echo};
    RawClient client{server.port()};
    client.send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.answer().status, 100U);
    client.send("hi");
    EXPECT_EQ(client.answer().body, "PUT /x hi");
}

TEST(Server, BodyThatIsTooLongIsNotAskedFor) {
    Server server{{.max_body = Bytes{10}}, echo};
    RawClient client{server.port()};
    client.send("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.answer().status, 413U);
    EXPECT_TRUE(client.ended());
}

TEST(Server, LargeAnswerArrivesWhole) {
    const std::string large(8U << 20, 'x');
    Server server{{}, [&](const Request&, Responder responder) {
                      responder.send({200, {}, large});
                  }};
    RawClient client{server.port()};
    for (int i = 0; i < 2; ++i) {
        client.ask("GET /");
        EXPECT_EQ(client.answer().body, large);
    }
}

TEST(Server, LargeBodyArrivesWhole) {
    Server server{{}, echo};
    RawClient client{server.port()};
    const std::string large(1U << 20, 'y');
    client.ask("PUT /", "", large);
    EXPECT_EQ(client.answer().body, "PUT / " + large);
}

TEST(Server, AnswerMayComeFromAnyThreadAtAnyTime) {
    Parked parked;
    Server server{{.handler_threads = 1}, parked.handler()};
    std::vector<RawClient> clients;
    for (int i = 0; i < 20; ++i) {
        clients.emplace_back(server.port());
        clients.back().ask(fmt::format("GET /{}", i));
    }
    parked.wait_for(20);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&] {
            auto job = parked.take();
            job.responder.send({200, {}, job.request.target});
        });
    }
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(clients[static_cast<std::size_t>(i)].answer().body, fmt::format("/{}", i));
    }
}

TEST(Server, ResponderThatIsDroppedAnswers500) {
    Server server{{}, [](const Request&, const Responder&) {}};
    RawClient client{server.port()};
    client.ask("GET /");
    EXPECT_EQ(client.answer().status, 500U);
    client.ask("GET /again");
    EXPECT_EQ(client.answer().status, 500U);
}

TEST(Server, HandlerThatThrowsIsAnswered500) {
    Server server{{}, [](const Request&, const Responder&) {
                      throw Error{ErrorKind::internal, "on purpose"};
                  }};
    RawClient client{server.port()};
    client.ask("GET /");
    EXPECT_EQ(client.answer().status, 500U);
}

TEST(Server, ResponderThatIsReplacedAnswers500) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient first{server.port()};
    first.ask("GET /1");
    auto job = parked.take();
    RawClient second{server.port()};
    second.ask("GET /2");
    job.responder = parked.take().responder;
    EXPECT_EQ(first.answer().status, 500U);
    job.responder.send({});
    EXPECT_EQ(second.answer().status, 200U);
}

struct BadResponse {
    const char* name;
    Response response;
};

class UnfitResponse : public ::testing::TestWithParam<BadResponse> {};

TEST_P(UnfitResponse, IsNotSent) {
    Server server{
        {}, [](const Request&, Responder responder) { responder.send(GetParam().response); }};
    RawClient client{server.port()};
    client.ask("GET /");
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 500U);
    EXPECT_FALSE(answer.headers.contains("Evil"));
}

INSTANTIATE_TEST_SUITE_P(
    Row,
    UnfitResponse,
    ::testing::Values(
        BadResponse{"LineBreakInValue", {200, {{"X", "a\r\nEvil: yes"}}, ""}},
        BadResponse{"LineFeedInValue", {200, {{"X", "a\nEvil: yes"}}, ""}},
        BadResponse{"NulInValue", {200, {{"X", std::string{"a\0b", 3}}}, ""}},
        BadResponse{"LineBreakInName", {200, {{"X: y\r\nEvil", "yes"}}, ""}},
        BadResponse{"BlankInName", {200, {{"Evil ", "yes"}}, ""}},
        BadResponse{"NoName", {200, {{"", "yes"}}, ""}},
        BadResponse{"StatusOfOneDigit", {2, {}, ""}},
        BadResponse{"InformationalStatus", {101, {}, ""}},
        BadResponse{"StatusBeyondHttp", {1000, {}, ""}}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Server, FramingIsItsOwnAffair) {
    Server server{
        {}, [](const Request&, Responder responder) {
            responder.send(
                {200, {{"content-length", "999"}, {"Transfer-Encoding", "chunked"}}, "four"}
            );
        }};
    RawClient client{server.port()};
    client.ask("GET /");
    const auto answer = client.answer();
    EXPECT_EQ(answer.body, "four");
    EXPECT_FALSE(answer.headers.contains("Transfer-Encoding"));
}

TEST(Server, PortInUseIsAConflictWithARemedy) {
    Server first{{}, echo};
    try {
        Server second{{.port = first.port()}, echo};
        FAIL() << "was bound twice";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::conflict);
        EXPECT_FALSE(error.hint().empty());
    }
}

TEST(Server, PortIsFreeAgainAfterItsEnd) {
    std::uint16_t port = 0;
    {
        Server server{{}, echo};
        port = server.port();
        RawClient client{port};
        client.ask("GET /", "Connection: close\r\n");
        EXPECT_EQ(client.answer().status, 200U);
    }
    Server again{{.port = port}, echo};
    EXPECT_EQ(again.port(), port);
}

TEST(Server, MayListenOnASecondAddressOfTheSamePort) {
    ServerOptions options;
    options.also = "127.0.0.2";
    Server server{options, echo};
    for (const auto host : {1U, 2U}) {
        RawClient client;
        client.connect(server.port(), host);
        client.ask("GET /");
        EXPECT_EQ(client.answer().status, 200U) << "127.0.0." << host;
    }
}

TEST(Server, TheSecondAddressNeedNotBeThereYet) {
    ServerOptions options;
    options.also = "198.51.100.7";  // of the documentation's
    Server server{options, echo};
    RawClient client{server.port()};
    client.ask("GET /");
    EXPECT_EQ(client.answer().status, 200U);
}

TEST(Server, AddressesItDoesNotKnowAreRefused) {
    for (const auto* address : {"example.org", "1.2.3", "", "127.0.0.1:80", "203.0.113.7"}) {
        EXPECT_EQ(
            kind_of([&] {
                Server{{.address = address}, echo};
            }),
            ErrorKind::invalid
        ) << address;
    }
}

TEST(Server, ListensOnIpv6) {
    try {
        Server server{{.address = "::1"}, echo};
        EXPECT_EQ(server.url(), fmt::format("http://[::1]:{}", server.port()));
    } catch (const Error& error) {
        GTEST_SKIP() << "no IPv6 here: " << error.message();
    }
}

TEST(Server, Ipv4ClientOfAnIpv6SocketIsNamedAsSuch) {
    Parked parked;
    std::optional<Server> server;
    try {
        server.emplace(ServerOptions{.address = "::"}, parked.handler());
    } catch (const Error& error) {
        GTEST_SKIP() << "no IPv6 here: " << error.message();
    }
    RawClient client{server->port()};
    client.ask("GET /");
    EXPECT_EQ(parked.take().request.peer_address(), "127.0.0.1");
}

}  // namespace

}  // namespace kiln::net
