#pragma once

#include "asl/parse.hpp"
#include "flow/engine/engine.hpp"
#include "flow/engine/tests/faulty_store.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_flow_store.hpp"

#include <future>
#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::flow::testing {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// A call whose answer may be looked at later.
template <class T>
class Answer {
  public:
    Callback<T> callback() {
        return [promise = promise_](Result<T> result) { promise->set_value(std::move(result)); };
    }

    [[nodiscard]] bool ready() const {
        return future_.wait_for(seconds{0}) == std::future_status::ready;
    }

    Result<T> get() { return future_.get(); }

  private:
    std::shared_ptr<std::promise<Result<T>>> promise_ = std::make_shared<std::promise<Result<T>>>();
    std::future<Result<T>> future_ = promise_->get_future();
};

/// Definitions by their numbers.
class KnownDefinitions final : public Definitions {
  public:
    [[nodiscard]] asl::StateMachinePtr revision(std::int64_t number) override {
        return machines_.at(static_cast<std::size_t>(number));
    }

    [[nodiscard]] bool has_activity(std::string_view arn) override {
        return arn.find("nobody") == std::string_view::npos;
    }

    /// @returns  its revision
    std::int64_t add(const std::string& definition) {
        auto parsed = asl::parse_definition(definition);
        KILN_CHECK(parsed.machine != nullptr);
        machines_.push_back(std::move(parsed.machine));
        return static_cast<std::int64_t>(machines_.size()) - 1;
    }

  private:
    std::vector<asl::StateMachinePtr> machines_;
};

/// Notes calls; a test reports them.
class NotedCalls final : public TaskRunner {
  public:
    void run(TaskCall call, Report report) override {
        auto calls = calls_.lock();
        calls->emplace_back(std::move(call), std::move(report));
        arrived_.notify_all();
    }

    void cancel(std::int64_t, std::int64_t task) override { cancelled_.lock()->push_back(task); }

    /// Waits for the nth call, from 0.
    std::pair<TaskCall, Report> at(std::size_t n) {
        auto calls = calls_.lock();
        arrived_.wait(calls.raw(), [&] { return calls->size() > n; });
        return (*calls)[n];
    }

    [[nodiscard]] std::size_t size() { return calls_.lock()->size(); }

    [[nodiscard]] std::vector<std::int64_t> cancelled() { return *cancelled_.lock(); }

  private:
    Guarded<std::vector<std::pair<TaskCall, Report>>> calls_;
    Guarded<std::vector<std::int64_t>> cancelled_;
    std::condition_variable arrived_;
};

/// Items and files in memory.
class MemoryItems final : public ItemSource {
  public:
    [[nodiscard]] Payload read(const asl::Resource&, const json::value&, const json::object&)
        override {
        stop_if_ending();
        auto items = items_.lock();
        if (*items == nullptr) {
            throw TaskFailure{"States.ItemReaderFailed", "no such object"};
        }
        return *items;
    }

    void write(const json::value&, const std::string& file, const std::string& text) override {
        stop_if_ending();
        files_.lock()->insert_or_assign(file.substr(file.find('/') + 1), text);
    }

    void set(Payload items) { *items_.lock() = std::move(items); }

    /// As in a process that is about to end. @returns  ready when something was asked for
    std::future<void> begin_end() { return ending_.lock()->emplace().get_future(); }

    /// As in the next process.
    void begin() { ending_.lock()->reset(); }

    [[nodiscard]] std::map<std::string, std::string> files() { return *files_.lock(); }

  private:
    void stop_if_ending() {
        auto ending = ending_.lock();
        if (!ending->has_value()) {
            return;
        }
        (*ending)->set_value();
        throw Error{ErrorKind::cancelled, "stopped"};
    }

    Guarded<std::optional<std::promise<void>>> ending_;
    Guarded<Payload> items_;
    Guarded<std::map<std::string, std::string>> files_;
};

/// An engine on a store in memory, with clocks that are cranked.
class EngineTest : public ::testing::Test {
  protected:
    EngineTest() {
        settings_.token_secret = "a secret of the home folder";
        begin();
    }

    void begin() {
        engine_.emplace(
            EngineWorld{store_, definitions_, runner_, items_, wall_, steady_}, settings_
        );
    }

    /// As a process that ends and starts again.
    void restart() {
        engine_.reset();
        begin();
    }

    void advance(Duration by) {
        wall_.advance(by);
        steady_.advance(by);
        engine_->wake();
    }

