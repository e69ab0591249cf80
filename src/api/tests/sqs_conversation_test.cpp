// SQS over a real connection: server, router, service and engine together, on a store in memory.

#include "api/aws_router.hpp"
#include "api/sqs/service.hpp"
#include "aws/sigv4.hpp"
#include "base/json.hpp"
#include "base/sha256.hpp"
#include "net/server.hpp"
#include "net/tests/raw_client.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_queue_store.hpp"
#include "queue/engine.hpp"

#include <atomic>
#include <future>

#include <gmock/gmock.h>

namespace kiln::api::sqs {
namespace {

using net::testing::RawClient;
using ::testing::HasSubstr;
using Answer = RawClient::Answer;

const aws::Credentials kKey{"AK", "secret", ""};

class Conversation : public ::testing::Test {
  protected:
    static std::vector<std::unique_ptr<AwsService>> services(queue::Engine& engine) {
        std::vector<std::unique_ptr<AwsService>> made;
        made.push_back(std::make_unique<Service>(engine, queue::Place{}));
        return made;
    }

    RawClient connect() const { return RawClient{server_.port()}; }

    /// Sends a signed request.
    void ask(
        RawClient& client,
        std::string_view method,
        std::string_view target,
        net::Headers headers,
        const std::string& body
    ) const {
        headers.add("Host", "test");
        aws::Signing signing;
        signing.credentials = kKey;
        signing.region = "us-east-1";
        signing.service = "sqs";
        signing.at = clock_.now();
        const auto hash = sha256(body);
        const auto mark = target.find('?');
        const auto made = sign_by_header(
            {method,
             target.substr(0, mark),
             mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1),
             headers.all(),
             hash},
            signing,
            signing_key(kKey.secret_access_key, signing.scope())
        );
        std::string fields;
        for (const auto& [name, value] : headers.all()) {
            if (name != "Host") {
                fields += name + ": " + value + "\r\n";
            }
        }
        for (const auto& [name, value] : made.headers) {
            fields += name + ": " + value + "\r\n";
        }
        ASSERT_TRUE(client.ask(std::string{method} + " " + std::string{target}, fields, body));
    }

    Answer json(std::string_view operation, const json::object& arguments) const {
        auto client = connect();
        send_json(client, operation, arguments);
        return client.answer();
    }

    void send_json(RawClient& client, std::string_view operation, const json::object& arguments)
        const {
        ask(client,
            "POST",
            "/",
            {{"Content-Type", "application/x-amz-json-1.0"},
             {"X-Amz-Target", "AmazonSQS." + std::string{operation}}},
            json::serialize(arguments));
    }

    Answer get(std::string_view target, net::Headers headers = {}) const {
        auto client = connect();
        ask(client, "GET", target, std::move(headers), "");
        return client.answer();
    }

    /// Until what this many requests want has reached the engine, which works in that order.
    void wait_for_handled(unsigned requests) const {
        while (handled_ < requests) {
            std::this_thread::yield();
        }
    }

    void wait_for_all_answered() const {
        while (server_.counters().answering != 0) {
            std::this_thread::yield();
        }
    }

