#include "../local_api.hpp"

#include <future>

#include <gmock/gmock.h>

namespace kiln {
namespace {

/// A service that remembers what it is asked, and answers by script.
class Scripted final : public api::AwsService {
  public:
    [[nodiscard]] api::AwsMarks marks() const noexcept override {
        return {.target_prefix = "Service.", .signing_name = "service", .version = {}};
    }

    void serve(api::AwsCall call) override {
        asked = call.request;
        caller = call.access_key_id;
        request_id = call.request_id;
        if (parks) {
            parked.set_value(std::move(call.responder));
            return;
        }
        call.responder.send(answer);
    }

    [[nodiscard]] net::Response
    deny(const net::Request&, const api::AuthFailure&, const std::string&) const override {
        return {};
    }

    net::Request asked;
    std::string caller, request_id;
    net::Response answer;
    bool parks = false;
    std::promise<net::Responder> parked;
};

class LocalApiTest : public ::testing::Test {
  protected:
    LocalApiTest() {
        api_.serve("sfn", service_);
        api_.set_host("127.0.0.1:9324");
    }

    std::future<tasks::ApiAnswer> call(const char* service = "sfn") {
        auto promise = std::make_shared<std::promise<tasks::ApiAnswer>>();
        api_.call(service, "Start", {{"name", "n"}}, [promise](auto answer) {
            promise->set_value(std::move(answer));
        });
        return promise->get_future();
    }

    Scripted service_;
    LocalApi api_{"AKIA"};
};

TEST_F(LocalApiTest, ACallIsARequestOfTheJsonProtocol) {
    service_.answer = {200, {{"x-amzn-RequestId", "r"}}, R"({"arn":"a"})"};
    const auto answer = call().get();
    EXPECT_TRUE(answer.succeeded());
    EXPECT_EQ(answer.request_id, "r");
    EXPECT_EQ(answer.body, (json::value{{"arn", "a"}}));
    EXPECT_EQ(answer.length, 11U);
    EXPECT_EQ(service_.asked.method, "POST");
    EXPECT_EQ(service_.asked.target, "/");
    EXPECT_EQ(service_.asked.headers.value_or("X-Amz-Target", ""), "Service.Start");
    EXPECT_EQ(service_.asked.headers.value_or("Content-Type", ""), "application/x-amz-json-1.0");
    EXPECT_EQ(service_.asked.headers.value_or("Host", ""), "127.0.0.1:9324");
    EXPECT_EQ(service_.asked.body, R"({"name":"n"})");
    EXPECT_EQ(service_.caller, "AKIA");
    EXPECT_FALSE(service_.request_id.empty());
}

TEST_F(LocalApiTest, WhatNobodyServesIsRefused) {
    const auto answer = call("dynamodb").get();
    EXPECT_EQ(answer.status, 404U);
    EXPECT_EQ(answer.code, "UnknownOperationException");
    EXPECT_EQ(answer.query_code, answer.code);
    EXPECT_EQ(answer.message, "'dynamodb' is not served here");
}

TEST_F(LocalApiTest, AnAnswerMayComeLater) {
    service_.parks = true;
    auto answer = call();
    auto responder = service_.parked.get_future().get();
    EXPECT_EQ(answer.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
    responder.send({200, {}, "{}"});
    EXPECT_TRUE(answer.get().succeeded());
}

TEST_F(LocalApiTest, AfterItsCloseNoAnswerIsTold) {
    service_.parks = true;
    auto answer = call();
    auto responder = service_.parked.get_future().get();
    api_.close();
    responder.send({200, {}, "{}"});
    // Waits until the last one who could have told it is gone.
    EXPECT_THROW((void)answer.get(), std::future_error) << "dropped, not told";
}

struct Failing {
    const char* name;
    net::Response response;
    const char* code;
    const char* query_code;
    const char* message;
};

class ReadingAFailure : public ::testing::TestWithParam<Failing> {};

TEST_P(ReadingAFailure, TakesItsNamesAndItsMessage) {
    const auto answer = read_answer(GetParam().response);
    EXPECT_FALSE(answer.succeeded());
    EXPECT_EQ(answer.status, GetParam().response.status);
    EXPECT_EQ(answer.code, GetParam().code);
    EXPECT_EQ(answer.query_code, GetParam().query_code);
    EXPECT_EQ(answer.message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    ReadingAFailure,
    ::testing::Values(
        Failing{
            "OfStepFunctions",
            {400, {}, R"({"__type":"InvalidArn","message":"m"})"},
            "InvalidArn",
            "InvalidArn",
            "m"},
        Failing{
            "WithANameSpace",
            {400, {}, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"})"},
            "QueueDoesNotExist",
            "QueueDoesNotExist",
            "m"},
        Failing{
            "WithTheNameOfTheQueryProtocol",
            {400,
             {{"x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"}},
             R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"})"},
            "QueueDoesNotExist",
            "AWS.SimpleQueueService.NonExistentQueue",
            "m"},
        Failing{"WithoutABody", {500, {}, ""}, "", "", ""},
        Failing{"NotJson", {502, {}, "<html>"}, "", "", ""},
        Failing{"NoObject", {500, {}, "[1]"}, "", "", ""},
        Failing{"NamesOfOtherTypes", {500, {}, R"({"__type":1,"message":[]})"}, "", "", ""}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(ReadingAnAnswer, ThatIsEmptyIsAnEmptyObject) {
    const auto answer = read_answer({200, {}, ""});
    EXPECT_TRUE(answer.succeeded());
    EXPECT_EQ(answer.body, json::value(json::object{}));
    EXPECT_EQ(answer.length, 0U);
}

}  // namespace
}  // namespace kiln
