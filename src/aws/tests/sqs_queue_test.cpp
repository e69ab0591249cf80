#include "aws/sqs_queue.hpp"

#include "aws/sqs_errors.hpp"
#include "aws/sqs_messages.hpp"
#include "aws/tests/scripted_service.hpp"
#include "base/md5.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace kiln::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPlace;
using testing::ScriptedService;
using ::testing::SizeIs;

constexpr const char* kUrl = "http://127.0.0.1:9/000000000000/q";

std::string url_answer() {
    return fmt::format(R"({{"QueueUrl":"{}"}})", kUrl);
}

std::string sent_answer(std::string_view body, std::string_view id = "id") {
    return fmt::format(R"({{"MessageId":"{}","MD5OfMessageBody":"{}"}})", id, md5(body));
}

class Queue : public ::testing::Test {
  protected:
    SqsQueue& queue() {
        if (!queue_) {
            queue_.emplace(kPlace, service_.world());
        }
        return *queue_;
    }

    std::vector<std::string> operations() const {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < service_.requests.size(); ++i) {
            names.push_back(service_.operation(i));
        }
        return names;
    }

    ScriptedService service_;
    std::optional<SqsQueue> queue_;
};

TEST_F(Queue, UrlIsLookedUpOnceAndRemembered) {
    service_.answer(url_answer()).answer(sent_answer("a")).answer(sent_answer("b"));
    EXPECT_THAT(queue().send("q", {{.body = "a"}}), SizeIs(1));
    (void)queue().send("q", {{.body = "b"}});
    EXPECT_THAT(operations(), ElementsAre("GetQueueUrl", "SendMessage", "SendMessage"));
    EXPECT_EQ(service_.asked(2).at("QueueUrl"), kUrl);
}

TEST_F(Queue, UrlOfAQueueThatIsGoneIsForgotten) {
    service_.answer(url_answer()).fail(400, "QueueDoesNotExist").answer(url_answer()).answer("{}");
    EXPECT_EQ(kind_of([&] { queue().purge("q"); }), ErrorKind::not_found);
    queue().purge("q");
    EXPECT_THAT(
        operations(), ElementsAre("GetQueueUrl", "PurgeQueue", "GetQueueUrl", "PurgeQueue")
    );
}

TEST_F(Queue, QueueNamedByItsUrlNeedsNoLookUp) {
    service_.answer("{}");
    queue().purge(kUrl);
    EXPECT_EQ(service_.asked(0).at("QueueUrl"), kUrl);
}

TEST_F(Queue, MessageIsSentWithAllThatBelongsToIt) {
    const ports::OutgoingMessage message{
        .body = "b",
        .attributes = {{"n", {"Number", "1"}}, {"x", {"Binary.png", std::string{"\0\xff", 2}}}},
        .delay = 5s};
    service_.answer(url_answer())
        .answer(fmt::format(
            R"({{"MessageId":"i","MD5OfMessageBody":"{}","MD5OfMessageAttributes":"{}"}})",
            md5("b"),
            md5_of_attributes(message.attributes)
        ));
    EXPECT_EQ(queue().send("q", {message}).at(0).id, "i");
    EXPECT_EQ(
        json::serialize(service_.asked(1)),
        R"({"MessageBody":"b","DelaySeconds":5,"MessageAttributes":{"n":{"DataType":"Number","StringValue":"1"},)"
        R"("x":{"DataType":"Binary.png","BinaryValue":"AP8="}},"QueueUrl":"http://127.0.0.1:9/000000000000/q"})"
    );
}

TEST_F(Queue, FifoMessagesGoOneByOneWithGroupAndDeduplication) {
    service_.answer(url_answer())
        .answer(fmt::format(
            R"({{"MessageId":"1","SequenceNumber":"17","MD5OfMessageBody":"{}"}})", md5("a")
        ))
        .answer(sent_answer("b"));
    const auto sent = queue().send(
        "q.fifo", {{.body = "a", .group = "g", .deduplication = "d"}, {.body = "b", .group = "g"}}
    );
    EXPECT_THAT(sent, SizeIs(2));
    EXPECT_EQ(sent[0].sequence, "17");
    EXPECT_EQ(service_.asked(1).at("MessageGroupId"), "g");
    EXPECT_EQ(service_.asked(1).at("MessageDeduplicationId"), "d");
    EXPECT_THAT(operations(), ElementsAre("GetQueueUrl", "SendMessage", "SendMessage"));
}

