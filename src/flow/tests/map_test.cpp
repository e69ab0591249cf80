#include "flow/tests/play.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::flow::testing {
namespace {

using ::testing::ElementsAre;

std::string distributed(std::string_view more) {
    return fmt::format(
        R"({{"StartAt":"M","States":{{"M":{{"Type":"Map","ItemProcessor":{{
            "ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},"StartAt":"I",
            "States":{{"I":{{"Type":"Pass","End":true}}}}}}{},"End":true}}}}}})",
        more
    );
}

TEST(MapRun, isHandedOutWithAllItsSettings) {
    Play play{
        distributed(
            R"(,"ItemsPath":"$.list","MaxConcurrencyPath":"$.most","ToleratedFailureCount":3,
        "ToleratedFailurePercentagePath":"$.share",
        "ItemBatcher":{"MaxItemsPerBatchPath":"$.most","BatchInput":{"k.$":"$.kind"}})"
        ),
        R"({"list":[1,2,3],"most":2,"share":12.5,"kind":"x"})"};
    const auto& order = play.map_runs.at(0);
    EXPECT_EQ(*order.items, json::value({1, 2, 3}));
    EXPECT_EQ(order.max_concurrency, 2);
    EXPECT_EQ(order.tolerated_count, 3);
    EXPECT_EQ(order.tolerated_percentage, 12.5);
    EXPECT_EQ(order.max_items_per_batch, 2);
    EXPECT_EQ(*order.batch_input, json::value({{"k", "x"}}));
}

TEST(MapRun, hasAwsHistory) {
    Play play{distributed(""), "[1]"};
    const auto& order = play.map_runs.at(0);
    play.hand_in(MapRunStarted{order.frame, order.task, "arn:run"});
    play.hand_in(MapRunEnded{order.frame, order.task, payload("[2]")});
    EXPECT_THAT(
        play.lines(),
        ElementsAre(
            "1<-0 ExecutionStarted",
            "2<-0 MapStateEntered",
            "3<-2 MapStateStarted",
            "4<-3 MapRunStarted",
            "5<-4 MapRunSucceeded",
            "6<-5 MapStateSucceeded",
            "7<-5 MapStateExited",
            "8<-7 ExecutionSucceeded"
        )
    );
    EXPECT_EQ(play.output(), "[2]");
}

TEST(MapRun, thatFailsIsRedrivenUnderItsNumber) {
    Play play{distributed(""), "[1]"};
    const auto order = play.map_runs.at(0);
    play.hand_in(MapRunStarted{order.frame, order.task, "arn:run"});
    play.hand_in(MapRunEnded{
        order.frame, order.task, nullptr, "States.ExceedToleratedFailureThreshold", "too many"});
    EXPECT_EQ(to_string(play.history.at(5).type), "MapStateFailed");
    play.hand_in(Redrive{});
    const auto& again = play.map_runs.at(1);
    EXPECT_TRUE(again.redriven);
    EXPECT_EQ(again.task, order.task);
    play.hand_in(MapRunStarted{again.frame, again.task, "arn:run", 1, 1});
    EXPECT_EQ(to_string(play.history.back().type), "MapRunRedriven");
    play.hand_in(MapRunEnded{again.frame, again.task, payload("[2]")});
    EXPECT_EQ(play.output(), "[2]");
}

struct Refused {
    const char* name;
    const char* fields;
    const char* cause;
};

class MapSettings : public ::testing::TestWithParam<Refused> {};

TEST_P(MapSettings, areRefusedWithAwsText) {
    Play play{
        distributed(GetParam().fields),
        R"({"list":[],"text":"NoNumber","minus":-1,"much":101,"half":1.5})"};
    EXPECT_EQ(play.execution.error, "States.Runtime");
    EXPECT_EQ(
        play.execution.cause,
        std::string{
            "An error occurred while executing the state 'M' (entered at the event id #2). "} +
            GetParam().cause
    );
}

