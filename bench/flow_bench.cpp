/// Measures the interpreter of state machines by itself: `advance`, with its history, no store.
///
///   flow_bench [--seconds 3] [--items 10000]
///
/// Prints one JSON document: Pass and Choice transitions a second on one core, with and without
/// encoding the history; an inline Map of that many items, and one of a tenth of it.
#include "asl/parse.hpp"
#include "base/json.hpp"
#include "flow/step.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string_view>

#include <fmt/format.h>

namespace {

using namespace kiln;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kStepsAtOnce = 10'000;

class BenchWorld final : public flow::World {
  public:
    TimePoint now() override {
        return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    }

    std::uint64_t random() override { return 4; }

    std::string uuid() override { return "00000000-0000-4000-8000-000000000000"; }

    std::string token(flow::TaskNumber task) override { return std::to_string(task); }
};

flow::Execution started(std::string_view definition, json::value input) {
    auto parsed = asl::parse_definition(definition);
    if (parsed.machine == nullptr) {
        throw Error{ErrorKind::invalid, parsed.diagnostics.front().message};
    }
    flow::ExecutionFacts facts;
    facts.arn = "arn:aws:states:us-east-1:000000000000:execution:bench:run";
    facts.name = "run";
    facts.machine = parsed.machine;
    facts.input = std::make_shared<const json::value>(std::move(input));
    return flow::new_execution(std::move(facts));
}

flow::Limits no_limits() {
    flow::Limits limits;
    limits.events = std::numeric_limits<flow::EventId>::max();
    limits.payload_bytes = std::size_t{1} << 30U;
    limits.steps_at_once = kStepsAtOnce;
    return limits;
}

/// A loop of a Pass and a Choice that never ends.
constexpr std::string_view kLoop = R"({
    "StartAt": "Work",
    "States": {
        "Work": {"Type": "Pass", "Next": "More"},
        "More": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.kind", "StringEquals": "other", "Next": "Done"},
                {"Variable": "$.count", "NumericGreaterThan": 10, "Next": "Work"}
            ],
            "Default": "Done"
        },
        "Done": {"Type": "Succeed"}
    }
})";

enum class Encode { no, yes };

/// Transitions a second.
double transitions(std::chrono::seconds time, Encode encode) {
    BenchWorld world;
    const auto limits = no_limits();
    auto execution = started(kLoop, {{"kind", "bench"}, {"count", 42}, {"more", {1, 2, 3}}});
    std::size_t steps = 0;
    std::size_t bytes = 0;
    std::string text;
    const auto begin = Clock::now();
    flow::Event event = flow::Begin{};
    while (Clock::now() - begin < time) {
        const auto outcome = flow::advance(execution, event, world, limits);
        event = flow::GoOn{};
        steps += kStepsAtOnce;
        if (encode == Encode::yes) {
            text.clear();
            for (const auto& happened : outcome.history) {
                flow::encode_event(happened, text);
            }
            bytes += text.size();
        }
        execution.touched.clear();
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    return static_cast<double>(steps) / took.count();
}

constexpr std::string_view kMap = R"({
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"value.$": "$$.Map.Item.Value", "kind.$": "$.kind"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "One",
                "States": {"One": {"Type": "Pass", "End": true}}
            },
            "End": true
        }
    }
})";

/// Seconds that an inline Map takes.
double map_seconds(std::size_t items) {
    BenchWorld world;
    const auto limits = no_limits();
    json::array values;
    for (std::size_t i = 0; i < items; ++i) {
        values.push_back({{"number", i}, {"name", "an item of the bench"}});
    }
    auto execution = started(kMap, {{"kind", "bench"}, {"items", std::move(values)}});
    const auto begin = Clock::now();
    flow::Event event = flow::Begin{};
    while (execution.status == flow::Status::running) {
        static_cast<void>(flow::advance(execution, event, world, limits));
        event = flow::GoOn{};
        execution.touched.clear();
        execution.removed.clear();
    }
    if (execution.status != flow::Status::succeeded) {
        throw Error{ErrorKind::internal, execution.cause.value_or("the Map failed")};
    }
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::size_t option(int count, char** words, std::string_view name, std::size_t otherwise) {
    for (int i = 1; i + 1 < count; i += 2) {
        if (name == words[i]) {
            const std::string_view value{words[i + 1]};
            std::from_chars(value.data(), value.data() + value.size(), otherwise);
        }
    }
    return otherwise;
}

}  // namespace

int main(int count, char** words) {
    try {
        const std::chrono::seconds time{option(count, words, "--seconds", 3)};
        const auto items = option(count, words, "--items", 10'000);
        json::object result;
        result["transitions_per_second"] = transitions(time, Encode::no);
        result["encoded_transitions_per_second"] = transitions(time, Encode::yes);
        result["map_items"] = items;
        result["map_seconds"] = map_seconds(items);
        result["map_seconds_of_a_tenth"] = map_seconds(items / 10);
        std::cout << pretty_json(result);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "flow_bench: " << error.what() << '\n';
        return 1;
    }
}
