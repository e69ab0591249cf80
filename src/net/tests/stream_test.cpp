#include "base/error.hpp"
#include "net/server.hpp"
#include "net/tests/parked.hpp"
#include "net/tests/raw_client.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::net {

namespace {

using std::chrono::milliseconds;
using testing::Parked;
using testing::RawClient;
using testing::Signal;

const Response kEvents{200, {{"Content-Type", "text/event-stream"}}, ""};

TEST(Stream, PiecesArriveAsTheyAreWritten) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto stream = parked.take().responder.stream(kEvents);
    const auto head = client.head();
    EXPECT_EQ(head.status, 200U);
    EXPECT_EQ(head.headers.value_or("Transfer-Encoding", ""), "chunked");
    EXPECT_EQ(head.headers.value_or("Content-Type", ""), "text/event-stream");
    for (const auto* piece : {"one", "two", "three"}) {
        EXPECT_TRUE(stream.write(piece));
        EXPECT_EQ(client.chunk(), piece);
    }
    EXPECT_EQ(server.counters().streams, 1U);
    EXPECT_TRUE(stream.open());
    stream.close();
    EXPECT_FALSE(stream.open());
    EXPECT_FALSE(stream.write("late"));
    EXPECT_EQ(client.chunk(), "");
}

TEST(Stream, ConnectionServesTheNextRequestAfterwards) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto stream = parked.take().responder.stream({200, {}, "first "});
    stream.write("second");
    stream.close();
    const auto answer = client.answer();
    EXPECT_EQ(answer.body, "first second");
    EXPECT_TRUE(answer.whole);
    client.ask("GET /next");
    parked.take().responder.send({200, {}, "next"});
    EXPECT_EQ(client.answer().body, "next");
    EXPECT_EQ(server.counters().streams, 0U);
}

TEST(Stream, EmptyOneIsWhole) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    parked.take().responder.stream(kEvents).close();
    const auto answer = client.answer();
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.body, "");
}

TEST(Stream, DroppedUnclosedIsSeenToBeBroken) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    {
        auto stream = parked.take().responder.stream(kEvents);
        EXPECT_EQ(client.head().status, 200U);
        stream.write("half");
        EXPECT_EQ(client.chunk(), "half");
    }
    EXPECT_TRUE(client.ended());
}

TEST(Stream, OldClientGetsItUntilTheConnectionEnds) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto stream = parked.take().responder.stream(kEvents);
    stream.write("a");
    stream.write("b");
    stream.close();
    const auto answer = client.answer();
    EXPECT_FALSE(answer.headers.contains("Transfer-Encoding"));
    EXPECT_EQ(answer.headers.value_or("Connection", ""), "close");
    EXPECT_EQ(answer.body, "ab");
}

TEST(Stream, ToHeadIsClosedFromTheStart) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("HEAD /");
    auto stream = parked.take().responder.stream(kEvents);
    EXPECT_EQ(client.answer(true).status, 200U);
    EXPECT_FALSE(stream.write("x"));
    client.ask("HEAD /again");
    parked.take().responder.send({});
    EXPECT_EQ(client.answer(true).status, 200U);
}

TEST(Stream, HeadThatCannotBeSentIsAnswered500) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto stream = parked.take().responder.stream({200, {{"X", "a\r\nb: c"}}, ""});
    EXPECT_EQ(client.answer().status, 500U);
    EXPECT_FALSE(stream.write("x"));
}

TEST(Stream, ReaderThatFallsBehindIsCutOff) {
    Parked parked;
    Server server{{.max_stream_buffer = Bytes{256U << 10}}, parked.handler()};
    RawClient client{server.port(), 4096};
    client.ask("GET /");
    auto stream = parked.take().responder.stream(kEvents);
    const std::string piece(64U << 10, 'x');
    while (stream.write(piece)) {
    }
    EXPECT_FALSE(stream.open());
    EXPECT_FALSE(client.answer().whole);
    EXPECT_EQ(server.counters().refused.too_slow, 1U);
}

