#include "flow/binary.hpp"
#include "flow/frame_codec.hpp"
#include "flow/history.hpp"
#include "flow/json_text.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace kiln::flow {
namespace {

Payload payload(json::value value) {
    return std::make_shared<const json::value>(std::move(value));
}

json::value varied() {
    return {
        {"whole", -7},
        {"large", std::numeric_limits<std::uint64_t>::max()},
        {"smallest", std::numeric_limits<std::int64_t>::min()},
        {"real", 1.0},
        {"text", "a\"\xC3\xA9"},
        {"nothing", nullptr},
        {"truths", {true, false}},
        {"", json::object{}},
    };
}

TEST(BinaryValues, comeBackExactly) {
    std::string text;
    BinaryWriter{text}.json(varied());
    const auto read = BinaryReader{text}.json();
    EXPECT_EQ(read, varied());
    EXPECT_TRUE(read.at("real").is_double());
    EXPECT_TRUE(read.at("large").is_uint64());
}

TEST(BinaryValues, thatEndEarlyAreCorruptAtEveryByte) {
    std::string text;
    BinaryWriter{text}.json(varied());
    for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
        try {
            static_cast<void>(BinaryReader{std::string_view{text}.substr(0, bytes)}.json());
            FAIL() << bytes << " bytes are enough";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::corrupt);
        }
    }
}

HistoryEvent sample_event() {
    HistoryEvent event;
    event.id = 300;
    event.previous = 7;
    event.at = TimePoint{Duration{1'700'000'000'123'456}};
    event.type = HistoryType::task_scheduled;
    event.name = std::make_shared<const std::string>("Name");
    event.input = payload(varied());
    event.error = "E";
    event.more = {{"resource", "invoke"}, {"timeoutInSeconds", 5}};
    return event;
}

TEST(Events, comeBackTheSame) {
    std::string text;
    encode_event(sample_event(), text);
    encode_event(HistoryEvent{}, text);
    std::string_view rest = text;
    const auto first = decode_event(rest);
    EXPECT_EQ(show(first, true), show(sample_event(), true));
    EXPECT_FALSE(rest.empty());
    EXPECT_EQ(show(decode_event(rest), true), show(HistoryEvent{}, true));
    EXPECT_TRUE(rest.empty());
}

TEST(Events, areShownAsAwsDoes) {
    HistoryEvent event;
    event.id = 3;
    event.previous = 2;
    event.at = TimePoint{Duration{1'500'000}};
    event.type = HistoryType::pass_state_exited;
    event.name = std::make_shared<const std::string>("A");
    event.output = payload({1, 2});
    event.more["assignedVariables"] = json::object{{"x", {{"y", 1.0}}}};
    const json::value expected{
        {"timestamp", 1.5},
        {"type", "PassStateExited"},
        {"id", 3},
        {"previousEventId", 2},
        {"stateExitedEventDetails",
         {{"name", "A"},
          {"output", "[1,2]"},
          {"outputDetails", {{"truncated", false}}},
          {"assignedVariables", {{"x", R"({"y":1.0})"}}},
          {"assignedVariablesDetails", {{"truncated", false}}}}},
    };
    EXPECT_EQ(json::value(show(event, true)), expected);
    const auto bare = show(event, false);
    EXPECT_EQ(bare.at("stateExitedEventDetails"), (json::value{{"name", "A"}}));
}

TEST(Events, ofTasksShowTheirParameters) {
    const auto shown = show(sample_event(), true).at("taskScheduledEventDetails").as_object();
    EXPECT_EQ(shown.at("parameters").as_string(), json_text(varied()));
    EXPECT_FALSE(shown.contains("input"));
    EXPECT_FALSE(shown.contains("inputDetails"));
}

TEST(Frames, comeBackTheSame) {
    Frame frame;
    frame.id = 12;
    frame.parent = 3;
    frame.index = 4;
    frame.state = 2;
    frame.phase = Phase::started;
    frame.last = 90;
    frame.entered = 80;
    frame.entered_at = TimePoint{Duration{55}};
    frame.input = payload(varied());
    frame.variables = std::make_shared<const Variables>(Variables{{"x", payload(1)}});
    frame.retries = {0, 2};
    frame.retry_count = 2;
    frame.task = TaskWait{.number = 9, .scheduled = 85, .heartbeat_seconds = 30};
    frame.error = "E";
    frame.times_out_at = TimePoint{Duration{66}};
    const auto text = encode_frame(frame);
    EXPECT_TRUE(text.body.empty());
    const auto read = decode_frame(text.head, text.body);
    EXPECT_EQ(encode_head(read), text.head);
    EXPECT_EQ(*read.input, varied());
    EXPECT_EQ(*read.variables->at("x"), json::value(1));
    EXPECT_EQ(read.task->heartbeat_seconds, 30);
    EXPECT_EQ(read.times_out_at, frame.times_out_at);
}

TEST(Frames, thatForkHaveTheLargePartApart) {
    Frame frame;
    frame.phase = Phase::forked;
    frame.input = payload(json::array(1000, json::value("an item")));
    auto& fork = frame.fork.emplace();
    fork.total = 1000;
    fork.begun = 40;
    fork.finished = 37;
    fork.at_most = 3;
    fork.items = frame.input;
    fork.input = frame.input;
    fork.running = {5, 700, 70'000};
    const auto text = encode_frame(frame);
    EXPECT_LT(text.head.size(), 80U);
    EXPECT_GT(text.body.size(), 8000U);
    const auto read = decode_frame(text.head, text.body);
    EXPECT_EQ(read.fork->running, fork.running);
    EXPECT_EQ(*read.fork->items, *fork.items);
    EXPECT_EQ(read.fork->input, read.input);
}

TEST(Frames, ofAnotherVersionAreCorrupt) {
    auto head = encode_head(Frame{});
    head[0] = '\x7F';
    EXPECT_THROW(static_cast<void>(decode_frame(head, "")), Error);
}

}  // namespace
}  // namespace kiln::flow
