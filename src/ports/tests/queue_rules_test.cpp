#include "ports/queue_rules.hpp"

#include <gmock/gmock.h>

namespace kiln::ports {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(QueueRules, AQueuesNameIsSqs) {
    for (const auto* name : {"a", "A-z_09", "q.fifo"}) {
        EXPECT_EQ(queue_name_problem(name), std::nullopt) << name;
    }
    for (const auto& name :
         {std::string{}, std::string{".fifo"}, std::string{"a.b"}, std::string(81, 'a')}) {
        EXPECT_NE(queue_name_problem(name), std::nullopt) << name;
    }
}

TEST(QueueRules, WhatSqsWouldRefuseOfAMessageIsSeenBefore) {
    struct Row {
        OutgoingMessage message;
        const char* queue;
        const char* problem;
    };

    const auto with = [](std::string type, std::string value) {
        return OutgoingMessage{
            .body = "b", .attributes = {{"n", {std::move(type), std::move(value)}}}};
    };
    OutgoingMessage many{.body = "b"};
    for (int i = 0; i < 11; ++i) {
        many.attributes.emplace(std::to_string(i), MessageAttribute{"String", "v"});
    }
    const std::vector<Row> rows{
        {{.body = "b"}, "q", nullptr},
        {{.body = "\t\n\r\x7f\xEF\xBF\xBD"}, "q", nullptr},
        {{.body = std::string(1U << 20U, 'x')}, "q", nullptr},
        {with("Number.int", "1"), "q", nullptr},
        {with("Binary", std::string{"\0", 1}), "q", nullptr},
        {{.body = "b", .delay = 900s}, "q", nullptr},
        {{.body = "b", .delay = 0s, .group = "g"}, "q.fifo", nullptr},
        {{.body = ""}, "q", "must have a body"},
        {{.body = std::string((1U << 20U) + 1, 'x')}, "q", "this one is 1048577"},
        {{.body = "\x01"}, "q", "control characters"},
        {{.body = "\xff"}, "q", "UTF-8"},
        {{.body = "\xEF\xBF\xBF"}, "q", "UTF-8"},
        {with("Text", "1"), "q", "type must be"},
        {with("String", ""), "q", "must have a value"},
        {with("String", "\x01"), "q", "that SQS refuses"},
        {many, "q", "at most 10 attributes"},
        {{.body = "b", .delay = 901s}, "q", "0 to 900 s"},
        {{.body = "b", .delay = -1s}, "q", "0 to 900 s"},
        {{.body = "b"}, "q.fifo", "must have a group"},
        {{.body = "b", .delay = 1s, .group = "g"}, "q.fifo", "delay of its own"},
    };
    for (const auto& row : rows) {
        const auto problems = problems_of(row.message, row.queue);
        if (row.problem == nullptr) {
            EXPECT_THAT(problems, IsEmpty());
        } else {
            EXPECT_THAT(problems, ElementsAre(Field(&Problem::what, HasSubstr(row.problem))));
        }
    }
}

TEST(QueueRules, EveryFaultOfAMessageIsTold) {
    OutgoingMessage one{.body = "", .delay = 901s, .deduplication = "d"};
    one.attributes["a"] = {"Text", ""};
    EXPECT_THAT(problems_of(one, "q"), SizeIs(5));
    EXPECT_THAT(problems_of({.body = "b", .group = "fair"}, "q"), IsEmpty());
}

TEST(QueueRules, EveryFaultOfAQueueIsTold) {
    QueueSpec spec{
        .name = "a.b",
        .visibility = 43'201s,
        .delay = 901s,
        .retention = 59s,
        .dead_letters = DeadLetters{"d.fifo", 0},
        .content_deduplication = true};
    const auto where = [](const char* name) { return Field(&Problem::where, name); };
    EXPECT_THAT(
        problems_of(spec),
        ElementsAre(
            where("name"),
            where("visibility"),
            where("delay"),
            where("retention"),
            where("content_deduplication"),
            where("dead_letters.receives"),
            where("dead_letters.queue")
        )
    );
    EXPECT_THAT(problems_of(QueueSpec{.name = "q"}), IsEmpty());
}

TEST(QueueRules, AQueueIsNotItsOwnDeadLetters) {
    const QueueSpec spec{.name = "q", .dead_letters = DeadLetters{"q"}};
    EXPECT_THAT(problems_of(spec), ElementsAre(Field(&Problem::where, "dead_letters.queue")));
}

TEST(QueueRules, EveryFaultOfAReceiveIsTold) {
    const ReceiveSpec spec{.at_most = 11, .wait = 21s, .visibility = 43'201s};
    EXPECT_THAT(problems_of(spec), SizeIs(3));
    EXPECT_THAT(problems_of(ReceiveSpec{.at_most = 10, .wait = 20s, .visibility = 0s}), IsEmpty());
}

}  // namespace
}  // namespace kiln::ports