TEST_F(Queue, BatchIsUpToTenMessagesAndAMebibyte) {
    std::vector<ports::OutgoingMessage> messages(13, {.body = "x"});
    messages[11].body = std::string(600U << 10U, 'y');
    messages[12].body = std::string(600U << 10U, 'z');
    json::array first;
    for (int i = 0; i < 10; ++i) {
        first.push_back(
            {{"Id", std::to_string(i)},
             {"MessageId", std::to_string(i)},
             {"MD5OfMessageBody", md5("x")}}
        );
    }
    json::array second{
        {{"Id", "0"}, {"MessageId", "10"}, {"MD5OfMessageBody", md5("x")}},
        {{"Id", "1"}, {"MessageId", "11"}, {"MD5OfMessageBody", md5(messages[11].body)}}};
    service_.answer(url_answer())
        .answer(json::serialize(json::object{{"Successful", first}}))
        .answer(json::serialize(json::object{{"Successful", second}}))
        .answer(sent_answer(messages[12].body, "12"));
    const auto sent = queue().send("q", messages);
    ASSERT_THAT(sent, SizeIs(13));
    for (std::size_t i = 0; i < sent.size(); ++i) {
        EXPECT_EQ(sent[i].id, std::to_string(i));
    }
    EXPECT_THAT(
        operations(),
        ElementsAre("GetQueueUrl", "SendMessageBatch", "SendMessageBatch", "SendMessage")
    );
}

TEST_F(Queue, MessagesOfABatchThatTheServiceLostAreSentAgainByThemselves) {
    service_.answer(url_answer())
        .answer(fmt::format(
            R"({{"Successful":[{{"Id":"1","MessageId":"b","MD5OfMessageBody":"{}"}}],)"
            R"("Failed":[{{"Id":"0","SenderFault":false,"Code":"InternalError"}}]}})",
            md5("b")
        ))
        .answer(sent_answer("a", "a"));
    const auto sent = queue().send("q", {{.body = "a"}, {.body = "b"}});
    EXPECT_EQ(sent.at(0).id, "a");
    EXPECT_EQ(sent.at(1).id, "b");
}

