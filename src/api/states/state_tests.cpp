#include "api/states/state_tests.hpp"

namespace kiln::api::states {

namespace {

/// Engines number executions from 1: tests' tasks are those of none.
constexpr std::int64_t kNoExecution = 0;

/// How the call ended. nullopt: it has not.
std::optional<flow::CallEnd> end_of(const flow::TaskReport& report) {
    switch (report.what) {
        case flow::TaskReport::What::succeeded:
            return report.output;
        case flow::TaskReport::What::failed:
            return flow::ErrorOutput{report.error, report.cause};
        case flow::TaskReport::What::started:
        case flow::TaskReport::What::submitted:
            break;
    }
    return std::nullopt;
}

}  // namespace

class StateTests::TestWorld final : public flow::World {
  public:
    explicit TestWorld(StateTests& tests) : tests_{tests} {}

    TimePoint now() override { return tests_.clock_.now(); }

    std::uint64_t random() override { return tests_.chance_.random(); }

    std::string uuid() override { return tests_.chance_.uuid(); }

    /// Nobody can report it: a test has no execution.
    std::string token(flow::TaskNumber) override { return uuid(); }

    bool activity_exists(std::string_view arn) override {
        return tests_.registry_.has_activity(arn);
    }

  private:
    StateTests& tests_;
};

void StateTests::run(const flow::TestStateRequest& request, ReplyPtr reply) {
    TestWorld world{*this};
    const auto outcome = flow::test_state(request, world, {});
    if (const auto* const refusal = std::get_if<flow::Refusal>(&outcome)) {
        reply->fail(*refusal);
    } else if (const auto* const answer = std::get_if<json::object>(&outcome)) {
        reply->succeed(*answer);
    } else {
        call(std::get<flow::TestCall>(outcome), std::move(reply));
    }
}

void StateTests::call(const flow::TestCall& call, ReplyPtr reply) {
    const auto task = ++last_task_;
    reply->on_gone([this, task] { runner_.cancel(kNoExecution, task); });
    flow::TaskCall made;
    made.execution = kNoExecution;
    made.task = task;
    made.resource = call.resource;
    made.parameters = call.parameters;
    made.credentials = call.credentials;
    runner_.run(
        std::move(made),
        [this, call, reply = std::move(reply)](const flow::TaskReport& report) {
            if (const auto end = end_of(report)) {
                TestWorld world{*this};
                reply->succeed(flow::finish_test(call, *end, world));
            }
        }
    );
}

}  // namespace kiln::api::states
