#include "net/server.hpp"
#include "net/tests/parked.hpp"
#include "net/tests/raw_client.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::net {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::echo;
using testing::Parked;
using testing::RawClient;
using testing::Signal;

/// @returns false: nobody listens there
bool can_connect(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool good =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return good;
}

TEST(Shutdown, OwnersAnswerWhatTheyParkedAfterNobodyIsLetInAnyMore) {
    Parked parked;
    Server server{{}, parked.handler()};
    std::vector<RawClient> clients;
    for (int i = 0; i < 10; ++i) {
        clients.emplace_back(server.port());
        clients.back().ask("GET /");
    }
    parked.wait_for(10);
    bool listening = true;
    server.shutdown(Deadline::after(seconds{20}), [&] {
        listening = can_connect(server.port());
        for (int i = 0; i < 10; ++i) {
            parked.take().responder.send({200, {}, "nothing yet"});
        }
    });
    EXPECT_FALSE(listening);
    for (auto& client : clients) {
        const auto answer = client.answer();
        EXPECT_EQ(answer.body, "nothing yet");
        EXPECT_EQ(answer.headers.value_or("Connection", ""), "close");
        EXPECT_TRUE(client.ended());
    }
    EXPECT_EQ(server.counters().connections_open, 0U);
}

TEST(Shutdown, WaitsForHandlersThatRun) {
    Signal started;
    Signal go_on;
    Server server{{}, [&](const Request&, Responder responder) {
                      started.give();
                      go_on.wait();
                      responder.send({200, {}, "done"});
                  }};
    RawClient client{server.port()};
    client.ask("GET /");
    started.wait();
    server.shutdown(Deadline::never(), [&] { go_on.give(); });
    EXPECT_EQ(client.answer().body, "done");
}

TEST(Shutdown, IdleConnectionsAreClosedAtOnce) {
    Server server{{}, echo};
    RawClient fresh{server.port()};
    RawClient used{server.port()};
    used.ask("GET /");
    EXPECT_EQ(used.answer().status, 200U);
    server.shutdown(Deadline::never());
    EXPECT_TRUE(fresh.ended());
    EXPECT_TRUE(used.ended());
}

TEST(Shutdown, WhatNobodyAnswersIsAnswered503) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto job = parked.take();
    server.shutdown(Deadline::after(milliseconds{1}));
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 503U);
    EXPECT_TRUE(answer.whole);
    job.responder.send({200, {}, "too late"});
}

TEST(Shutdown, RequestThatComesMeanwhileIsRefused) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient parked_client{server.port()};
    parked_client.ask("GET /");
    auto job = parked.take();
    RawClient slow{server.port()};
    const auto before = server.counters().bytes_received;
    slow.send("GET / HTTP/1.1\r\n");
    while (server.counters().bytes_received == before) {
        std::this_thread::yield();
    }
    server.shutdown(Deadline::never(), [&] {
        slow.send("Host: h\r\n\r\n");
        EXPECT_EQ(slow.answer().status, 503U);
        job.responder.send({});
    });
    EXPECT_EQ(parked_client.answer().status, 200U);
    EXPECT_EQ(server.counters().refused.draining, 1U);
}

TEST(Shutdown, StreamsThatTheirOwnersCloseAreWhole) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto stream = parked.take().responder.stream({200, {}, "begin "});
    server.shutdown(Deadline::never(), [&] {
        stream.write("end");
        stream.close();
    });
    const auto answer = client.answer();
    EXPECT_EQ(answer.body, "begin end");
    EXPECT_TRUE(answer.whole);
}

TEST(Shutdown, StreamsThatStayOpenAreCut) {
    Parked parked;
    Server server{{}, parked.handler()};
    RawClient client{server.port()};
    client.ask("GET /");
    auto stream = parked.take().responder.stream({200, {}, "begin"});
    EXPECT_EQ(client.head().status, 200U);
    server.shutdown(Deadline::after(milliseconds{1}));
    EXPECT_FALSE(stream.open());
    EXPECT_EQ(client.chunk(), "begin");
    EXPECT_TRUE(client.ended());
}

TEST(Shutdown, UnderLoadNobodyIsLeftWithoutAnEnd) {
    Server server{{.handler_threads = 2}, echo};
    Signal warm;
    std::vector<RawClient> clients;  // connected before anybody can end the server
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back(server.port());
    }
    std::vector<std::jthread> threads;
    for (auto& client : clients) {
        threads.emplace_back([&] {
            while (client.ask("GET /") && client.answer().status == 200) {
                warm.give();
            }
        });
    }
    warm.wait();
    server.shutdown(Deadline::after(seconds{20}));
}

}  // namespace

}  // namespace kiln::net
