#include "tasks/lambda_functions.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>

namespace kiln::tasks {
namespace {

using ::testing::HasSubstr;

struct NameCase {
    const char* name;
    const char* text;
    const char* function;
    const char* qualifier;
};

class FunctionNames : public ::testing::TestWithParam<NameCase> {};

TEST_P(FunctionNames, AreReadInAllForms) {
    const auto read = function_name(GetParam().text);
    EXPECT_EQ(read.name, GetParam().function);
    EXPECT_EQ(read.qualifier, GetParam().qualifier);
}

INSTANTIATE_TEST_SUITE_P(
    Forms,
    FunctionNames,
    ::testing::Values(
        NameCase{"Plain", "f", "f", ""},
        NameCase{"PlainWithQualifier", "f:live", "f", "live"},
        NameCase{"Arn", "arn:aws:lambda:us-east-1:000000000000:function:f", "f", ""},
        NameCase{"ArnWithVersion", "arn:aws:lambda:us-east-1:000000000000:function:f:7", "f", "7"},
        NameCase{"Partial", "000000000000:function:f", "f", ""}
    ),
    [](const auto& test) { return test.param.name; }
);

TEST(LambdaFunctions, AnEndpointIsAskedByTheInvokeApi) {
    const LambdaFunctions functions{.endpoint = "http://127.0.0.1:9001", .urls = {}};
    const auto request =
        invocation_request(functions, {{"f", "live"}, {{"a", 1}}, "Event", "", ""});
    ASSERT_TRUE(request);
    EXPECT_EQ(
        request->url, "http://127.0.0.1:9001/2015-03-31/functions/f/invocations?Qualifier=live"
    );
    EXPECT_EQ(request->body, R"({"a":1})");
    EXPECT_EQ(request->headers.value_or("X-Amz-Invocation-Type", ""), "Event");
}

TEST(LambdaFunctions, AFunctionWithAUrlIsAskedThere) {
    const LambdaFunctions functions{
        .endpoint = "http://127.0.0.1:9001", .urls = parse_function_urls("f=http://127.0.0.1:1/x")};
    EXPECT_EQ(
        invocation_request(functions, {{"f", ""}, nullptr, "", "", ""})->url, "http://127.0.0.1:1/x"
    );
}

TEST(LambdaFunctions, WithoutEndpointThereIsNone) {
    EXPECT_FALSE(invocation_request({}, {{"f", ""}, nullptr, "", "", ""}));
}

TEST(LambdaFunctions, AMistakeInTheSettingIsTold) {
    EXPECT_THROW((void)parse_function_urls("f"), Error);
    EXPECT_THROW((void)parse_function_urls("f=nowhere"), Error);
}

TEST(LambdaFunctions, WhatAFunctionRaisedIsNamedByItsType) {
    const net::ClientResponse response{
        200,
        {{"X-Amz-Function-Error", "Unhandled"}},
        R"({"errorType":"KeyError","errorMessage":"k"})"};
    const auto failure = invocation_failure(response);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->error, "KeyError");
    EXPECT_EQ(failure->cause, response.body);
}

TEST(LambdaFunctions, ARefusalOfTheApiIsNamedByItsCode) {
    const net::ClientResponse response{
        429,
        {{"x-amzn-ErrorType", "TooManyRequestsException"}, {"x-amzn-RequestId", "R"}},
        R"({"message":"Rate exceeded"})"};
    const auto failure = invocation_failure(response);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->error, "Lambda.TooManyRequestsException");
    EXPECT_EQ(
        failure->cause,
        "Rate exceeded (Service: AWSLambda; Status Code: 429; Error Code: "
        "TooManyRequestsException; Request ID: R; Proxy: null)"
    );
}

TEST(LambdaFunctions, OneThatIsNotThereIsToldAsAwsDoes) {
    const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    const auto failure = no_such_function(function_name(arn), arn, "R");
    EXPECT_EQ(failure.error, "Lambda.ResourceNotFoundException");
    EXPECT_THAT(failure.cause, HasSubstr("Function not found: " + arn + ":$LATEST (Service"));
}

TEST(LambdaFunctions, TheOutputHasPayloadStatusAndMetadata) {
    const auto output = invocation_output({200, {{"x-amzn-RequestId", "R"}}, "[1]"});
    EXPECT_EQ(output.at("Payload"), json::value(json::array{1}));
    EXPECT_EQ(output.at("StatusCode"), 200);
    EXPECT_EQ(output.at("ExecutedVersion"), "$LATEST");
    EXPECT_EQ(output.at("SdkResponseMetadata").at("RequestId"), "R");
}

TEST(LambdaFunctions, NoAnswerIsAnEmptyObject) {
    EXPECT_EQ(function_result({200, {}, ""}), json::value(json::object{}));
}

}  // namespace
}  // namespace kiln::tasks
