#include "api/sqs/answers.hpp"
#include "api/sqs/batch.hpp"
#include "api/sqs/json_reader.hpp"
#include "api/sqs/message_digest.hpp"
#include "api/sqs/message_shapes.hpp"
#include "api/sqs/outgoing.hpp"
#include "api/sqs/query_reader.hpp"
#include "api/sqs/queue_shapes.hpp"
#include "api/sqs/reply.hpp"
#include "base/testing/kind_of.hpp"

#include <gmock/gmock.h>

namespace kiln::api::sqs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

template <class Shape>
Shape from_json(std::string_view body) {
    return read_json<Shape>(body, 1U << 20);
}

template <class Shape>
Shape from_form(std::string_view body) {
    Form form{"", body};
    return read_query<Shape>(form);
}

void expect_whole_message(const SendMessage& request) {
    EXPECT_EQ(request.queue_url, "u");
    const auto& message = request.message;
    EXPECT_EQ(message.body, "a&b");
    EXPECT_EQ(message.delay_seconds, 5);
    EXPECT_EQ(message.group_id, "");
    EXPECT_EQ(message.deduplication_id, std::nullopt);
    ASSERT_EQ(message.attributes.size(), 2U);
    EXPECT_EQ(message.attributes.at("n").type, "Number");
    EXPECT_EQ(message.attributes.at("n").text, "1");
    EXPECT_EQ(message.attributes.at("b").binary->bytes, (std::string{"\0\xff", 2}));
    EXPECT_EQ(message.system_attributes.at("AWSTraceHeader").text, "t");
}

TEST(SqsRequests, AreTheSameInBothProtocols) {
    expect_whole_message(from_json<SendMessage>(
        R"({"QueueUrl":"u","MessageBody":"a&b","DelaySeconds":5,"MessageGroupId":"",)"
        R"("MessageDeduplicationId":null,"MessageAttributes":{)"
        R"("n":{"DataType":"Number","StringValue":"1"},"b":{"DataType":"Binary","BinaryValue":"AP8="}},)"
        R"("MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"t"}}})"
    ));
    expect_whole_message(from_form<SendMessage>(
        "Action=SendMessage&Version=2012-11-05&QueueUrl=u&MessageBody=a%26b&DelaySeconds=5&"
        "MessageGroupId="
        "&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=Number"
        "&MessageAttribute.1.Value.StringValue=1&MessageAttribute.2.Name=b"
        "&MessageAttribute.2.Value.DataType=Binary&MessageAttribute.2.Value.BinaryValue=AP8%3D"
        "&MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.DataType="
        "String"
        "&MessageSystemAttribute.1.Value.StringValue=t"
    ));
}

TEST(SqsRequests, QueryListsAndMapsHaveTwoNames) {
    EXPECT_THAT(
        from_form<GetQueueAttributes>("AttributeName.1=a&AttributeNames.2=b").names,
        ElementsAre("a", "b")
    );
    EXPECT_THAT(
        from_form<TagQueue>("Tag.1.Key=a&Tag.1.Value=1&Tags.1.Key=b&Tags.1.Value=").tags,
        ElementsAre(Pair("a", "1"), Pair("b", ""))
    );
    EXPECT_TRUE(from_form<SendMessageBatch>("Entries=").entries.empty());
}

TEST(SqsRequests, QueryListsAreInTheOrderOfTheirNumbers) {
    const auto request = from_form<DeleteMessageBatch>(
        "DeleteMessageBatchRequestEntry.10.Id=c&DeleteMessageBatchRequestEntry.2.Id=b"
        "&DeleteMessageBatchRequestEntry.1.Id=a&DeleteMessageBatchRequestEntry.2.ReceiptHandle=r"
    );
    ASSERT_EQ(request.entries.size(), 3U);
    EXPECT_EQ(request.entries[0].id, "a");
    EXPECT_EQ(request.entries[1].receipt_handle, "r");
    EXPECT_EQ(request.entries[2].id, "c");
}

