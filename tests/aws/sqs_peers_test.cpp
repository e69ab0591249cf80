// SqsQueue against servers: the conformance suites of message queues, as every driver has to pass
// them.

#include "aws/sqs_connect.hpp"
#include "cli/credentials.hpp"
#include "cli/server_note.hpp"
#include "os/files.hpp"
#include "peer_process.hpp"
#include "ports/testing/queue_time_suite.hpp"

#include <map>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace kiln::aws::testing {
namespace {

const ports::SystemClock kClock;

/// A queue of this run alone: an emulator keeps no namespaces, and AWS frees a name after a minute.
std::string unique_name(const std::string& stem) {
    static int count = 0;
    return fmt::format("t{}-{}-{}", ::getpid(), ++count, stem);
}

struct Server {
    os::TempDir folder;
    std::unique_ptr<PeerProcess> process;
    std::unique_ptr<SqsQueue> queue;
};

/// What each driver shares: a server that is there for all of its tests.
class Driver {
  public:
    explicit Driver(SqsQueue& queue) : queue_{queue} {}

    ports::MessageQueue& queue() { return queue_; }

    ports::QueueAdmin& admin() { return queue_; }

    /// Servers have clocks of their own: there is nothing but to wait.
    static void advance(std::chrono::seconds span) { std::this_thread::sleep_for(span); }

    static std::string name(const std::string& stem) { return unique_name(stem); }

  private:
    SqsQueue& queue_;
};

/// moto, an emulator of AWS that others wrote.
class Moto : public Driver {
  public:
    Moto() : Driver{*server().queue} {}

    static std::optional<std::string> unavailable() {
        if (!std::filesystem::exists(program())) {
            return "moto's server is not installed; scripts/test_peers does that";
        }
        const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
        const auto other = divergences().find(test);
        return other == divergences().end() ? std::nullopt : std::optional{other->second};
    }

    static std::chrono::seconds patience() { return std::chrono::seconds{0}; }

    static void stop() { server_.reset(); }

  private:
    static std::filesystem::path program() {
        return std::filesystem::path{variable_of_process("KILN_TEST_PEERS")} / "bin/moto_server";
    }

    /// Where moto is not like SQS, by test. What SQS does there is tested against kiln's server.
    static const std::map<std::string, std::string>& divergences() {
        static const std::map<std::string, std::string> all{
            {"WhatIsNoReceiptIsInvalidAndADeletedMessageAConflict",
             "moto takes the receipt of a deleted message for no receipt"},
            {"AFifoGroupComesInItsOrderAndIsBlockedByWhatIsInFlight",
             "moto gives FIFO messages no sequence numbers"},
            {"AFifoDuplicateIsSentOnce", "moto sends a duplicate with another body again"},
            {"AFifoDeliveryThatIsOverIsAConflict", "moto deletes with an expired FIFO receipt"},
            {"DeadLettersAreSetAsideAndRedriven", "moto has no message move tasks"},
        };
        return all;
    }

    static Server& server() {
        if (!server_) {
            server_ = std::make_unique<Server>();
            server_->folder =
                os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-moto");
            server_->process = std::make_unique<PeerProcess>(
                os::Command{.argv = {program(), "-H", "127.0.0.1", "-p", "0"}},
                server_->folder.path() / "log"
            );
            const auto url = server_->process->wait_for(
                [](const std::string& log) -> std::optional<std::string> {
                    constexpr std::string_view before = "Running on ";
                    const auto at = log.find(before);
                    const auto end = at == std::string::npos ? at : log.find('\n', at);
                    if (end == std::string::npos) {
                        return std::nullopt;
                    }
                    return log.substr(at + before.size(), end - at - before.size());
                }
            );
            server_->queue = connect_sqs(
                {{"AWS_ENDPOINT_URL_SQS", url},
                 {"AWS_REGION", "eu-west-1"},
                 {"AWS_ACCESS_KEY_ID", "test"},
                 {"AWS_SECRET_ACCESS_KEY", "test"}},
                kClock
            );
        }
        return *server_;
    }

    static inline std::unique_ptr<Server> server_;
};

/// kiln's own, the program.
class Kiln : public Driver {
  public:
    Kiln() : Driver{*server().queue} {}

    static std::optional<std::string> unavailable() {
        return std::filesystem::exists(program())
                   ? std::nullopt
                   : std::optional<std::string>{"KILN does not name the program"};
    }

    static std::chrono::seconds patience() { return std::chrono::seconds{0}; }

    static void stop() { server_.reset(); }

  private:
    static std::filesystem::path program() { return variable_of_process("KILN"); }

    static Server& server() {
        if (!server_) {
            server_ = std::make_unique<Server>();
            server_->folder =
                os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-server");
            const auto home = server_->folder.path() / "home";
            server_->process = std::make_unique<PeerProcess>(
                os::Command{
                    .argv = {program(), "serve", "--listen", "127.0.0.1:0"},
                    .environment = {{"KILN_HOME", home}}},
                server_->folder.path() / "log"
            );
            const auto url = server_->process->wait_for([&](const std::string&) {
                const auto note = cli::find_server(home);
                return note ? std::optional{note->url} : std::nullopt;
            });
            const auto keys = cli::load_credentials(home);
            server_->queue = connect_kiln(
                {"us-east-1", url}, {keys.access_key_id, keys.secret_access_key, ""}, kClock
            );
        }
        return *server_;
    }

    static inline std::unique_ptr<Server> server_;
};

class EndServers : public ::testing::Environment {
  public:
    void TearDown() override {
        Moto::stop();
        Kiln::stop();
    }
};

// GoogleTest owns it.
const auto* const kEndServers = ::testing::AddGlobalTestEnvironment(new EndServers);

}  // namespace
}  // namespace kiln::aws::testing

namespace kiln::ports::testing {
namespace {

using Moto = aws::testing::Moto;
using Kiln = aws::testing::Kiln;
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, QueueConformance, Moto);
INSTANTIATE_TYPED_TEST_SUITE_P(Moto, QueueTimeConformance, Moto);
INSTANTIATE_TYPED_TEST_SUITE_P(Kiln, QueueConformance, Kiln);
INSTANTIATE_TYPED_TEST_SUITE_P(Kiln, QueueTimeConformance, Kiln);

}  // namespace
}  // namespace kiln::ports::testing
