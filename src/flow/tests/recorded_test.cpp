#include "flow/tests/recorded.hpp"

#include "base/testing/conformance_data.hpp"
#include "flow/tests/play.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

#include <gtest/gtest.h>

/// Plays what was recorded from AWS through the core and compares the histories.
namespace kiln::flow::testing {
namespace {

const auto kVectors = conformance_data("stepfunctions/vectors.json");

constexpr const char* kActivity = "arn:aws:states:us-east-1:111111111111:activity:a";

/// A vector that the core alone cannot play.
struct Beyond {
    std::string why;
};

/// Runs what a Map Run would: each item's child to its end.
void run_map(Play& play, const StartMapRun& order) {
    if (order.items == nullptr) {
        throw Beyond{"an ItemReader"};
    }
    const auto& fields = std::get<asl::MapFields>(order.state->fields);
    play.hand_in(MapRunStarted{
        order.frame,
        order.task,
        "arn:aws:states:us-east-1:111111111111:mapRun:machine/" + fields.label + ":run"});
    auto child = std::make_shared<asl::StateMachine>();
    child->top = fields.processor;
    child->language = play.execution.facts.machine->language;
    json::array results;
    ItemInputs inputs{play.execution, play.world, play.limits, order, order.items, "STATE_DATA"};
    std::vector<Payload> selected;
    for (std::int64_t i = 0; i < inputs.size(); ++i) {
        selected.push_back(inputs.at(i));
    }
    const auto batches = cut_batches(
        selected, order.batch_input, order.max_items_per_batch, order.max_bytes_per_batch
    );
    for (const auto& batch : batches) {
        Play one{
            child,
            fields.batcher ? batch_value(selected, batch, order.batch_input)
                           : selected[static_cast<std::size_t>(batch.first)],
            play.limits};
        one.execution.facts.map_item = inputs.context_at(batch.first);
        one.hand_in(Begin{});
        while (one.running()) {
            if (!one.map_runs.empty()) {
                const auto inner = one.map_runs.front();
                one.map_runs.erase(one.map_runs.begin());
                run_map(one, inner);
            } else if (!one.wait()) {
                throw Beyond{"a task in a Map Run"};
            }
        }
        if (one.execution.output == nullptr) {
            play.hand_in(MapRunEnded{
                order.frame,
                order.task,
                nullptr,
                std::string{error_name::kExceedToleratedFailureThreshold},
                "The specified tolerated failure threshold was exceeded"});
            return;
        }
        results.push_back(*one.execution.output);
    }
    play.hand_in(MapRunEnded{
        order.frame, order.task, std::make_shared<const json::value>(std::move(results))});
}

/// One conversation's calls, as far as the core is concerned.
class Conversation {
  public:
    explicit Conversation(const json::object& vector) : vector_{vector} {}

    /// Compares; "" no difference. @throws Beyond
    std::string play() {
        for (const auto& step : vector_.at("steps").as_array()) {
            const auto& members = step.as_object();
            if (members.contains("op")) {
                call(members);
            } else if (members.contains("await")) {
                // Of a Wait of many years only the beginning was recorded.
                waits_ = members.at("await").as_string() != "await_on_execution_events";
                run_last();
            }
        }
        std::string found;
        for (const auto& step : vector_.at("steps").as_array()) {
            const auto& members = step.as_object();
            if (members.contains("match") && found.empty()) {
                found = compare(members);
            }
        }
        if (compared_ == 0) {
            throw Beyond{"nothing that the core answers"};
        }
        return found;
    }

  private:
    void call(const json::object& step) {
        if (step.contains("expect_error") && step.at("expect_error").as_bool()) {
            throw Beyond{"a refusal"};
        }
        const auto number = step.at("i").as_int64();
        const std::string_view operation = step.at("op").as_string();
        const auto& arguments = step.at("args").as_object();
        if (operation == "create_state_machine" || operation == "update_state_machine") {
            if (arguments.contains("definition")) {
                create(number, operation, arguments);
            }
        } else if (operation == "start_execution") {
            start(number, arguments);
        } else if (operation == "stop_execution") {
            plays_.rbegin()->second.hand_in(Stop{});
        } else if (operation == "delete_activity") {
            missing_.insert(kActivity);
        } else if (operation == "get_activity_task") {
            throw Beyond{"a worker"};
        } else if (operation == "get_execution_history") {
            run_last();
            histories_[number] = shown(arguments);
        }
    }

    void create(std::int64_t number, std::string_view operation, const json::object& arguments) {
        auto of = number;
        if (operation == "update_state_machine") {
            of = number_in(arguments.at("stateMachineArn").as_string());
        }
        std::string definition{arguments.at("definition").as_string()};
        const std::string place = "${0.activityArn}";
        if (const auto at = definition.find(place); at != std::string::npos) {
            definition.replace(at, place.size(), kActivity);
        }
        machines_[of] = machine(definition);
    }