TEST(SqsRequests, WhatIsUnknownOrOfAWrongKindIsRefused) {
    const std::pair<const char*, const char*> documents[] = {
        {R"({"QueuUrl":"u"})", "unknown member QueuUrl; did you mean \"QueueUrl\"?"},
        {R"({"MessageBody":1})", "MessageBody: NUMBER_VALUE can not be converted to a String"},
        {R"({"DelaySeconds":"1"})",
         "DelaySeconds: STRING_VALUE can not be converted to an Integer"},
        {R"({"DelaySeconds":1.5})", "DelaySeconds: DECIMAL_VALUE"},
        {R"({"MessageAttributes":[]})", "MessageAttributes: START_ARRAY"},
        {R"({"MessageAttributes":{"a":"b"}})", "MessageAttributes.a: STRING_VALUE"},
        {R"({"MessageAttributes":{"a":{"BinaryValue":"!"}}})", "MessageAttributes.a.BinaryValue"},
        {"[]", "not a JSON object"},
        {"{", ""},
    };
    for (const auto& [body, said] : documents) {
        const auto error = error_of([&body = body] { (void)from_json<SendMessage>(body); });
        ASSERT_TRUE(error) << body;
        EXPECT_EQ(error->kind(), ErrorKind::invalid);
        EXPECT_THAT(error->message(), HasSubstr(said));
    }
    const std::pair<const char*, const char*> forms[] = {
        {"Foo=1", "Foo"},
        {"QueueUrl=a&QueueUrl=b", "QueueUrl"},
        {"DelaySeconds=x", "Value x for parameter DelaySeconds is invalid"},
        {"DelaySeconds=", "Must be an integer"},
        {"MessageAttribute.x.Name=a", "MessageAttribute.x.Name"},
        {"MessageAttribute.0.Name=a", "MessageAttribute.0.Name"},
        {"MessageAttribute.1.Value.DataType=a", "MessageAttribute.1.Name"},
        {"MessageAttribute.1.Name=a&MessageAttribute.2.Name=a", "given twice"},
        {"MessageAttribute.1.Name=a&MessageAttribute.1.Value.BinaryValue=!", "base64"},
    };
    for (const auto& [body, said] : forms) {
        const auto error = error_of([&body = body] { (void)from_form<SendMessage>(body); });
        ASSERT_TRUE(error) << body;
        EXPECT_EQ(error->kind(), ErrorKind::invalid);
        EXPECT_THAT(error->message(), HasSubstr(said));
    }
}

TEST(SqsAnswers, LeaveOutWhatIsEmpty) {
    MessagesAnswer none;
    EXPECT_EQ(encode({Protocol::json, "ReceiveMessage", "id"}, none).body, "{}");
    EXPECT_EQ(
        encode({Protocol::query, "ReceiveMessage", "id"}, none).body,
        "<?xml version=\"1.0\"?><ReceiveMessageResponse "
        "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult/>"
        "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></ReceiveMessageResponse>"
    );
    Nothing nothing;
    EXPECT_EQ(encode({Protocol::json, "DeleteQueue", "id"}, nothing).body, "");
    EXPECT_EQ(
        encode({Protocol::query, "DeleteQueue", "id"}, nothing).body,
        "<?xml version=\"1.0\"?><DeleteQueueResponse "
        "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
        "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DeleteQueueResponse>"
    );
    SourceQueuesAnswer sources;
    EXPECT_EQ(
        encode({Protocol::json, "ListDeadLetterSourceQueues", "id"}, sources).body,
        R"({"queueUrls":[]})"
    );
}

MessagesAnswer one_message() {
    ShownMessage message;
    message.id = "m";
    message.receipt = "r";
    message.body_md5 = "sum";
    message.body = "\"<&>\r\n\x01";
    message.system_attributes = {{"SenderId", "s"}};
    message.attributes = {{"b", {"Binary", std::nullopt, std::string_view{"\0", 1}}}};
    return {{message}};
}

