// A real redis-server that is stopped, killed, full, slow or cut off: nothing that was answered is
// lost, and errors say what is wrong.

#include "base/testing/kind_of.hpp"
#include "redis/redis_queue.hpp"
#include "redis/sidekiq_jobs.hpp"
#include "redis_server.hpp"

#include <set>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::redis::testing {
namespace {

using namespace std::chrono_literals;

const ports::SystemClock kClock;

class RedisFaults : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = no_server()) {
            GTEST_SKIP() << *why;
        }
    }

    void open(std::vector<std::string> options = {}, ClientLimits limits = {}) {
        server.emplace(std::move(options));
        client.emplace(server->location(), limits);
        queue.emplace(*client, kClock);
        jobs.emplace(*client, kClock, [] { return 0.0; });
        queue->create({.name = "q"});
    }

    void send(const std::string& body) { queue->send("q", {{.body = body}}); }

    std::vector<ports::ReceivedMessage> receive(int at_most = 10, std::chrono::seconds wait = 0s) {
        return queue->receive("q", {.at_most = at_most, .wait = wait}, {});
    }

    std::optional<RedisServer> server;
    std::optional<Client> client;
    std::optional<RedisQueue> queue;
    std::optional<SidekiqJobs> jobs;
};

TEST_F(RedisFaults, AServerThatRestartsHasLostNothingAndIsReachedAgain) {
    open();
    send("waits");
    send("is held");
    ASSERT_EQ(receive(1).size(), 1U);
    server->stop();
    const auto error = error_of([&] { send("not sent"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::unavailable);
    EXPECT_THAT(error->message(), ::testing::HasSubstr(server->location().shown()));
    server->start();
    const auto depth = queue->depth("q");
    EXPECT_EQ(depth.visible, 1);
    EXPECT_EQ(depth.in_flight, 1);
    send("again");
    EXPECT_EQ(receive().size(), 2U);
}

TEST_F(RedisFaults, OnlyAServerThatWritesBeforeItAnswersIsDurable) {
    open();
    EXPECT_TRUE(client->is_durable());
    for (const auto& options : std::vector<std::vector<std::string>>{
             {"--appendfsync", "everysec"},
             {"--appendonly", "no"},
             {"--rename-command", "CONFIG", ""}}) {
        open(options);
        EXPECT_FALSE(client->is_durable()) << options[0];
    }
}

TEST_F(RedisFaults, WhatWasAnsweredSurvivesKillMinusNine) {
    open();
    std::set<std::string> answered;
    std::atomic<bool> killed{false};
    {
        std::jthread sender{[&] {
            for (int i = 0; !killed; ++i) {
                const auto body = fmt::format("message {}", i);
                try {
                    send(body);
                    answered.insert(body);
                } catch (const Error& error) {
                    EXPECT_TRUE(retryable(error.kind())) << error.message();
                    return;
                }
            }
        }};
        while (client->call({"LLEN", "queue:q"}).number() < 200) {
            std::this_thread::yield();
        }
        server->kill();
        killed = true;
    }
    server->start();
    std::set<std::string> found;
    for (auto some = receive(); !some.empty(); some = receive()) {
        for (const auto& one : some) {
            EXPECT_TRUE(found.insert(one.body).second) << "twice: " << one.body;
        }
    }
    EXPECT_GE(answered.size(), 190U);
    EXPECT_TRUE(std::includes(found.begin(), found.end(), answered.begin(), answered.end()));
    EXPECT_LE(found.size(), answered.size() + 1);
}

TEST_F(RedisFaults, AJobThatEndsWhileTheServerIsAwayIsFinishedWhenItIsBack) {
    open();
    jobs->push({.kind = "A", .queue = "jobs"});
    const auto job = jobs->take("jobs", 0s, {});
    ASSERT_TRUE(job);
    server->kill();
    EXPECT_EQ(kind_of([&] { jobs->finish(*job); }), ErrorKind::unavailable);
    server->start();
    jobs->finish(*job);
    EXPECT_EQ(client->call({"GET", "stat:processed"}).text, "1");
    EXPECT_EQ(client->call({"HLEN", "kiln:q:jobs:held"}).number(), 0);
}

TEST_F(RedisFaults, AFullServerTakesNothingMoreButGivesAndForgets) {
    open();
    for (int i = 0; i < 20; ++i) {
        send(std::string(10'000, 'x'));
    }
    client->call({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    client->call({"CONFIG", "SET", "maxmemory", "1mb"});
    const auto error = error_of([&] { send("one more"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::exhausted);
    EXPECT_THAT(error->hint(), ::testing::HasSubstr("maxmemory"));
    EXPECT_EQ(kind_of([&] { jobs->push({.kind = "A", .queue = "q"}); }), ErrorKind::exhausted);
    int received = 0;
    for (auto some = receive(); !some.empty(); some = receive()) {
        for (const auto& one : some) {
            queue->remove("q", one.receipt);
            ++received;
        }
    }
    EXPECT_EQ(received, 20);
    EXPECT_TRUE(receive(1, 1s).empty()) << "waiting on a full server is no error";
    client->call({"CONFIG", "SET", "maxmemory", "0"});
    send("one more");
    EXPECT_EQ(receive().size(), 1U);
}

TEST_F(RedisFaults, AJobThatFailsOnAFullServerIsKeptForItsRetry) {
    open();
    jobs->push({.kind = "A", .queue = "jobs"});
    const auto job = jobs->take("jobs", 0s, {});
    ASSERT_TRUE(job);
    client->call({"CONFIG", "SET", "maxmemory", "1mb"});
    jobs->fail(*job, {"E", "m"});
    EXPECT_EQ(client->call({"ZCARD", "retry"}).number(), 1);
}

TEST_F(RedisFaults, ASlowServerIsAnErrorOnceItsTimeIsUpAndIsAskedAgainLater) {
    open({}, {.answer = 200ms});
    send("a");
    {
        Client other{server->location()};
        other.call({"CLIENT", "PAUSE", "1000", "ALL"});
    }
    const auto error = error_of([&] { send("b"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::timed_out);
    EXPECT_THAT(error->message(), ::testing::HasSubstr("not known"));
    client.reset();
    client.emplace(server->location(), ClientLimits{.answer = 5'000ms});
    const auto bodies = [&] {
        std::set<std::string> all;
        for (const auto& one : receive()) {
            all.insert(one.body);
        }
        return all;
    }();
    EXPECT_TRUE(bodies.contains("a"));
}

TEST_F(RedisFaults, AConnectionThatIsCutWhileItWaitsIsMadeAnew) {
    open();
    std::vector<ports::ReceivedMessage> got;
    {
        std::jthread receiver{[&] { got = receive(1, 20s); }};
        const auto blocked = [&] {
            return client->call({"INFO", "clients"}).text.find("blocked_clients:1") !=
                   std::string::npos;
        };
        while (!blocked()) {
            std::this_thread::yield();
        }
        client->call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        send("a");
    }
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].body, "a");
}

TEST_F(RedisFaults, NothingIsTakenForAReceiverThatIsStopped) {
    open();
    for (int i = 0; i < 20; ++i) {
        std::stop_source stop;
        std::vector<ports::ReceivedMessage> got;
        {
            std::jthread receiver{
                [&] { got = queue->receive("q", {.wait = 20s}, stop.get_token()); }};
            send("a");
            stop.request_stop();
        }
        if (got.empty()) {
            got = receive();
        }
        ASSERT_EQ(got.size(), 1U) << i;
        queue->remove("q", got[0].receipt);
    }
}

TEST_F(RedisFaults, AWrongPasswordIsDeniedAndNotShown) {
    server.emplace(std::vector<std::string>{"--requirepass", "right"});
    auto place = server->location();
    Client none{place};
    EXPECT_EQ(kind_of([&] { none.call({"PING"}); }), ErrorKind::denied);
    place.password = "wrong-one";
    Client wrong{place};
    const auto error = error_of([&] { wrong.call({"PING"}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::denied);
    EXPECT_THAT(error->message(), ::testing::Not(::testing::HasSubstr("wrong-one")));
    place.password = "right";
    Client right{place};
    EXPECT_EQ(right.call({"PING"}).text, "PONG");
}

TEST_F(RedisFaults, DatabasesAreApartAndOneThatIsNotThereIsInvalid) {
    open();
    send("in the first");
    Client other{server->location(3)};
    RedisQueue others{other, kClock};
    EXPECT_TRUE(others.list("").empty());
    Client none{server->location(99)};
    EXPECT_EQ(kind_of([&] { none.call({"PING"}); }), ErrorKind::invalid);
}

TEST_F(RedisFaults, WhatIsNotRedisIsUnavailable) {
    Location place;
    place.host = "127.0.0.1";
    place.port = 1;
    Client nobody{place};
    EXPECT_EQ(kind_of([&] { nobody.call({"PING"}); }), ErrorKind::unavailable);
}

TEST_F(RedisFaults, ATlsServerIsReachedWhenItsCertificateIsTrusted) {
    const auto folder =
        os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-redis-tls");
    const auto key = (folder.path() / "key").string();
    const auto certificate = (folder.path() / "certificate").string();
    os::run_checked(
        {.argv =
             {"openssl",
              "req",
              "-x509",
              "-newkey",
              "ec",
              "-pkeyopt",
              "ec_paramgen_curve:P-256",
              "-nodes",
              "-days",
              "1",
              "-subj",
              "/CN=localhost",
              "-addext",
              "subjectAltName=DNS:localhost",
              "-keyout",
              key,
              "-out",
              certificate}}
    );
    server.emplace(std::vector<std::string>{});
    const auto port = static_cast<std::uint16_t>(server->location().port);
    const auto tls_port = free_port();
    Client plain{server->location()};
    // A second port with TLS beside the first.
    plain.call(
        {"CONFIG",
         "SET",
         "tls-cert-file",
         certificate,
         "tls-key-file",
         key,
         "tls-auth-clients",
         "no",
         "tls-port",
         std::to_string(tls_port)}
    );
    Location place;
    place.host = "localhost";
    place.port = tls_port;
    place.tls = true;
    Client untrusting{place};
    EXPECT_EQ(kind_of([&] { untrusting.call({"PING"}); }), ErrorKind::denied);
    ::setenv("SSL_CERT_FILE", certificate.c_str(), 1);
    Client trusting{place};
    EXPECT_EQ(trusting.call({"ECHO", std::string(300'000, 'x')}).text.size(), 300'000U);
    ::unsetenv("SSL_CERT_FILE");
    place.port = port;
    Client too_early{place, {.connect = 300ms}};  // Redis waits for more of what it takes for words
    EXPECT_EQ(kind_of([&] { too_early.call({"PING"}); }), ErrorKind::timed_out);
}

}  // namespace
}  // namespace kiln::redis::testing