    void start(std::int64_t number, const json::object& arguments) {
        const auto of = number_in(arguments.at("stateMachineArn").as_string());
        const auto* input = arguments.if_contains("input");
        FakeWorld world;
        world.time = recorded_at();
        world.missing_activities = missing_;
        auto& play =
            plays_
                .try_emplace(
                    number,
                    machines_.at(of),
                    payload(input != nullptr ? std::string_view{input->as_string()} : "{}"),
                    Limits{},
                    world
                )
                .first->second;
        play.hand_in(Begin{});
    }

    void run_last() {
        if (plays_.empty()) {
            return;
        }
        auto& play = plays_.rbegin()->second;
        while (play.running() && waits_) {
            if (!play.map_runs.empty()) {
                const auto order = play.map_runs.front();
                play.map_runs.erase(play.map_runs.begin());
                run_map(play, order);
            } else if (!play.wait()) {
                throw Beyond{"a service"};
            }
        }
    }

    json::array shown(const json::object& arguments) {
        json::array events;
        const auto of = number_in(arguments.at("executionArn").as_string());
        const auto play = plays_.find(of);
        if (play == plays_.end()) {
            throw Beyond{"another execution"};
        }
        for (const auto& event : play->second.history) {
            events.push_back(show(event, true));
        }
        const auto* reverse = arguments.if_contains("reverseOrder");
        if (reverse != nullptr && reverse->as_bool()) {
            std::reverse(events.begin(), events.end());
        }
        return events;
    }

    std::string compare(const json::object& step) {
        const auto& expected = vector_.at("expected").as_object();
        const auto* recorded = expected.if_contains(step.at("match").as_string());
        if (step.at("match").as_string() == "cases") {
            ++compared_;
            return compare_cases(recorded->as_array());
        }
        const auto* number = step.at("call").if_int64();
        if (number == nullptr || !histories_.contains(*number)) {
            return "";
        }
        ++compared_;
        return difference(recorded->as_object().at("events").as_array(), histories_.at(*number));
    }

    /// Choice operators: input and final output of each execution.
    std::string compare_cases(const json::array& cases) {
        std::size_t at = 0;
        for (const auto& [number, play] : plays_) {
            const auto& recorded = cases.at(at++).as_object();
            if (!alike(recorded.at("output"), json::value(play.output()))) {
                return fmt::format("{}: got {}", json::serialize(recorded), play.output());
            }
        }
        return at == cases.size() ? "" : "not as many executions";
    }

    static std::int64_t number_in(std::string_view reference) {
        static const std::regex form{"\\$\\{([0-9]+)\\..*"};
        std::cmatch match;
        if (!std::regex_match(reference.data(), reference.data() + reference.size(), match, form)) {
            throw Beyond{"an ARN of its own"};
        }
        return std::stoll(match[1]);
    }

    /// "04-08-2023, 16:47:10"
    TimePoint recorded_at() const {
        const std::string text{vector_.at("recorded").as_string()};
        return parse_time(
            text.substr(6, 4) + "-" + text.substr(3, 2) + "-" + text.substr(0, 2) + "T" +
            text.substr(12) + "Z"
        );
    }

    const json::object& vector_;
    std::map<std::int64_t, asl::StateMachinePtr> machines_;
    std::map<std::int64_t, Play> plays_;
    std::map<std::int64_t, json::array> histories_;
    std::set<std::string> missing_;
    bool waits_ = true;
    int compared_ = 0;
};

json::value read_vectors() {
    std::ifstream file{kVectors};
    return json::parse(std::string{std::istreambuf_iterator<char>{file}, {}});
}

TEST(RecordedHistories, areTheSameThroughTheCore) {
    if (!std::filesystem::exists(kVectors)) {
        GTEST_SKIP() << "no " << kVectors << "; KILN_CONFORMANCE names its folder";
    }
    int passed = 0;
    int failed = 0;
    int beyond = 0;
    const auto document = read_vectors();
    const char* const only = std::getenv("KILN_VECTOR");
    for (const auto& vector : document.at("vectors").as_array()) {
        const auto& members = vector.as_object();
        const std::string id{members.at("id").as_string()};
        const bool ours =
            members.at("aws_validated").is_bool() && members.at("aws_validated").as_bool();
        if (!ours || (only != nullptr && id.find(only) == std::string::npos)) {
            continue;
        }
        try {
            const auto found = Conversation{members}.play();
            found.empty() ? ++passed : ++failed;
            if (!found.empty()) {
                std::printf("%s: %s\n", id.substr(id.rfind("::") + 2).c_str(), found.c_str());
            }
        } catch (const Beyond& why) {
            ++beyond;
        } catch (const std::exception& error) {
            ++failed;
            std::printf("%s: %s\n", id.substr(id.rfind("::") + 2).c_str(), error.what());
        }
    }
    std::printf("%d passed, %d failed, %d beyond the core\n", passed, failed, beyond);
    ASSERT_GT(passed, 0);
    if (only == nullptr) {
        EXPECT_GE(passed * 100, (passed + failed) * 97);
    }
}

}  // namespace
}  // namespace kiln::flow::testing