TEST(SqsAnswers, AreEscapedInBothProtocols) {
    auto answer = one_message();
    EXPECT_EQ(
        encode({Protocol::json, "ReceiveMessage", "id"}, answer).body,
        R"({"Messages":[{"MessageId":"m","ReceiptHandle":"r","MD5OfBody":"sum","Body":"\"<&>\r\n\u0001",)"
        R"("Attributes":{"SenderId":"s"},"MessageAttributes":{"b":{"BinaryValue":"AA==","DataType":"Binary"}}}]})"
    );
    EXPECT_THAT(
        encode({Protocol::query, "ReceiveMessage", "id"}, answer).body,
        HasSubstr("<ReceiveMessageResult><Message><MessageId>m</MessageId><ReceiptHandle>r</"
                  "ReceiptHandle>"
                  "<MD5OfBody>sum</MD5OfBody><Body>&quot;&lt;&amp;&gt;&#xD;\n\xef\xbf\xbd</Body>"
                  "<Attribute><Name>SenderId</Name><Value>s</Value></Attribute>"
                  "<MessageAttribute><Name>b</Name><Value><BinaryValue>AA==</BinaryValue>"
                  "<DataType>Binary</DataType></Value></MessageAttribute></Message></"
                  "ReceiveMessageResult>")
    );
    EXPECT_THAT(
        encode({Protocol::query_json, "ReceiveMessage", "id"}, answer).body,
        HasSubstr(
            R"({"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{"MessageId":"m",)"
        )
    );
}

TEST(SqsFailures, AreToldInTheWordsOfEachProtocol) {
    const Failure failure{ErrorCode::queue_does_not_exist, "The specified queue does not exist."};
    const auto json = encode_failure({Protocol::json, "", "id"}, failure);
    EXPECT_EQ(json.status, 400U);
    EXPECT_EQ(
        json.body,
        R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."})"
    );
    EXPECT_EQ(
        json.headers.value_or("x-amzn-query-error", ""),
        "AWS.SimpleQueueService.NonExistentQueue;Sender"
    );
    EXPECT_EQ(
        encode_failure({Protocol::query, "", "id"}, failure).body,
        "<?xml version=\"1.0\"?><ErrorResponse "
        "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
        "<Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>"
        "<Message>The specified queue does not exist for this wsdl "
        "version.</Message><Detail/></Error>"
        "<RequestId>id</RequestId></ErrorResponse>"
    );
    EXPECT_EQ(
        encode_failure({Protocol::query_json, "", "id"}, {ErrorCode::unavailable, "no"}).body,
        R"({"Error":{"Type":"Receiver","Code":"ServiceUnavailable","Message":"no"},"RequestId":"id"})"
    );
}

TEST(SqsBatches, HaveOneToTenEntriesOfTheirOwnIds) {
    const auto code_of = [](const std::vector<std::string_view>& ids) {
        const auto failure = refuse_batch("SendMessageBatch", ids);
        return failure ? std::string{names_of(failure->code).json} : "";
    };
    const std::string longest(80, 'a');
    EXPECT_EQ(code_of({"a", "A-0_", longest}), "");
    EXPECT_THAT(code_of({}), HasSubstr("EmptyBatchRequest"));
    EXPECT_THAT(code_of(std::vector<std::string_view>(11, "a")), HasSubstr("TooManyEntries"));
    EXPECT_THAT(code_of({"a", "a"}), HasSubstr("BatchEntryIdsNotDistinct"));
    for (const auto& bad : {std::string{}, std::string{"a b"}, longest + "a"}) {
        EXPECT_THAT(code_of({bad}), HasSubstr("InvalidBatchEntryId")) << bad;
    }
}

TEST(SqsDigests, AreThoseThatSdksCompute) {
    // As boto3 computes it.
    EXPECT_EQ(
        attributes_md5({{"timestamp", {"Number", "1493147359900"}}}),
        "235c5c510d26fb653d073faed50ae77c"
    );
    EXPECT_NE(attributes_md5({{"a", {"Binary", "x"}}}), attributes_md5({{"a", {"String", "x"}}}));
}

TEST(SqsAttributeFilters, TakeNamesPrefixesAndAll) {
    const std::pair<const char*, bool> table[] = {
        {"All", true},
        {"*", true},
        {".*", true},
        {"Hello", true},
        {"Hel.*", true},
        {"hello", false},
        {"Hel", false},
        {"Hell*", false},
        {"Help.*", false},
    };
    for (const auto& [filter, wanted] : table) {
        EXPECT_EQ(is_wanted("Hello", {"Other", filter}), wanted) << filter;
    }
    EXPECT_FALSE(is_wanted("Hello", {}));
    EXPECT_TRUE(refuse_system_names({"All", "Foo"}));
    EXPECT_FALSE(refuse_system_names({"All", "SenderId"}));
}

}  // namespace
}  // namespace kiln::api::sqs