TEST_F(Queue, MessageOfABatchThatIsRefusedIsSaid) {
    service_.answer(url_answer())
        .answer(
            R"({"Failed":[{"Id":"0","SenderFault":true,"Code":"AccessDenied","Message":"not you"},{"Id":"1"}]})"
        );
    const auto error = error_of([&] { (void)queue().send("q", {{.body = "a"}, {.body = "b"}}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::denied);
    EXPECT_THAT(error->message(), HasSubstr("not you"));
}

TEST_F(Queue, MessagesBeforeABadOneAreSentAndThoseAfterItAreNot) {
    service_.answer(url_answer()).answer(sent_answer("a"));
    const auto error = error_of([&] {
        (void)queue().send("q", {{.body = "a"}, {.body = ""}, {.body = "c"}});
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    EXPECT_THAT(error->message(), HasSubstr("message 2 to 'q'"));
    EXPECT_THAT(operations(), ElementsAre("GetQueueUrl", "SendMessage"));
}

TEST_F(Queue, WrongSumOfASentMessageIsCorrupt) {
    service_.answer(url_answer()).answer(sent_answer("other"));
    EXPECT_EQ(kind_of([&] { (void)queue().send("q", {{.body = "a"}}); }), ErrorKind::corrupt);
    service_.answer(R"({"MessageId":"1"})");
    EXPECT_EQ(kind_of([&] { (void)queue().send("q", {{.body = "a"}}); }), ErrorKind::unavailable);
}

TEST_F(Queue, ReceiveAsksForEverythingAndReadsIt) {
    service_.answer(url_answer())
        .answer(fmt::format(
            R"({{"Messages":[{{"MessageId":"i","ReceiptHandle":"r","Body":"b","MD5OfBody":"{}",)"
            R"("Attributes":{{"ApproximateReceiveCount":"2","SentTimestamp":"1767225600123","MessageGroupId":"g"}},)"
            R"("MessageAttributes":{{"x":{{"DataType":"Binary","BinaryValue":"AP8="}}}},)"
            R"("MD5OfMessageAttributes":"{}"}}]}})",
            md5("b"),
            md5_of_attributes({{"x", {"Binary", std::string{"\0\xff", 2}}}})
        ));
    const auto received = queue().receive("q", {.at_most = 7, .wait = 20s, .visibility = 9s}, {});
    EXPECT_EQ(
        json::serialize(service_.asked(1)),
        R"({"MaxNumberOfMessages":7,"WaitTimeSeconds":20,"MessageSystemAttributeNames":["All"],)"
        R"("MessageAttributeNames":["All"],"VisibilityTimeout":9,"QueueUrl":"http://127.0.0.1:9/000000000000/q"})"
    );
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].receipt, "r");
    EXPECT_EQ(received[0].receives, 2);
    EXPECT_EQ(received[0].group, "g");
    EXPECT_EQ(received[0].sent, parse_time("2026-01-01T00:00:00.123Z"));
    EXPECT_EQ(received[0].attributes.at("x").value, (std::string{"\0\xff", 2}));
}

TEST_F(Queue, DamagedMessageIsCorrupt) {
    service_.answer(url_answer())
        .answer(R"({"Messages":[{"MessageId":"i","ReceiptHandle":"r","Body":"b","MD5OfBody":"0"}]})"
        );
    EXPECT_EQ(kind_of([&] { (void)queue().receive("q", {}, {}); }), ErrorKind::corrupt);
}

TEST_F(Queue, ReceiveThatIsStoppedIsEmpty) {
    std::stop_source stop;
    service_.answer(url_answer());
    queue();
    auto world = service_.world();
    world.transport = [&, inner = world.transport](const auto& request, const auto& token) {
        if (request.headers.value_or("X-Amz-Target", "") == "AmazonSQS.ReceiveMessage") {
            stop.request_stop();
            throw Error{ErrorKind::cancelled, "stopped"};
        }
        return inner(request, token);
    };
    SqsQueue stopped{kPlace, world};
    EXPECT_THAT(stopped.receive("q", {.wait = 20s}, stop.get_token()), IsEmpty());
    EXPECT_THAT(stopped.receive("q", {.wait = 20s}, stop.get_token()), IsEmpty());
    EXPECT_THAT(service_.requests, SizeIs(1));
}

struct ReceiptRow {
    const char* name;
    const char* error;
    const char* message;
    ErrorKind extend;
    ErrorKind remove;
};

class Receipts : public ::testing::TestWithParam<ReceiptRow> {};

TEST_P(Receipts, ThatAreOverOrWrongAreToldApart) {
    const auto& row = GetParam();
    ScriptedService service;
    auto world = service.world();
    world.transport = [&](const net::ClientRequest&, const std::stop_token&) {
        return net::ClientResponse{
            400,
            {},
            json::serialize(json::object{{"__type", row.error}, {"message", row.message}})};
    };
    SqsQueue queue{kPlace, world};
    EXPECT_EQ(kind_of([&] { queue.extend(kUrl, "r", 5s); }), row.extend);
    EXPECT_EQ(kind_of([&] { queue.remove(kUrl, "r"); }), row.remove);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Receipts,
    ::testing::ValuesIn(std::vector<ReceiptRow>{
        {"of_no_message", "ReceiptHandleIsInvalid", "", ErrorKind::invalid, ErrorKind::invalid},
        {"not_in_flight", "MessageNotInflight", "", ErrorKind::conflict, ErrorKind::conflict},
        {"deleted",
         "InvalidParameterValue",
         "Value r for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
         "available for visibility timeout change.",
         ErrorKind::conflict,
         ErrorKind::conflict},
        {"fifo_expired",
         "InvalidParameterValueException",
         "Value r for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
         ErrorKind::conflict,
         ErrorKind::conflict},
        {"out_of_range",
         "InvalidParameterValue",
         "Value 99999 for parameter VisibilityTimeout is invalid.",
         ErrorKind::invalid,
         ErrorKind::invalid},
        {"no_queue", "QueueDoesNotExist", "", ErrorKind::not_found, ErrorKind::not_found},
    }),
    [](const auto& row) { return std::string{row.param.name}; }
);

TEST_F(Queue, IsMadeWithItsDeadLetterQueue) {
    service_.answer(url_answer())
        .answer(R"({"Attributes":{"QueueArn":"arn:aws:sqs:r:1:dead.fifo"}})")
        .answer(url_answer());
    queue().create(
        {.name = "q.fifo",
         .visibility = 60s,
         .delay = 1s,
         .retention = 3600s,
         .dead_letters = ports::DeadLetters{"dead.fifo", 5},
         .content_deduplication = true,
         .tags = {{"team", "web"}}}
    );
    EXPECT_EQ(
        json::serialize(service_.asked(2)),
        R"({"QueueName":"q.fifo","Attributes":{"VisibilityTimeout":"60","DelaySeconds":"1",)"
        R"("MessageRetentionPeriod":"3600","FifoQueue":"true","ContentBasedDeduplication":"true",)"
        R"("RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:r:1:dead.fifo\",\"maxReceiveCount\":\"5\"}"},)"
        R"("tags":{"team":"web"}})"
    );
}

