#include "redis/message_record.hpp"

#include "base/testing/kind_of.hpp"

#include <gtest/gtest.h>

namespace kiln::redis {
namespace {

const TimePoint kNow = parse_time("2026-11-25T12:00:00Z");

TEST(MessageRecord, AMessageIsAJobOfItsOwnClass) {
    const auto text = write_message({.body = "b"}, "q", "id1", kNow);
    EXPECT_EQ(text.after, "");
    const auto job = parse_json(text.before).as_object();
    EXPECT_EQ(job.at("class").as_string(), "Kiln::Message");
    EXPECT_EQ(job.at("queue").as_string(), "q");
    EXPECT_EQ(job.at("jid").as_string(), "id1");
    EXPECT_EQ(job.at("args").as_array().at(0).as_object().at("body").as_string(), "b");
}

TEST(MessageRecord, WhatIsWrittenIsRead) {
    ports::OutgoingMessage one{.body = "ü <<sequence>>", .group = "g"};
    one.attributes = {{"n", {"Number", "1"}}, {"b", {"Binary", std::string{"\0\xff", 2}}}};
    const auto text = write_message(one, "q.fifo", "id1", kNow);
    EXPECT_NE(text.after, "");
    const auto read = read_message(text.before + "00000000000000000001" + text.after, "2-ab-id1");
    EXPECT_EQ(read.id, "id1");
    EXPECT_EQ(read.body, one.body);
    EXPECT_EQ(read.attributes, one.attributes);
    EXPECT_EQ(read.group, "g");
    EXPECT_EQ(read.receives, 2);
    EXPECT_EQ(read.sent, kNow);
}

TEST(MessageRecord, AnyOtherJobIsItsOwnBody) {
    const std::string job = R"({"class":"HardWorker","args":[1],"jid":"x","created_at":1.5})";
    const auto read = read_message(job, "1-ab-x");
    EXPECT_EQ(read.body, job);
    EXPECT_EQ(read.sent, TimePoint{std::chrono::milliseconds{1'500}});
}

TEST(MessageRecord, AMessageWithoutABodyOrWithOtherThingsIsInvalid) {
    for (const std::string_view text :
         {"nonsense",
          R"({"class":"Kiln::Message","args":[]})",
          R"({"class":"Kiln::Message","args":[{"body":1}]})",
          R"({"class":"Kiln::Message","args":[{"body":"x","attributes":{"a":{"type":"Binary","value":"*"}}}]})"}) {
        EXPECT_EQ(
            kind_of([&] { static_cast<void>(read_message(text, "1-ab-x")); }), ErrorKind::invalid
        ) << text;
    }
}

TEST(MessageRecord, AReceiptHasACountANonceAndAnIdThatMayHoldAnything) {
    const auto parts = read_receipt("12-0af-a-b:c");
    EXPECT_EQ(parts.count, 12);
    EXPECT_EQ(parts.id, "a-b:c");
    for (const std::string_view text :
         {"", "x", "1-", "1--id", "1-ab-", "0-ab-id", "-1-ab-id", "1-xy-id"}) {
        EXPECT_EQ(kind_of([&] { static_cast<void>(read_receipt(text)); }), ErrorKind::invalid)
            << text;
    }
}

}  // namespace
}  // namespace kiln::redis
