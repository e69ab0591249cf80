#include "tasks/http_task.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>

namespace kiln::tasks {
namespace {

using ::testing::HasSubstr;

HttpTaskSettings settings() {
    return {
        .origins = {"api.example.com", "*.example.org", "http://127.0.0.1:8080"},
        .connections = parse_connections(json::parse(
            R"({"shop": {"basic": {"user": "u", "password": "p"}, "query": {"v": "2"}}})"
        ))};
}

net::ClientRequest request(const char* parameters) {
    auto out = http_request(json::parse(parameters).as_object(), settings());
    return std::get<net::ClientRequest>(std::move(out));
}

flow::TaskFailure refusal(const char* parameters) {
    return std::get<flow::TaskFailure>(http_request(json::parse(parameters).as_object(), settings())
    );
}

TEST(HttpTask, AsksAsTheParametersSay) {
    const auto asked = request(R"({
        "Method": "POST", "ApiEndpoint": "https://api.example.com/a?x=1",
        "QueryParameters": {"q": ["1", 2], "s": "a b"}, "Headers": {"X-One": "1"},
        "RequestBody": {"k": [1]}})");
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.url, "https://api.example.com/a?x=1&q=1&q=2&s=a%20b");
    EXPECT_EQ(asked.headers.value_or("X-One", ""), "1");
    EXPECT_EQ(asked.headers.value_or("Content-Type", ""), "application/json");
    EXPECT_EQ(asked.body, R"({"k":[1]})");
}

TEST(HttpTask, EncodesABodyAsAForm) {
    const auto asked = request(R"({
        "Method": "POST", "ApiEndpoint": "https://api.example.com/",
        "RequestBody": {"k": ["a", "b"]},
        "Transform": {"RequestBodyEncoding": "URL_ENCODED",
                      "RequestEncodingOptions": {"ArrayFormat": "REPEAT"}}})");
    EXPECT_EQ(asked.body, "k=a&k=b");
    EXPECT_EQ(asked.headers.value_or("Content-Type", ""), "application/x-www-form-urlencoded");
}

TEST(HttpTask, AConnectionAddsItsSecrets) {
    const auto asked = request(R"({
        "Method": "GET", "ApiEndpoint": "https://api.example.com/",
        "Authentication": {"ConnectionArn":
            "arn:aws:events:us-east-1:000000000000:connection/shop/0123"}})");
    EXPECT_EQ(asked.headers.value_or("Authorization", ""), "Basic dTpw");
    EXPECT_EQ(asked.url, "https://api.example.com/?v=2");
}

struct Case {
    const char* name;
    const char* parameters;
    const char* error;
    const char* cause;
};

class HttpTaskRefuses : public ::testing::TestWithParam<Case> {};

TEST_P(HttpTaskRefuses, WithTheReason) {
    const auto failure = refusal(GetParam().parameters);
    EXPECT_EQ(failure.error, GetParam().error);
    EXPECT_THAT(failure.cause, HasSubstr(GetParam().cause));
}

INSTANTIATE_TEST_SUITE_P(
    Parameters,
    HttpTaskRefuses,
    ::testing::Values(
        Case{
            "AnotherHost",
            R"({"Method": "GET", "ApiEndpoint": "https://evil.example.net/"})",
            "States.Permissions",
            "not among those"},
        Case{
            "AHostThatOnlyEndsLikeIt",
            R"({"Method": "GET", "ApiEndpoint": "https://evilexample.org/"})",
            "States.Permissions",
            "not among those"},
        Case{
            "NoTls",
            R"({"Method": "GET", "ApiEndpoint": "http://api.example.com/"})",
            "States.Permissions",
            "not among those"},
        Case{
            "AnotherPort",
            R"({"Method": "GET", "ApiEndpoint": "http://127.0.0.1:8081/"})",
            "States.Permissions",
            "not among those"},
        Case{
            "AUserInTheUrl",
            R"({"Method": "GET", "ApiEndpoint": "https://u:p@api.example.com/"})",
            "States.Permissions",
            "not among those"},
        Case{
            "NoMethod",
            R"({"ApiEndpoint": "https://api.example.com/"})",
            "States.Runtime",
            "'Method'"},
        Case{
            "AnUnknownMethod",
            R"({"Method": "BREW", "ApiEndpoint": "https://api.example.com/"})",
            "States.Runtime",
            "'BREW'"},
        Case{
            "AReservedHeader",
            R"({"Method": "GET", "ApiEndpoint": "https://api.example.com/",
                "Headers": {"Host": "x"}})",
            "States.Runtime",
            "'Host'"},
        Case{
            "AnUnknownConnection",
            R"({"Method": "GET", "ApiEndpoint": "https://api.example.com/",
                "Authentication": {"ConnectionArn": "none"}})",
            "States.Permissions",
            "'none'"}
    ),
    [](const auto& test) { return test.param.name; }
);

TEST(HttpTask, HostsBelowAStarAreAllowed) {
    EXPECT_TRUE(allowed(settings(), "https://a.b.example.org/x"));
    EXPECT_TRUE(allowed(settings(), "http://127.0.0.1:8080/x"));
}

TEST(HttpTask, AnAnswerIsHeadersBodyAndStatus) {
    const net::ClientResponse response{201, {{"X-A", "1"}, {"x-a", "2"}}, R"({"b":1})"};
    const auto expected = json::parse(R"({"Headers": {"x-a": ["1", "2"]},
        "ResponseBody": {"b": 1}, "StatusCode": 201, "StatusText": "Created"})");
    EXPECT_EQ(json::value(std::get<json::object>(http_result(response))), expected);
}

TEST(HttpTask, ABodyThatIsNoJsonIsText) {
    const auto output = std::get<json::object>(http_result({200, {}, "<p>"}));
    EXPECT_EQ(output.at("ResponseBody"), "<p>");
}

TEST(HttpTask, AnotherStatusIsAFailureNamedByIt) {
    const auto failure = std::get<flow::TaskFailure>(http_result({404, {}, "no such page"}));
    EXPECT_EQ(failure.error, "States.Http.StatusCode.404");
    EXPECT_EQ(failure.cause, "no such page");
}

TEST(HttpConnections, AMistakeIsToldWithItsPlaceAndNoValue) {
    try {
        (void)parse_connections(json::parse(R"({"shop": {"basic": {"user": "secret"}}})"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("shop.basic.password"));
        EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("secret")));
    }
}

}  // namespace
}  // namespace kiln::tasks