TEST_F(Queue, WhatIsOutOfRangeIsRefusedBeforeAnythingIsAsked) {
    for (const auto& spec : std::vector<ports::QueueSpec>{
             {.name = "a b"},
             {.name = "a", .visibility = 43201s},
             {.name = "a", .delay = 901s},
             {.name = "a", .retention = 59s},
             {.name = "a", .dead_letters = ports::DeadLetters{"d", 1001}},
             {.name = "a", .dead_letters = ports::DeadLetters{"d.fifo", 1}},
             {.name = "a", .content_deduplication = true}}) {
        EXPECT_EQ(kind_of([&] { queue().create(spec); }), ErrorKind::invalid);
    }
    for (const auto& spec : std::vector<ports::ReceiveSpec>{
             {.at_most = 0}, {.at_most = 11}, {.wait = 21s}, {.visibility = 43201s}}) {
        EXPECT_EQ(kind_of([&] { (void)queue().receive("q", spec, {}); }), ErrorKind::invalid);
    }
    EXPECT_THAT(service_.requests, IsEmpty());
}

TEST_F(Queue, OfDeadLettersThatIsAbsentIsInvalid) {
    service_.fail(400, "QueueDoesNotExist");
    EXPECT_EQ(
        kind_of([&] {
            queue().create({.name = "q", .dead_letters = ports::DeadLetters{"d", 1}});
        }),
        ErrorKind::invalid
    );
}

TEST_F(Queue, ThatIsAbsentIsDestroyedAlready) {
    service_.fail(400, "QueueDoesNotExist");
    queue().destroy("q");
    service_.answer(url_answer()).fail(400, "QueueDoesNotExist");
    queue().destroy("q");
}

