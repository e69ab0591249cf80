#pragma once

#include "api/aws_router.hpp"
#include "api/states/reply.hpp"
#include "api/states/service.hpp"
#include "api/tests/states_fake_engine.hpp"
#include "aws/sigv4.hpp"
#include "base/guarded.hpp"
#include "base/json.hpp"
#include "base/sha256.hpp"
#include "net/server.hpp"
#include "net/tests/raw_client.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_machine_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Step Functions' API over a real connection: server, router, service and registry together.
namespace kiln::api::states::testing {

using net::testing::RawClient;

const aws::Credentials kKey{"AK", "secret", ""};

constexpr std::string_view kDefinition =
    R"({"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}})";
constexpr std::string_view kOtherDefinition =
    R"({"StartAt":"B","States":{"B":{"Type":"Succeed"}}})";
const std::string kPrefix = "arn:aws:states:us-east-1:000000000000:";

/// What the API asks of an engine without executions of its own.
class NoDefinitions final : public flow::Definitions {
  public:
    asl::StateMachinePtr revision(std::int64_t) override { return nullptr; }

    bool has_activity(std::string_view) override { return false; }
};

/// Tasks that end when the test says so.
class HeldTasks final : public flow::TaskRunner {
  public:
    void run(flow::TaskCall call, Report report) override {
        auto tasks = tasks_.lock();
        tasks->emplace_back(std::move(call), std::move(report));
    }

    void cancel(std::int64_t, std::int64_t) override {}

    /// The task that was called last, when there is one.
    [[nodiscard]] std::optional<std::pair<flow::TaskCall, Report>> last() {
        auto tasks = tasks_.lock();
        return tasks->empty() ? std::nullopt : std::optional{tasks->back()};
    }

  private:
    Guarded<std::vector<std::pair<flow::TaskCall, Report>>> tasks_;
};

/// Of distributed Maps, which no test here runs.
class NoItems final : public flow::ItemSource {
  public:
    flow::Payload read(const asl::Resource&, const json::value&, const json::object&) override {
        return nullptr;
    }

    void write(const json::value&, const std::string&, const std::string&) override {}
};

class NoFlows final : public ports::FlowStore {
  public:
    void visit_waiting(const std::function<void(const Waiting&)>&) override {}

    void visit_open(const std::function<void(ports::ExecutionNumber, std::string_view)>&) override {
    }

    ports::ExecutionNumber last_number() override { return 0; }

    std::int64_t last_event(ports::ExecutionNumber) override { return 0; }

    std::optional<ports::ExecutionRow> find(std::string_view) override { return std::nullopt; }

    std::optional<ports::ExecutionRow> find(ports::ExecutionNumber) override {
        return std::nullopt;
    }

    std::vector<ports::FrameRow> frames(ports::ExecutionNumber) override { return {}; }

    std::vector<ports::ExecutionRow> list(const ports::ExecutionFilter&) override { return {}; }

    std::vector<ports::HistoryChunk> history(ports::ExecutionNumber, std::int64_t, std::int64_t)
        override {
        return {};
    }

    std::optional<ports::MapRunRow> find_map_run(std::string_view) override { return std::nullopt; }

    std::vector<ports::MapRunRow> map_runs(ports::ExecutionNumber) override { return {}; }

    std::vector<ports::MapRunRow> open_map_runs() override { return {}; }

    void
    visit_children(std::string_view, std::int64_t, const std::function<bool(const ports::ExecutionRow&)>&)
        override {}

    std::vector<ports::ExecutionNumber> ended_before(TimePoint, std::size_t) override { return {}; }

    void apply(ports::FlowChanges, Applied done) override { done(nullptr); }
};

struct Answer {
    unsigned status = 0;
    json::object body;
    net::Headers headers;

    [[nodiscard]] std::string text(std::string_view member) const {
        const auto* const value = body.if_contains(member);
        return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
    }
};

class Conversation : public ::testing::Test {
  protected:
    RawClient connect() const { return RawClient{server_.port()}; }

