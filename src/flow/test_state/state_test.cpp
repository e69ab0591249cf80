#include "flow/test_state/state_test.hpp"

#include "flow/json_text.hpp"

#include <utility>

namespace kiln::flow {
namespace {

constexpr std::string_view kSucceeded = "SUCCEEDED";
constexpr std::string_view kFailed = "FAILED";
constexpr std::string_view kRetriable = "RETRIABLE";
constexpr std::string_view kCaught = "CAUGHT_ERROR";

Payload made(json::value value) {
    return std::make_shared<const json::value>(std::move(value));
}

TestEnd failed(const ErrorOutput& error, ErrorDetails details = {}) {
    TestEnd end;
    end.status = kFailed;
    end.error = error;
    end.details = details;
    return end;
}

}  // namespace

StateTest::StateTest(
    const TestStateRequest& request, TestedState tested, World& world, const Limits& limits
)
    : request_{request},
      tested_{std::move(tested)},
      state_{*tested_.state},
      limits_{limits},
      input_{made(read_payload(request_.input.value_or("{}")).value_or(json::object{}))},
      around_{request_, state_, input_, world},
      data_{state_, input_, around_, limits_.payload_bytes, &inspection_} {}

TestStateOutcome StateTest::run(const std::shared_ptr<StateTest>& self) {
    std::optional<TestEnd> end;
    try {
        end = work();
    } catch (const StateFailure& failure) {
        end = recover(failure.output());
    }
    if (refusal_) {
        return *refusal_;
    }
    if (end) {
        return show(*end);
    }
    return TestCall{
        std::get<asl::TaskFields>(state_.fields).resource,
        order_.parameters,
        order_.credentials,
        order_.timeout_seconds,
        self};
}

json::object StateTest::finish(const CallEnd& end, World& world) {
    around_.use(world);
    if (const auto* const error = std::get_if<ErrorOutput>(&end)) {
        return show(recover(*error));
    }
    try {
        return show(finish_work(std::get<Payload>(end)));
    } catch (const StateFailure& failure) {
        return show(recover(failure.output()));
    }
}

std::optional<TestEnd> StateTest::work() {
    if (state_.language == asl::QueryLanguage::jsonpath) {
        static_cast<void>(data_.effective());
    }
    switch (state_.type) {
        case asl::StateType::pass:
            return pass();
        case asl::StateType::choice:
            return choice();
        case asl::StateType::wait:
            static_cast<void>(
                wait_until(data_, std::get<asl::WaitFields>(state_.fields), around_.now())
            );
            return succeed(data_.pass_through(), state_.next);
        case asl::StateType::succeed:
            return succeed(data_.pass_through(), state_.next);
        case asl::StateType::fail:
            return fail_state();
        case asl::StateType::task:
            order_ = task_order(data_, std::get<asl::TaskFields>(state_.fields));
            return request_.mock ? std::optional{mocked()} : std::nullopt;
        case asl::StateType::parallel:
            static_cast<void>(data_.arguments());
            return mocked();
        case asl::StateType::map:
            prepare_map(std::get<asl::MapFields>(state_.fields));
            return mocked();
    }
    return std::nullopt;
}

TestEnd StateTest::pass() {
    auto end = succeed(data_.pass(), state_.next);
    if (const auto& result = std::get<asl::PassFields>(state_.fields).result) {
        end.result = made(*result);
    }
    return end;
}

TestEnd StateTest::choice() {
    const auto chosen = choose(data_, std::get<asl::ChoiceFields>(state_.fields));
    return succeed(
        chosen.rule != nullptr ? data_.leave_by(*chosen.rule) : data_.pass_through(), chosen.next
    );
}

TestEnd StateTest::fail_state() {
    return failed(failure_of(data_, std::get<asl::FailFields>(state_.fields)));
}

TestEnd StateTest::mocked() {
    const auto& mock = *request_.mock;
    if (mock.error_output) {
        return recover(*mock.error_output);
    }
    return finish_work(made(read_payload(*mock.result).value_or(nullptr)));
}

TestEnd StateTest::succeed(Exit exit, std::optional<asl::StateIndex> next) const {
    TestEnd end;
    end.status = kSucceeded;
    end.output = std::move(exit.output);
    end.assigned = std::move(exit.assigned);
    end.next = next;
    return end;
}

TestEnd StateTest::finish_work(const Payload& result) {
    check_payload_size(*result, state_.name, limits_.payload_bytes);
    auto end = succeed(data_.leave(result), state_.next);
    if (state_.type == asl::StateType::task) {
        end.result = result;
    }
    return end;
}

TestEnd StateTest::recover(const ErrorOutput& error) {
    ErrorDetails details;
    if (const auto index = matching_retrier(state_, error)) {
        const auto& retrier = state_.retry[*index];
        const auto used = request_.configuration.retrier_retry_count.value_or(0);
        details.retry_index = static_cast<std::int64_t>(*index);
        if (used < retrier.max_attempts) {
            details.backoff_seconds = static_cast<std::int64_t>(retry_delay(retrier, used + 1));
            auto end = failed(error, details);
            end.status = kRetriable;
            return end;
        }
    }
    return catch_error(error, details);
}

TestEnd StateTest::catch_error(const ErrorOutput& error, ErrorDetails details) {
    const auto index = matching_catcher(state_, error);
    if (!index) {
        return failed(error, details);
    }
    const auto& catcher = state_.catchers[*index];
    details.catch_index = static_cast<std::int64_t>(*index);
    try {
        auto end = succeed(data_.leave_by(catcher, error), catcher.next);
        end.status = kCaught;
        end.error = error;
        end.details = details;
        return end;
    } catch (const StateFailure& failure) {
        return failed(failure.output(), details);
    }
}

json::object StateTest::show(const TestEnd& end) const {
    json::object shown;
    if (end.output != nullptr) {
        shown["output"] = json_text(*end.output);
    }
    if (end.error) {
        if (end.error->error) {
            shown["error"] = *end.error->error;
        }
        if (end.error->cause) {
            shown["cause"] = *end.error->cause;
        }
    }
    if (request_.level != InspectionLevel::info) {
        shown["inspectionData"] =
            show_inspection(state_, *input_, inspection_, around_.variables(), end);
    }
    if (end.next) {
        shown["nextState"] = tested_.group->states[*end.next].name;
    }
    shown["status"] = end.status;
    return shown;
}

}  // namespace kiln::flow