    ports::testing::FakeClock clock_;
    ports::testing::FakeSteadyClock steady_;
    ports::testing::MemoryQueueStore store_;
    queue::Engine engine_{store_, clock_, steady_};
    AwsAuthenticator authenticator_{{kKey}, "us-east-1", clock_};
    AwsRouter router_{services(engine_), authenticator_};
    std::atomic<unsigned> handled_{0};
    net::Server server_{{}, [this](net::Request request, net::Responder responder) {
                            router_.handle(std::move(request), std::move(responder), "request-1");
                            ++handled_;
                        }};
};

TEST_F(Conversation, AMessageGoesThroughAQueue) {
    const auto made = json("CreateQueue", {{"QueueName", "q"}});
    EXPECT_EQ(made.status, 200U);
    EXPECT_EQ(made.body, R"({"QueueUrl":"http://test/000000000000/q"})");
    EXPECT_EQ(made.headers.value_or("x-amzn-RequestId", ""), "request-1");
    const json::object queue{{"QueueUrl", "http://elsewhere/000000000000/q"}};
    auto sending = queue;
    sending["MessageBody"] = "hello";
    const auto sent = parse_json(json("SendMessage", sending).body);
    EXPECT_EQ(sent.at("MD5OfMessageBody"), "5d41402abc4b2a76b9719d911017c592");
    const auto received = parse_json(json("ReceiveMessage", queue).body).at("Messages").at(0);
    EXPECT_EQ(received.at("Body"), "hello");
    EXPECT_EQ(received.at("MessageId"), sent.at("MessageId"));
    auto deleting = queue;
    deleting["ReceiptHandle"] = received.at("ReceiptHandle");
    const auto deleted = json("DeleteMessage", deleting);
    EXPECT_EQ(deleted.status, 200U);
    EXPECT_EQ(deleted.body, "");
}

TEST_F(Conversation, ALongPollIsAnsweredByASend) {
    (void)json("CreateQueue", {{"QueueName", "q"}});
    auto waiting = connect();
    send_json(waiting, "ReceiveMessage", {{"QueueUrl", "q"}, {"WaitTimeSeconds", 20}});
    (void)json("SendMessage", {{"QueueUrl", "q"}, {"MessageBody", "hello"}});
    EXPECT_THAT(waiting.answer().body, HasSubstr("hello"));
}

TEST_F(Conversation, APollOfAClientThatIsGoneTakesNothing) {
    (void)json("CreateQueue", {{"QueueName", "q"}});
    auto first = connect();
    send_json(first, "ReceiveMessage", {{"QueueUrl", "q"}, {"WaitTimeSeconds", 20}});
    wait_for_handled(2);
    first.hang_up();
    wait_for_all_answered();
    (void)json("SendMessage", {{"QueueUrl", "q"}, {"MessageBody", "hello"}});
    EXPECT_THAT(json("ReceiveMessage", {{"QueueUrl", "q"}}).body, HasSubstr("hello"));
}

TEST_F(Conversation, TheQueueOfAQueryIsInItsPath) {
    (void)json("CreateQueue", {{"QueueName", "q"}});
    EXPECT_EQ(get("/000000000000/q?Action=SendMessage&MessageBody=hi").status, 200U);
    EXPECT_THAT(get("/000000000000/q?Action=ReceiveMessage").body, HasSubstr("<Body>hi</Body>"));
    EXPECT_THAT(
        get("/000000000000/q?Action=ListQueues").body,
        HasSubstr("<Code>InvalidAction</Code><Message>The action ListQueues is not valid for this "
                  "endpoint.")
    );
    EXPECT_THAT(
        get("/000000000000/q?Action=ListQueues", {{"Accept", "application/json"}}).body,
        HasSubstr(R"({"Error":{"Type":"Sender","Code":"InvalidAction")")
    );
    const auto without = get("/000000000000/q");
    EXPECT_EQ(without.status, 404U);
    EXPECT_EQ(without.body, "<UnknownOperationException/>");
}

TEST_F(Conversation, UnknownQueuesAddressesAndActionsAreTold) {
    struct Row {
        const char* target;
        unsigned status;
        const char* said;
    };

    for (const auto& [target, status, said] :
         {Row{"/000000000000/none?Action=PurgeQueue",
              400,
              "AWS.SimpleQueueService.NonExistentQueue"},
          Row{"/111111111111/q?Action=PurgeQueue", 400, "AWS.SimpleQueueService.NonExistentQueue"},
          Row{"/000000000000/a/b?Action=PurgeQueue", 404, "InvalidAddress"},
          Row{"/?Action=PurgeQueue", 400, "The request must contain the parameter QueueUrl."},
          Row{"/?Action=Purge&Version=2012-11-05", 400, "InvalidAction"},
          Row{"/?Action=ListQueues&Version=2009-02-01",
              400,
              "Could not find operation ListQueues for version"},
          Row{"/?Action=ListQueues&Foo=1", 400, "Foo"}}) {
        const auto answer = get(target);
        EXPECT_EQ(answer.status, status) << target;
        EXPECT_THAT(answer.body, HasSubstr(said)) << target;
    }
    EXPECT_THAT(json("Purge", {}).body, HasSubstr("UnknownOperationException"));
}

TEST_F(Conversation, WithoutASignatureNothingIsDone) {
    auto client = connect();
    client.ask("POST /", "X-Amz-Target: AmazonSQS.CreateQueue\r\n", R"({"QueueName":"q"})");
    const auto answer = client.answer();
    EXPECT_EQ(answer.status, 403U);
    EXPECT_THAT(answer.body, HasSubstr("MissingAuthenticationTokenException"));
    EXPECT_EQ(
        answer.headers.value_or("x-amzn-query-error", ""), "MissingAuthenticationToken;Sender"
    );
    auto other = connect();
    other.ask("GET /000000000000/q?Action=DeleteQueue");
    EXPECT_THAT(other.answer().body, HasSubstr("<Code>MissingAuthenticationToken</Code>"));
    EXPECT_EQ(engine_.find("q"), nullptr);
}

TEST_F(Conversation, ListsComeInPages) {
    for (const auto* name : {"a", "b", "c"}) {
        (void)json("CreateQueue", {{"QueueName", name}});
    }
    const auto first = parse_json(json("ListQueues", {{"MaxResults", 2}}).body);
    EXPECT_EQ(first.at("QueueUrls").as_array().size(), 2U);
    const auto second = json("ListQueues", {{"NextToken", first.at("NextToken")}});
    EXPECT_EQ(second.body, R"({"QueueUrls":["http://test/000000000000/c"]})");
    EXPECT_THAT(
        json("ListQueues", {{"NextToken", "!"}}).body, HasSubstr("Invalid or expired next token")
    );
    EXPECT_THAT(
        json("ListQueues", {{"MaxResults", 1001}}).body,
        HasSubstr("Value 1001 for parameter MaxResults")
    );
}

TEST_F(Conversation, OneBadEntryDoesNotFailABatch) {
    (void)json("CreateQueue", {{"QueueName", "q"}});
    const auto answer = parse_json(json(
                                       "SendMessageBatch",
                                       {{"QueueUrl", "q"},
                                        {"Entries",
                                         json::array{
                                             json::object{{"Id", "good"}, {"MessageBody", "x"}},
                                             json::object{{"Id", "bad"}, {"MessageBody", "\x01"}}}}}
    ).body);
    EXPECT_EQ(answer.at("Successful").at(0).at("Id"), "good");
    EXPECT_EQ(answer.at("Failed").at(0).at("Id"), "bad");
    EXPECT_EQ(answer.at("Failed").at(0).at("Code"), "InvalidMessageContents");
    EXPECT_EQ(answer.at("Failed").at(0).at("SenderFault"), true);
    const auto handles = parse_json(
        json(
            "DeleteMessageBatch",
            {{"QueueUrl", "q"},
             {"Entries", json::array{json::object{{"Id", "x"}, {"ReceiptHandle", "garbage"}}}}}
        ).body
    );
    EXPECT_EQ(handles.at("Failed").at(0).at("Code"), "ReceiptHandleIsInvalid");
}

TEST_F(Conversation, WhatIsRepeatedInAnErrorIsTextInIt) {
    (void)json("CreateQueue", {{"QueueName", "q"}});
    const auto xml = get("/000000000000/q?Action=SendMessage&MessageBody=x&MessageGroupId=%FF%01");
    EXPECT_THAT(xml.body, HasSubstr("Value \xef\xbf\xbd\xef\xbf\xbd for parameter MessageGroupId"));
    const auto header =
        get("/000000000000/q?Action=SendMessage&MessageBody=x", {{"X-Amzn-Trace-Id", "a\xff"}});
    EXPECT_EQ(header.status, 200U);
    EXPECT_THAT(
        get("/000000000000/q?Action=ReceiveMessage&AttributeName.1=All").body,
        ::testing::Not(HasSubstr("AWSTraceHeader"))
    );
}

TEST_F(Conversation, AnAttributeHasTheValueOfItsType) {
    (void)json("CreateQueue", {{"QueueName", "q"}});
    const auto send = [&](const json::object& attribute) {
        return json(
            "SendMessage",
            {{"QueueUrl", "q"},
             {"MessageBody", "x"},
             {"MessageAttributes", json::object{{"a", attribute}}}}
        );
    };
    EXPECT_EQ(send({{"DataType", "String"}, {"StringValue", "x"}}).status, 200U);
    EXPECT_THAT(
        send({{"DataType", "String"}, {"StringValue", "x"}, {"BinaryValue", "AA=="}}).body,
        HasSubstr("must not contain a BinaryValue")
    );
    EXPECT_THAT(
        send({{"DataType", "Binary"}, {"StringValue", "x"}}).body,
        HasSubstr("must not contain a StringValue")
    );
    EXPECT_THAT(
        send({{"DataType", "String"}, {"StringListValues", json::array{"x"}}}).body,
        HasSubstr("UnsupportedOperation")
    );
}

TEST_F(Conversation, AttemptsAreOfFifoQueues) {
    (void)json("CreateQueue", {{"QueueName", "q"}});
    EXPECT_THAT(
        json("ReceiveMessage", {{"QueueUrl", "q"}, {"ReceiveRequestAttemptId", "a"}}).body,
        HasSubstr("not valid for this queue type")
    );
}

TEST_F(Conversation, ATaskHandleThatWasNeverGivenIsRefused) {
    for (const auto* handle : {"x", "e30=", "eyJ0YXNrSWQiOjF9"}) {
        EXPECT_THAT(
            json("CancelMessageMoveTask", {{"TaskHandle", handle}}).body,
            HasSubstr("Value for parameter TaskHandle is invalid.")
        ) << handle;
    }
}

}  // namespace
}  // namespace kiln::api::sqs
