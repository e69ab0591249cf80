#include "net/server.hpp"
#include "net/tests/parked.hpp"
#include "net/tests/raw_client.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sys/resource.h>

namespace kiln::net {

namespace {

using std::chrono::milliseconds;
using testing::echo;
using testing::Parked;
using testing::RawClient;
using testing::Signal;

/// A refusal says what it is in JSON.
void expect_refusal(const RawClient::Answer& answer, unsigned status) {
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.headers.value_or("Content-Type", ""), "application/json");
    EXPECT_TRUE(answer.body.starts_with(R"({"error":{"kind":")")) << answer.body;
    EXPECT_TRUE(answer.whole);
}

TEST(ServerLimits, HeaderThatIsTooLongIsRefused) {
    Server server{{.max_header = Bytes{1024}}, echo};
    RawClient client{server.port()};
    client.send("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x'));
    expect_refusal(client.answer(), 431);
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.counters().refused.header_size, 1U);
}

TEST(ServerLimits, HeaderOfManyShortFieldsIsRefused) {
    Server server{{.max_header = Bytes{4096}}, echo};
    RawClient client{server.port()};
    client.send("GET / HTTP/1.1\r\n");
    while (client.send("X-Field: y\r\n") && server.counters().refused.header_size == 0) {
    }
    expect_refusal(client.answer(), 431);
}

TEST(ServerLimits, BodyThatIsTooLongIsRefusedUnread) {
    Server server{{.max_body = Bytes{1000}}, echo};
    RawClient client{server.port()};
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
    expect_refusal(client.answer(), 413);
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.counters().refused.body_size, 1U);
}

TEST(ServerLimits, RefusalReachesAClientThatIsStillSending) {
    Server server{{.max_body = Bytes{1000}}, echo};
    RawClient client{server.port()};
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n");
    client.send(std::string(500'000, 'x'));
    expect_refusal(client.answer(), 413);
}

TEST(ServerLimits, ChunksThatAreTooLongTogetherAreRefused) {
    Server server{{.max_body = Bytes{10}}, echo};
    RawClient client{server.port()};
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n");
    client.send("5\r\nabcde\r\n0\r\n\r\n");
    expect_refusal(client.answer(), 413);
}

TEST(ServerLimits, ChunksThatAreMostlyFramingAreRefused) {
    Server server{{.max_header = Bytes{1024}}, echo};
    RawClient client{server.port()};
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    const auto chunk = "1;a=" + std::string(500, 'b') + "\r\nx\r\n";
    while (client.send(chunk) && server.counters().refused.malformed == 0) {
    }
    expect_refusal(client.answer(), 400);
}

TEST(ServerLimits, BodiesOfAllRequestsTogetherAreLimited) {
    Parked parked;
    Server server{{.max_bodies = Bytes{1500}}, parked.handler()};
    RawClient first{server.port()};
    first.ask("PUT /", "", std::string(1000, 'x'));
    auto job = parked.take();
    RawClient second{server.port()};
    second.ask("PUT /", "", std::string(1000, 'x'));
    const auto answer = second.answer();
    expect_refusal(answer, 503);
    EXPECT_EQ(answer.headers.value_or("Retry-After", ""), "1");
    EXPECT_EQ(server.counters().refused.memory, 1U);

    job.responder.send({});
    EXPECT_EQ(first.answer().status, 200U);
    RawClient third{server.port()};
    third.ask("PUT /", "", std::string(1000, 'x'));
    parked.take().responder.send({});
    EXPECT_EQ(third.answer().status, 200U);
}

TEST(ServerLimits, HeaderThatComesTooSlowlyIsGivenUp) {
    Server server{{.header_timeout = milliseconds{50}}, echo};
    RawClient client{server.port()};
    client.send("GET / HT");
    expect_refusal(client.answer(), 408);
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.counters().refused.too_slow, 1U);
}

TEST(ServerLimits, HeaderThatDripsIsGivenUp) {
    Server server{{.max_header = Bytes{16U << 20}, .header_timeout = milliseconds{50}}, echo};
    RawClient client{server.port()};
    client.send("GET / HTTP/1.1\r\nX: ");
    while (client.send("y") && server.counters().refused.too_slow == 0) {
    }
    expect_refusal(client.answer(), 408);
}

TEST(ServerLimits, BodyThatComesTooSlowlyIsGivenUp) {
    Server server{{.body_timeout = milliseconds{50}}, echo};
    RawClient client{server.port()};
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
    expect_refusal(client.answer(), 408);
}

TEST(ServerLimits, BodyThatWasAskedForAndDoesNotComeIsGivenUp) {
    Server server{{.body_timeout = milliseconds{50}}, echo};
    RawClient client{server.port()};
    client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.answer().status, 100U);
    expect_refusal(client.answer(), 408);
}

TEST(ServerLimits, IdleConnectionIsClosedWithoutAWord) {
    Server server{{.idle_timeout = milliseconds{50}}, echo};
    RawClient fresh{server.port()};
    EXPECT_TRUE(fresh.ended());
    RawClient used{server.port()};
    used.ask("GET /");
    EXPECT_EQ(used.answer().status, 200U);
    EXPECT_TRUE(used.ended());
    EXPECT_EQ(server.counters().refused.too_slow, 0U);
}

TEST(ServerLimits, ParkedRequestHasNoTimeOut) {
    constexpr milliseconds kShort{20};
    Parked parked;
    Server server{
        {.header_timeout = kShort,
         .body_timeout = kShort,
         .write_timeout = kShort,
         .idle_timeout = kShort},
        parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto job = parked.take();
    RawClient other{server.port()};
    EXPECT_TRUE(other.ended());  // its time is over, and that of `client` would be
    job.responder.send({});
    EXPECT_EQ(client.answer().status, 200U);
}

TEST(ServerLimits, ReaderThatIsTooSlowIsCutOff) {
    Server server{{.write_timeout = milliseconds{50}}, [](const Request&, Responder responder) {
                      responder.send({200, {}, std::string(64U << 20, 'x')});
                  }};
    RawClient client{server.port(), 4096};
    client.ask("GET /");
    while (server.counters().refused.too_slow == 0) {
        std::this_thread::yield();
    }
    EXPECT_FALSE(client.answer().whole);
}

TEST(ServerLimits, ConnectionBeyondTheMostGetsAnAnswer) {
    Parked parked;
    Server server{{.max_connections = 2}, parked.handler()};
    RawClient first{server.port()};
    RawClient second{server.port()};
    first.ask("GET /");
    second.ask("GET /");
    parked.wait_for(2);
    RawClient third{server.port()};
    third.ask("GET /");
    expect_refusal(third.answer(), 503);
    EXPECT_TRUE(third.ended());
    EXPECT_EQ(server.counters().refused.connections, 1U);

    first.hang_up();
    parked.take().responder.send({});
    parked.take().responder.send({});
    EXPECT_EQ(second.answer().status, 200U);
}

TEST(ServerLimits, IdleConnectionMakesRoomForAnotherOne) {
    Server server{{.max_connections = 1}, echo};
    RawClient idle{server.port()};
    idle.ask("GET /");
    EXPECT_EQ(idle.answer().status, 200U);
    RawClient other{server.port()};
    other.ask("GET /");
    EXPECT_EQ(other.answer().status, 200U);
    EXPECT_TRUE(idle.ended());
    EXPECT_EQ(server.counters().refused.connections, 0U);
}

TEST(ServerLimits, ConnectionsOfOneAddressAreLimited) {
    Parked parked;
    Server server{{.max_connections_per_address = 1}, parked.handler()};
    RawClient first{server.port()};
    first.ask("GET /");
    auto job = parked.take();
    RawClient second{server.port()};
    second.ask("GET /");
    expect_refusal(second.answer(), 429);
    EXPECT_EQ(server.counters().refused.connections_of_one_address, 1U);
    job.responder.send({});
    EXPECT_EQ(first.answer().status, 200U);
}

TEST(ServerLimits, RequestsThatWaitForAHandlerAreLimited) {
    Signal started;
    Signal go_on;
    Server server{
        {.handler_threads = 1, .max_waiting = 1}, [&](const Request&, Responder responder) {
            started.give();
            go_on.wait();
            responder.send({});
        }};
    RawClient running{server.port()};
    running.ask("GET /");
    started.wait();
    RawClient waiting{server.port()};
    waiting.ask("GET /");
    while (server.counters().waiting == 0) {
        std::this_thread::yield();
    }
    RawClient refused{server.port()};
    refused.ask("GET /");
    expect_refusal(refused.answer(), 503);
    EXPECT_EQ(server.counters().refused.waiting, 1U);
    go_on.give();
    EXPECT_EQ(running.answer().status, 200U);
    EXPECT_EQ(waiting.answer().status, 200U);
    refused.ask("GET /again");
    EXPECT_EQ(refused.answer().status, 200U);
}

/// Skips where a sanitizer looks at memory by way of new descriptors, and reports those it has not.
#ifdef __SANITIZE_ADDRESS__
#define KILN_SKIP_WITHOUT_DESCRIPTORS() GTEST_SKIP() << "the sanitizer itself needs descriptors"
#else
#define KILN_SKIP_WITHOUT_DESCRIPTORS() static_cast<void>(0)
#endif

/// So few descriptors that the next one is not to be had, while it lives.
class NoDescriptors {
  public:
    NoDescriptors() {
        KILN_CHECK(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const int next = ::dup(0);
        KILN_CHECK(next >= 0);
        ::close(next);
        rlimit none{static_cast<rlim_t>(next), before_.rlim_max};
        KILN_CHECK(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }

    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

TEST(ServerLimits, LackOfDescriptorsIsWaitedOut) {
    KILN_SKIP_WITHOUT_DESCRIPTORS();
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient busy{server.port()};
    // Two at once, so that it is not idle between them.
    busy.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    auto job = parked.take();
    RawClient waiting;
    {
        const NoDescriptors none;
        waiting.connect(server.port());
        waiting.ask("GET /waiting");
        job.responder.send({});
        EXPECT_EQ(busy.answer().status, 200U);  // who is connected is served
        job = parked.take();
        EXPECT_EQ(job.request.target, "/2");
    }
    auto late = parked.take();
    EXPECT_EQ(late.request.target, "/waiting");
    late.responder.send({});
    EXPECT_EQ(waiting.answer().status, 200U);
    job.responder.send({});
}

TEST(ServerLimits, IdleConnectionIsGivenUpForLackOfDescriptors) {
    KILN_SKIP_WITHOUT_DESCRIPTORS();
    Server server{{}, echo};
    RawClient idle{server.port()};
    idle.ask("GET /");
    EXPECT_EQ(idle.answer().status, 200U);
    RawClient other;
    {
        const NoDescriptors none;
        other.connect(server.port());
        other.ask("GET /");
        EXPECT_EQ(other.answer().status, 200U);
    }
    EXPECT_TRUE(idle.ended());
}

}  // namespace

}  // namespace kiln::net
