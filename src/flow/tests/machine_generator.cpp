#include "flow/tests/machine_generator.hpp"

#include "base/json.hpp"

#include <vector>

namespace kiln::flow::testing {
namespace {

constexpr int kDeepest = 3;

/// Makes one definition; every state has a name of its own.
class Generator {
  public:
    explicit Generator(FakeWorld& chance) : chance_{chance} {}

    json::object group(int depth) {
        const auto count = 1 + chance_.below(4);
        std::vector<std::string> names;
        for (std::uint64_t i = 0; i < count; ++i) {
            names.push_back(fmt::format("S{}", next_name_++));
        }
        json::object states;
        for (std::size_t i = 0; i < names.size(); ++i) {
            states[names[i]] =
                state(depth, {names.begin() + static_cast<long>(i) + 1, names.end()});
        }
        return {{"StartAt", names.front()}, {"States", std::move(states)}};
    }

  private:
    bool one_in(std::uint64_t many) { return chance_.below(many) == 0; }

    const std::string& any_of(const std::vector<std::string>& names) {
        return names[chance_.below(names.size())];
    }

    /// @param later  the states that it may go to: forwards, so that all ends
    json::object state(int depth, const std::vector<std::string>& later) {
        switch (chance_.below(depth < kDeepest ? 12 : 9)) {
            case 0:
                if (!later.empty()) {
                    return choice(later);
                }
                return one_in(2)
                           ? json::object{{"Type", "Succeed"}}
                           : json::object{{"Type", "Fail"}, {"Error", "E1"}, {"Cause", "because"}};
            case 1:
                if (!later.empty()) {
                    return choice(later);
                }
                [[fallthrough]];
            case 2:
            case 3:
                return went_on(pass(), later);
            case 4:
                return went_on({{"Type", "Wait"}, {"Seconds", chance_.below(20)}}, later);
            case 5:
            case 6:
            case 7:
            case 8:
                return guarded(task(), later);
            case 9:
                return guarded(parallel(depth), later);
            default:
                return guarded(map(depth), later);
        }
    }

    json::object went_on(json::object state, const std::vector<std::string>& later) {
        if (later.empty()) {
            state["End"] = true;
        } else {
            state["Next"] = later.front();  // so that all can be reached
        }
        return state;
    }

    json::object pass() {
        switch (chance_.below(5)) {
            case 0:
                return {
                    {"Type", "Pass"}, {"Result", {{"items", {1, 2, 3, 4}}}}, {"ResultPath", "$.r"}};
            case 1:
                return {
                    {"Type", "Pass"},
                    {"Parameters", {{"name.$", "$$.State.Name"}, {"all.$", "$"}}},
                    {"Assign", {{fmt::format("v{}", next_name_++), 1}}}};
            case 2:
                return {
                    {"Type", "Pass"},
                    {"QueryLanguage", "JSONata"},
                    {"Output", {{"n", "{% $count($keys($states.input)) %}"}, {"x", 1}}}};
            case 3:
                return {{"Type", "Pass"}, {"InputPath", "$.not.there"}};
            default:
                return {{"Type", "Pass"}};
        }
    }

    json::object choice(const std::vector<std::string>& later) {
        return {
            {"Type", "Choice"},
            {"Choices",
             {{{"Variable", "$.n"}, {"IsPresent", true}, {"Next", any_of(later)}},
              {{"Variable", "$$.State.Name"}, {"StringMatches", "*1*"}, {"Next", any_of(later)}}}},
            {"Default", later.front()}};
    }

    json::object task() {
        json::object state{
            {"Type", "Task"},
            {"Resource",
             one_in(2) ? "arn:aws:states:us-east-1:111111111111:activity:a"
                       : "arn:aws:states:::sqs:sendMessage.waitForTaskToken"},
        };
        if (state.at("Resource").as_string().ends_with("Token")) {
            state["Parameters"] = {
                {"QueueUrl", "q"}, {"MessageBody", {{"token.$", "$$.Task.Token"}}}};
        }
        if (one_in(2)) {
            state["TimeoutSeconds"] = 5 + chance_.below(20);
        }
        if (one_in(3)) {
            state["HeartbeatSeconds"] = 1 + chance_.below(4);
        }
        return state;
    }

    json::object parallel(int depth) {
        json::array branches;
        for (auto i = 1 + chance_.below(3); i > 0; --i) {
            branches.push_back(group(depth + 1));
        }
        return {{"Type", "Parallel"}, {"Branches", std::move(branches)}};
    }

    json::object map(int depth) {
        auto processor = group(depth + 1);
        processor["ProcessorConfig"] = {{"Mode", "INLINE"}};
        json::object state{
            {"Type", "Map"},
            {"ItemProcessor", std::move(processor)},
            {"MaxConcurrency", chance_.below(3)},
        };
        if (one_in(2)) {
            state["Parameters"] = {{"i.$", "$$.Map.Item.Index"}, {"v.$", "$$.Map.Item.Value"}};
        }
        state["ItemsPath"] = one_in(4) ? "$.items" : "$$.Execution.Input.items";
        return state;
    }

    /// With Retry and Catch, sometimes.
    json::object guarded(json::object state, const std::vector<std::string>& later) {
        if (one_in(2)) {
            json::object retrier{
                {"ErrorEquals", json::array{one_in(2) ? "E1" : "States.Timeout"}},
                {"IntervalSeconds", 1 + chance_.below(3)},
                {"MaxAttempts", chance_.below(3)},
                {"JitterStrategy", one_in(2) ? "FULL" : "NONE"},
            };
            state["Retry"] = json::array{std::move(retrier)};
        }
        if (!later.empty() && one_in(2)) {
            json::object catcher{
                {"ErrorEquals", json::array{"States.ALL"}}, {"Next", any_of(later)}};
            if (one_in(2)) {
                catcher["ResultPath"] = "$.error";
            }
            state["Catch"] = json::array{std::move(catcher)};
        }
        return went_on(std::move(state), later);
    }

    FakeWorld& chance_;
    int next_name_ = 0;
};

}  // namespace

std::string random_definition(FakeWorld& chance) {
    auto definition = Generator{chance}.group(0);
    if (chance.below(4) == 0) {
        definition["TimeoutSeconds"] = 10 + chance.below(60);
    }
    return json::serialize(definition);
}

}  // namespace kiln::flow::testing
