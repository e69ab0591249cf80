#include "ports/queue_reference.hpp"

#include "base/testing/kind_of.hpp"

#include <vector>

#include <gmock/gmock.h>

namespace kiln::ports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct GoodRow {
    const char* name;
    const char* text;
    QueueReference meant;
    const char* written;
};

class QueueReferences : public ::testing::TestWithParam<GoodRow> {};

TEST_P(QueueReferences, AreReadAndWritten) {
    const auto reference = parse_queue_reference(GetParam().text);
    EXPECT_EQ(reference, GetParam().meant);
    EXPECT_EQ(reference.str(), GetParam().written);
    EXPECT_EQ(parse_queue_reference(reference.str()), reference);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    QueueReferences,
    ::testing::ValuesIn(std::vector<GoodRow>{
        {"plain", "bakes", {QueueDriver::kiln, "bakes", "", ""}, "kiln:bakes"},
        {"kiln", "kiln:web-42_R", {QueueDriver::kiln, "web-42_R", "", ""}, "kiln:web-42_R"},
        {"sqs", "sqs:q.fifo", {QueueDriver::sqs, "q.fifo", "", ""}, "sqs:q.fifo"},
        {"url",
         "https://sqs.eu-west-1.amazonaws.com/111122223333/bakes",
         {QueueDriver::sqs,
          "bakes",
          "eu-west-1",
          "https://sqs.eu-west-1.amazonaws.com/111122223333/bakes"},
         "https://sqs.eu-west-1.amazonaws.com/111122223333/bakes"},
        {"china",
         "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/b",
         {QueueDriver::sqs,
          "b",
          "cn-north-1",
          "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/b"},
         "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/b"},
    }),
    [](const auto& row) { return std::string{row.param.name}; }
);

struct BadRow {
    const char* name;
    const char* text;
    const char* message;
};

class BadQueueReferences : public ::testing::TestWithParam<BadRow> {};

TEST_P(BadQueueReferences, AreRefusedWithWhatWouldBeRight) {
    const auto error = error_of([&] { (void)parse_queue_reference(GetParam().text); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    EXPECT_THAT(error->message(), HasSubstr(GetParam().message));
    EXPECT_THAT(error->message(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(error->hint(), HasSubstr("sqs:NAME"));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadQueueReferences,
    ::testing::ValuesIn(std::vector<BadRow>{
        {"empty", "", "a queue's name is"},
        {"no_name", "sqs:", "a queue's name is"},
        {"only_fifo", "sqs:.fifo", "a queue's name is"},
        {"dot", "kiln:a.b", "a queue's name is"},
        {"long_by_one",
         "a23456789012345678901234567890123456789012345678901234567890123456789012345678901",
         "1 to 80"},
        {"other_driver", "redis://:hunter2@host/0#q", "of the kind 'redis:'"},
        {"no_scheme", "user hunter2:x", "not a queue's name"},
        {"plain_http", "http://sqs.eu-west-1.amazonaws.com/111122223333/q", "of the kind 'http:'"},
        {"other_host", "https://example.com/111122223333/q", "one of SQS"},
        {"host_before", "https://sqs.evil.com/sqs.eu-west-1.amazonaws.com/q", "one of SQS"},
        {"host_inside", "https://sqs.a.b.amazonaws.com/111122223333/q", "one of SQS"},
        {"user_in_url",
         "https://u:hunter2@sqs.eu-west-1.amazonaws.com/111122223333/q",
         "one of SQS"},
        {"no_account", "https://sqs.eu-west-1.amazonaws.com/q", "12 digits"},
        {"more_path", "https://sqs.eu-west-1.amazonaws.com/111122223333/q/r", "a queue's name is"},
        {"query",
         "https://sqs.eu-west-1.amazonaws.com/111122223333/q?x=hunter2",
         "a queue's name is"},
    }),
    [](const auto& row) { return std::string{row.param.name}; }
);

}  // namespace
}  // namespace kiln::ports