    /// Returns when all that was asked for before has been looked at.
    void settle() { EXPECT_EQ(refusal(stop("arn:of:nobody")), "ExecutionDoesNotExist"); }

    std::int64_t machine(const std::string& states, const std::string& more = "") {
        return definitions_.add(R"({"StartAt":"A","States":{)" + states + "}" + more + "}");
    }

    StartSpec spec(
        std::int64_t revision, const std::string& name = "", const std::string& input = "{}"
    ) {
        StartSpec spec;
        spec.machine.revision = revision;
        spec.machine.arn = "arn:aws:states:us-east-1:000000000000:stateMachine:M";
        spec.machine.name = "M";
        spec.machine.role_arn = "role";
        spec.machine.machine = definitions_.revision(revision);
        spec.name = name;
        spec.input = input;
        return spec;
    }

    Result<StartedExecution> try_start(StartSpec spec) {
        Answer<StartedExecution> answer;
        engine_->start(std::move(spec), answer.callback());
        return answer.get();
    }

    std::string start(
        std::int64_t revision, const std::string& name = "", const std::string& input = "{}"
    ) {
        return std::get<StartedExecution>(try_start(spec(revision, name, input))).arn;
    }

    Answer<ExecutionView> watch(const std::string& arn) {
        Answer<ExecutionView> answer;
        engine_->watch(arn, answer.callback());
        return answer;
    }

    /// Waits for its end.
    ports::ExecutionRow end_of(const std::string& arn) {
        return std::get<ExecutionView>(watch(arn).get()).row;
    }

    ExecutionView describe(const std::string& arn) {
        return std::get<ExecutionView>(engine_->describe(arn));
    }

    std::vector<HistoryEvent> history(const std::string& arn) {
        return std::get<HistoryPage>(engine_->history(arn, {}, 100'000, false)).events;
    }

    std::vector<std::string> types(const std::string& arn) {
        std::vector<std::string> types;
        for (const auto& event : history(arn)) {
            types.emplace_back(to_string(event.type));
        }
        return types;
    }

    Answer<ActivityTask> poll(const std::string& activity = kActivity, seconds wait = seconds{60}) {
        Answer<ActivityTask> answer;
        ticket_ = engine_->take_task(activity, "w", wait, answer.callback());
        return answer;
    }

    ActivityTask take(const std::string& activity = kActivity) {
        return std::get<ActivityTask>(poll(activity).get());
    }

    Result<Done> succeed(const std::string& token, const std::string& output = "1") {
        Answer<Done> answer;
        engine_->task_succeeded(token, output, answer.callback());
        return answer.get();
    }

    Result<Done> fail(const std::string& token, const std::string& error) {
        Answer<Done> answer;
        engine_->task_failed(token, error, "why", answer.callback());
        return answer.get();
    }

    Result<Done> beat(const std::string& token) {
        Answer<Done> answer;
        engine_->task_heartbeat(token, answer.callback());
        return answer.get();
    }

    Result<TimePoint> stop(const std::string& arn) {
        Answer<TimePoint> answer;
        engine_->stop(arn, "E", "C", answer.callback());
        return answer.get();
    }

    Result<TimePoint> redrive(const std::string& arn, const std::string& token = "") {
        Answer<TimePoint> answer;
        engine_->redrive(arn, token, answer.callback());
        return answer.get();
    }

    template <class T>
    static std::string refusal(const Result<T>& result) {
        const auto* const refusal = std::get_if<Refusal>(&result);
        return refusal != nullptr ? refusal->code : "";
    }

    static constexpr const char* kActivity = "arn:aws:states:us-east-1:000000000000:activity:work";
    static constexpr const char* kTask =
        R"("A":{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:work","End":true})";
    static constexpr const char* kWait = R"("A":{"Type":"Wait","Seconds":100,"End":true})";
    static constexpr const char* kPass = R"("A":{"Type":"Pass","End":true})";
    static constexpr const char* kCall =
        R"("A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Parameters":{"QueueUrl":"q","MessageBody":"b"},"End":true})";

    EngineSettings settings_;
    ports::testing::FakeClock wall_;
    ports::testing::FakeSteadyClock steady_;
    ports::testing::MemoryFlowStore disk_;
    FaultyStore store_{disk_};
    KnownDefinitions definitions_;
    NotedCalls runner_;
    MemoryItems items_;
    std::optional<Engine> engine_;
    PollTicket ticket_ = 0;
};

}  // namespace kiln::flow::testing