TEST_F(Queue, ListGoesOnUntilTheLastPageAndIsSorted) {
    service_.answer(R"({"QueueUrls":["http://h/1/b","http://h/1/c"],"NextToken":"t"})")
        .answer(R"({"QueueUrls":["http://h/1/a"]})")
        .answer("{}");
    EXPECT_THAT(queue().list("x"), ElementsAre("a", "b", "c"));
    EXPECT_EQ(service_.asked(0).at("QueueNamePrefix"), "x");
    EXPECT_EQ(service_.asked(1).at("NextToken"), "t");
    EXPECT_THAT(queue().list(""), IsEmpty());
    EXPECT_FALSE(service_.asked(2).contains("QueueNamePrefix"));
}

TEST_F(Queue, DepthIsReadFromItsAttributes) {
    service_.answer(url_answer())
        .answer(
            R"({"Attributes":{"ApproximateNumberOfMessages":"3","ApproximateNumberOfMessagesNotVisible":"2",)"
            R"("ApproximateNumberOfMessagesDelayed":"1"}})"
        );
    const auto depth = queue().depth("q");
    EXPECT_EQ(depth.visible, 3);
    EXPECT_EQ(depth.in_flight, 2);
    EXPECT_EQ(depth.delayed, 1);
    EXPECT_EQ(depth.oldest_age, std::nullopt);
}

TEST_F(Queue, RedriveStartsATaskOfItsArn) {
    service_.answer(url_answer())
        .answer(R"({"Attributes":{"QueueArn":"arn:q"}})")
        .fail(400, "InvalidParameterValue");
    EXPECT_EQ(kind_of([&] { queue().redrive("q"); }), ErrorKind::invalid);
    EXPECT_EQ(service_.asked(2).at("SourceArn"), "arn:q");
}

// Source of the sum: computed by the AWS SDK for Python's rule (md5 over length-prefixed parts).
TEST(SqsMessages, SumOfAttributesIsOverNameTypeAndValueInOrderOfNames) {
    EXPECT_EQ(md5_of_attributes({}), "");
    EXPECT_EQ(
        md5_of_attributes({{"b", {"Binary", "v"}}, {"a", {"String", "v"}}}),
        "f30db1e45a2ac0af94204a2a8f1cd461"
    );
}

struct ErrorRow {
    const char* name;
    ErrorKind kind;
};

class SqsErrors : public ::testing::TestWithParam<ErrorRow> {};

TEST_P(SqsErrors, HaveTheKindOfWhatCanBeDone) {
    EXPECT_EQ(sqs_error_kind({.status = 400, .name = GetParam().name}), GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    SqsErrors,
    ::testing::ValuesIn(std::vector<ErrorRow>{
        {"BatchEntryIdsNotDistinct", ErrorKind::invalid},
        {"BatchRequestTooLong", ErrorKind::invalid},
        {"EmptyBatchRequest", ErrorKind::invalid},
        {"InvalidAddress", ErrorKind::invalid},
        {"InvalidAttributeName", ErrorKind::invalid},
        {"InvalidAttributeValue", ErrorKind::invalid},
        {"InvalidBatchEntryId", ErrorKind::invalid},
        {"InvalidIdFormat", ErrorKind::invalid},
        {"InvalidMessageContents", ErrorKind::invalid},
        {"InvalidParameterValue", ErrorKind::invalid},
        {"InvalidSecurity", ErrorKind::denied},
        {"KmsAccessDenied", ErrorKind::denied},
        {"KmsDisabled", ErrorKind::denied},
        {"KmsInvalidKeyUsage", ErrorKind::denied},
        {"KmsInvalidState", ErrorKind::denied},
        {"KmsNotFound", ErrorKind::denied},
        {"KmsOptInRequired", ErrorKind::denied},
        {"KmsThrottled", ErrorKind::exhausted},
        {"MessageNotInflight", ErrorKind::conflict},
        {"MissingParameter", ErrorKind::invalid},
        {"MissingRequiredParameter", ErrorKind::invalid},
        {"NonExistentQueue", ErrorKind::not_found},
        {"OverLimit", ErrorKind::exhausted},
        {"PurgeQueueInProgress", ErrorKind::conflict},
        {"QueueAlreadyExists", ErrorKind::conflict},
        {"QueueDeletedRecently", ErrorKind::conflict},
        {"QueueDoesNotExist", ErrorKind::not_found},
        {"QueueNameExists", ErrorKind::conflict},
        {"ReceiptHandleIsInvalid", ErrorKind::invalid},
        {"RequestThrottled", ErrorKind::exhausted},
        {"ResourceNotFound", ErrorKind::not_found},
        {"TooManyEntriesInBatchRequest", ErrorKind::invalid},
        {"UnsupportedOperation", ErrorKind::invalid},
        {"AccessDenied", ErrorKind::denied},
        {"SomethingNew", ErrorKind::invalid},
    }),
    [](const auto& row) { return std::string{row.param.name}; }
);

TEST(SqsError, NamesOperationQueueAndError) {
    EXPECT_EQ(
        sqs_error(
            {400, "QueueDoesNotExist", "The specified queue does not exist.", {}},
            "SendMessage",
            "q"
        )
            .message(),
        "sqs SendMessage 'q': The specified queue does not exist. (QueueDoesNotExist)"
    );
    EXPECT_EQ(sqs_error({503, "", "status 503", 4s}, "ListQueues", "").retry_after(), 4s);
}

}  // namespace
}  // namespace kiln::aws