    /// Sends a signed request.
    void send(RawClient& client, std::string_view operation, const std::string& body) const {
        net::Headers headers{
            {"Content-Type", "application/x-amz-json-1.0"},
            {"X-Amz-Target", "AWSStepFunctions." + std::string{operation}},
            {"Host", "test"}};
        aws::Signing signing;
        signing.credentials = kKey;
        signing.region = "us-east-1";
        signing.service = "states";
        signing.at = clock_.now();
        const auto made = sign_by_header(
            {"POST", "/", "", headers.all(), sha256(body)},
            signing,
            signing_key(kKey.secret_access_key, signing.scope())
        );
        std::string fields;
        for (const auto& list : {headers.all(), made.headers}) {
            for (const auto& [name, value] : list) {
                if (name != "Host") {
                    fields += name + ": " + value + "\r\n";
                }
            }
        }
        ASSERT_TRUE(client.ask("POST /", fields, body));
    }

    static Answer read(RawClient& client) {
        auto answer = client.answer();
        return {answer.status, parse_json(answer.body).as_object(), answer.headers};
    }

    Answer ask_text(std::string_view operation, const std::string& body) const {
        auto client = connect();
        send(client, operation, body);
        return read(client);
    }

    Answer ask(std::string_view operation, const json::object& input) const {
        return ask_text(operation, json::serialize(input));
    }

    /// As `ask`, of what has to succeed.
    json::object done(std::string_view operation, const json::object& input) const {
        const auto answer = ask(operation, input);
        EXPECT_EQ(answer.status, 200U) << operation << ": " << json::serialize(answer.body);
        return answer.body;
    }

    /// "CODE: MESSAGE" of what is refused.
    std::string refusal(std::string_view operation, const json::object& input) const {
        const auto answer = ask(operation, input);
        EXPECT_EQ(answer.status, 400U) << json::serialize(answer.body);
        return answer.text("__type") + ": " + answer.text("message");
    }

    /// Its ARN.
    std::string create(const json::object& more = {}) const {
        json::object input{{"name", "m"}, {"definition", kDefinition}, {"roleArn", "role"}};
        for (const auto& member : more) {
            input[member.key()] = member.value();
        }
        return std::string{done("CreateStateMachine", input).at("stateMachineArn").as_string()};
    }

    static std::vector<std::unique_ptr<AwsService>> services(
        machines::Registry& registry,
        flow::Engine& engine,
        flow::TaskRunner& tasks,
        const ports::Clock& clock
    ) {
        std::vector<std::unique_ptr<AwsService>> made;
        made.push_back(std::make_unique<Service>(
            Service::Parts{registry, engine, tasks, clock},
            "token key",
            StateTests::Chance{
                [] { return std::string{"00000000-0000-4000-8000-000000000000"}; },
                [] { return std::uint64_t{0}; }}
        ));
        return made;
    }

    ports::testing::FakeClock clock_;
    ports::testing::MemoryMachineStore store_;
    NoDefinitions definitions_;
    HeldTasks tasks_;
    NoFlows flows_;
    NoItems items_;
    ports::testing::FakeSteadyClock steady_;
    flow::Engine engine_{
        flow::EngineWorld{flows_, definitions_, tasks_, items_, clock_, steady_}, {}};
    std::uint64_t random_ = 0;
    int uuids_ = 0;
    machines::Registry registry_{
        store_,
        clock_,
        {.uuid = [this] { return "uuid-" + std::to_string(++uuids_); },
         .random = [this] { return random_; },
         .open_executions = [](std::string_view) { return std::size_t{0}; }}};
    AwsAuthenticator authenticator_{{kKey}, "us-east-1", clock_};
    AwsRouter router_{services(registry_, engine_, tasks_, clock_), authenticator_};
    /// Who has hung up is noticed at once.
    net::Server server_{
        {.watch_after = std::chrono::milliseconds{1}},
        [this](net::Request request, net::Responder responder) {
            router_.handle(std::move(request), std::move(responder), "request-1");
        }};
};

}  // namespace kiln::api::states::testing