TEST(Stream, KnowsWhenItsClientIsGone) {
    Parked parked;
    Server server{{.watch_after = milliseconds{5}}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto job = parked.take();
    Signal gone;
    job.responder.on_gone([&] { gone.give(); });
    auto stream = job.responder.stream(kEvents);
    EXPECT_EQ(client.head().status, 200U);
    client.hang_up();
    gone.wait();
    while (stream.open()) {
        std::this_thread::yield();
    }
    EXPECT_FALSE(stream.write("x"));
}

TEST(Stream, ManyThreadsMayWriteAtOnce) {
    constexpr std::size_t kThreads = 8;
    constexpr std::size_t kPieces = 500;
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto stream = parked.take().responder.stream(kEvents);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                for (std::size_t piece = 0; piece < kPieces; ++piece) {
                    stream.write("piece;");
                }
            });
        }
    }
    stream.close();
    EXPECT_EQ(client.answer().body.size(), kThreads * kPieces * 6);
}

TEST(Stream, OutlivesItsServer) {
    Parked parked;
    std::optional<Server> server;
    server.emplace(ServerOptions{}, parked.handler());
    RawClient client{server->port()};
    client.ask("GET /");
    auto stream = parked.take().responder.stream(kEvents);
    EXPECT_EQ(client.head().status, 200U);
    server.reset();
    EXPECT_FALSE(stream.write("x"));
    EXPECT_TRUE(client.ended());
}

TEST(Stream, BegunAfterTheEndOfItsServerIsClosed) {
    Parked parked;
    std::optional<Server> server;
    server.emplace(ServerOptions{}, parked.handler());
    RawClient client{server->port()};
    client.ask("GET /");
    auto job = parked.take();
    server.reset();
    EXPECT_FALSE(job.responder.stream(kEvents).open());
}

TEST(ParkedRequest, ClientThatHangsUpIsNoticed) {
    Parked parked;
    Server server{{.watch_after = milliseconds{5}}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto job = parked.take();
    Signal gone;
    job.responder.on_gone([&] { gone.give(); });
    client.hang_up();
    gone.wait();
    job.responder.send({});
}

TEST(ParkedRequest, ClientThatHangsUpAfterAskingAgainIsNoticed) {
    Parked parked;
    Server server{{.watch_after = milliseconds{5}}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto job = parked.take();
    Signal gone;
    job.responder.on_gone([&] { gone.give(); });
    client.ask("GET /ahead");
    client.hang_up();
    gone.wait();
    job.responder.send({});
}

TEST(ParkedRequest, ClientThatIsDoneSendingGetsItsAnswer) {
    Parked parked;
    Server server{{.watch_after = milliseconds{5}}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    client.finish_sending();
    auto job = parked.take();
    Signal gone;
    job.responder.on_gone([&] { gone.give(); });
    gone.wait();
    job.responder.send({200, {}, "there"});
    EXPECT_EQ(client.answer().body, "there");
}

TEST(ParkedRequest, AnswerThatIsSentIsNotGone) {
    Parked parked;
    bool gone = false;
    {
        Server server{{}, parked.handler()};
        RawClient client{server.port()};
        client.ask("GET /");
        auto job = parked.take();
        job.responder.on_gone([&] { gone = true; });
        job.responder.send({});
        EXPECT_EQ(client.answer().status, 200U);
        client.hang_up();
    }
    EXPECT_FALSE(gone);
}

TEST(ParkedRequest, OutlivesItsServer) {
    Parked parked;
    std::optional<Server> server;
    server.emplace(ServerOptions{}, parked.handler());
    RawClient client{server->port()};
    client.ask("GET /");
    auto job = parked.take();
    server.reset();
    EXPECT_EQ(client.answer().status, 503U);
    job.responder.send({});
}

}  // namespace

}  // namespace kiln::net
