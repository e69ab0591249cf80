#include "ports/queue_reference.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports {
namespace {

struct Row {
    std::string name, text;
    QueueReference queue;
    std::string canonical;
};

class Reference : public ::testing::TestWithParam<Row> {};

TEST_P(Reference, IsRead) {
    const auto& row = GetParam();
    const auto queue = parse_queue_reference(row.text);
    EXPECT_EQ(queue, row.queue);
    EXPECT_EQ(queue.str(), row.canonical);
    EXPECT_EQ(parse_queue_reference(queue.str()), queue);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Reference,
    ::testing::Values(
        Row{"Plain", "web-42", {QueueDriver::embedded, "", "web-42"}, "kiln:web-42"},
        Row{"Kiln", "kiln:web_42", {QueueDriver::embedded, "", "web_42"}, "kiln:web_42"},
        Row{"Fifo", "a.fifo", {QueueDriver::embedded, "", "a.fifo"}, "kiln:a.fifo"},
        Row{"Sqs", "sqs:web", {QueueDriver::sqs, "", "web"}, "sqs:web"},
        Row{"Url",
            "https://sqs.us-east-1.amazonaws.com/111122223333/web",
            {QueueDriver::sqs, "https://sqs.us-east-1.amazonaws.com/111122223333/web", "web"},
            "https://sqs.us-east-1.amazonaws.com/111122223333/web"},
        Row{"UrlOfThisHost",
            "http://127.0.0.1:7420/000000000000/web",
            {QueueDriver::sqs, "http://127.0.0.1:7420/000000000000/web", "web"},
            "http://127.0.0.1:7420/000000000000/web"},
        Row{"Redis",
            "redis://u:p@host/1#web",
            {QueueDriver::redis, "redis://u:p@host/1", "web"},
            "redis://u:p@host/1#web"},
        Row{"RedisWithTls",
            "rediss://host:6380/0#web",
            {QueueDriver::redis, "rediss://host:6380/0", "web"},
            "rediss://host:6380/0#web"},
        Row{"Amqp",
            "amqp://host/%2f#web",
            {QueueDriver::amqp, "amqp://host/%2f", "web"},
            "amqp://host/%2f#web"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

class BadReference : public ::testing::TestWithParam<std::string> {};

TEST_P(BadReference, IsRefusedWithWhatOneLooksLike) {
    try {
        (void)parse_queue_reference(GetParam());
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), ::testing::HasSubstr("one looks like"));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadReference,
    ::testing::Values(
        "",
        "kiln:",
        ".fifo",
        "a b",
        "a/b",
        "sqs:",
        "ftp://host/web",
        "https://host",
        "https://host/",
        "https://:80/web",
        "https://user:secret@host/1/web",
        "https://host/1/web?x=1",
        "https://host/1 1/web",
        "redis://host/1",
        "amqp:///#web",
        std::string(81, 'a')
    )
);

TEST(ShownReference, HasNoPassword) {
    EXPECT_EQ(parse_queue_reference("redis://u:p@host/1#web").shown(), "redis://host/1#web");
    EXPECT_EQ(parse_queue_reference("web").shown(), "kiln:web");
}

TEST(BadReferenceWithAPassword, DoesNotRepeatIt) {
    for (const auto* text : {"https://u:secret@host/1/web", "redis://u:secret@host/1"}) {
        try {
            (void)parse_queue_reference(text);
            FAIL() << "no error";
        } catch (const Error& error) {
            EXPECT_THAT(error.message(), ::testing::Not(::testing::HasSubstr("secret")));
        }
    }
}

}  // namespace
}  // namespace kiln::ports