const std::vector<Refused> kRefused{
    {"concurrency",
     R"(,"ItemsPath":"$.list","MaxConcurrencyPath":"$.text")",
     "The MaxConcurrencyPath field refers to value \"NoNumber\" which is not a valid integer: "
     "$.text"},
    {"negative_count",
     R"(,"ItemsPath":"$.list","ToleratedFailureCountPath":"$.minus")",
     "ToleratedFailureCount cannot be negative."},
    {"fraction",
     R"(,"ItemsPath":"$.list","ToleratedFailureCountPath":"$.half")",
     "The ToleratedFailureCountPath field refers to value \"1.5\" which is not a valid integer: "
     "$.half"},
    {"no_float",
     R"(,"ItemsPath":"$.list","ToleratedFailurePercentagePath":"$.text")",
     "The ToleratedFailurePercentagePath field refers to value \"NoNumber\" which is not a valid "
     "float: $.text"},
    {"over_100",
     R"(,"ItemsPath":"$.list","ToleratedFailurePercentagePath":"$.much")",
     "ToleratedFailurePercentage must be between 0 and 100."},
    {"no_array", R"(,"ItemsPath":"$.text")", "Reference path \"$.text\" must point to array."},
};

INSTANTIATE_TEST_SUITE_P(Fields, MapSettings, ::testing::ValuesIn(kRefused), [](const auto& row) {
    return row.param.name;
});

std::vector<Payload> numbers(std::int64_t count) {
    std::vector<Payload> items;
    for (std::int64_t i = 0; i < count; ++i) {
        items.push_back(std::make_shared<const json::value>(10 + i));
    }
    return items;
}

std::vector<std::int64_t> counts(const std::vector<Batch>& batches) {
    std::vector<std::int64_t> result;
    for (const auto& batch : batches) {
        result.push_back(batch.count);
    }
    return result;
}

TEST(Batches, haveAsManyItemsAsTheyMay) {
    EXPECT_THAT(counts(cut_batches(numbers(5), nullptr, 2, std::nullopt)), ElementsAre(2, 2, 1));
    EXPECT_THAT(
        counts(cut_batches(numbers(3), nullptr, std::nullopt, std::nullopt)), ElementsAre(1, 1, 1)
    );
    EXPECT_TRUE(cut_batches({}, nullptr, 2, 10).empty());
}

TEST(Batches, haveAsManyBytesAsTheyMay) {
    // {"Items":[10,11]} has 17 bytes.
    EXPECT_THAT(counts(cut_batches(numbers(5), nullptr, std::nullopt, 17)), ElementsAre(2, 2, 1));
    EXPECT_THAT(
        counts(cut_batches(numbers(5), nullptr, std::nullopt, 16)), ElementsAre(1, 1, 1, 1, 1)
    );
    EXPECT_THAT(counts(cut_batches(numbers(2), nullptr, std::nullopt, 1)), ElementsAre(1, 1));
}

TEST(Batches, showTheirInput) {
    const auto value = batch_value(numbers(3), {1, 2}, payload(R"({"k":1})"));
    EXPECT_EQ(json_text(*value), R"({"BatchInput":{"k":1},"Items":[11,12]})");
}

TEST(MapContext, knowsIndexValueKeyAndSource) {
    EXPECT_EQ(
        json_text(*map_context(payload("[5,6]"), 1, "STATE_DATA")),
        R"({"Item":{"Index":1,"Value":6,"Source":"STATE_DATA"}})"
    );
    EXPECT_EQ(
        json_text(*map_context(payload(R"({"a":5,"b":6})"), 1, "")),
        R"({"Item":{"Index":1,"Value":6,"Key":"b"}})"
    );
}

TEST(ItemInputs, areWhatTheSelectorMakesOfThem) {
    Play play{
        distributed(
            R"(,"ItemsPath":"$.list","ItemSelector":{"i.$":"$$.Map.Item.Index","k.$":"$.kind"})"
        ),
        R"({"list":["a","b"],"kind":7})"};
    const auto& order = play.map_runs.at(0);
    ItemInputs inputs{play.execution, play.world, play.limits, order, order.items, "STATE_DATA"};
    EXPECT_EQ(inputs.size(), 2);
    EXPECT_EQ(json_text(*inputs.at(1)), R"({"i":1,"k":7})");
    EXPECT_EQ(
        json_text(*inputs.context_at(1)),
        R"({"Item":{"Index":1,"Value":"b","Source":"STATE_DATA"}})"
    );
}

}  // namespace
}  // namespace kiln::flow::testing
