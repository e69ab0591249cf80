#include "api/aws_router.hpp"

#include "ports/testing/fake_clock.hpp"

#include <gtest/gtest.h>

namespace kiln::api {
namespace {

class NamedService final : public AwsService {
  public:
    explicit NamedService(AwsMarks marks) : marks_{marks} {}

    [[nodiscard]] AwsMarks marks() const noexcept override { return marks_; }

    void serve(AwsCall) override {}

    [[nodiscard]] net::Response deny(const net::Request&, const AuthFailure&, const std::string&)
        const override {
        return {};
    }

  private:
    AwsMarks marks_;
};

struct Row {
    const char* what;
    net::Request request;
    std::string_view service;  ///< signing name; "" for none
    bool aws = true;
};

net::Request request(std::string target, net::Headers headers, std::string body = "") {
    net::Request made;
    made.method = body.empty() ? "GET" : "POST";
    made.target = std::move(target);
    made.headers = std::move(headers);
    made.body = std::move(body);
    return made;
}

const net::Headers kForm{{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};

std::vector<Row> rows() {
    const std::string scope = "AK/20261121/us-east-1/states/aws4_request";
    return {
        {"target", request("/", {{"X-Amz-Target", "AmazonSQS.SendMessage"}}, "{}"), "sqs"},
        {"other target", request("/", {{"X-Amz-Target", "AWSStepFunctions.X"}}, "{}"), "states"},
        {"unknown target", request("/", {{"X-Amz-Target", "DynamoDB_20120810.X"}}, "{}"), ""},
        {"scope in the header",
         request(
             "/",
             {{"Authorization", "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host"}}
         ),
         "states"},
        {"scope in the query",
         request("/?X-Amz-Credential=AK%2F20261121%2Fus-east-1%2Fsqs%2Faws4_request", {}),
         "sqs"},
        {"path", request("/123456789012/name?Action=X", {}), "sqs"},
        {"version in the query", request("/?Action=X&Version=2012-11-05", {}), "sqs"},
        {"version in the form", request("/", kForm, "Version=2016-11-15&Action=X"), "ec2"},
        {"unknown version", request("/", kForm, "Version=1999-01-01&Action=X"), ""},
        {"native path", request("/v1/bakes?limit=3", {}), "", false},
        {"native token", request("/v1/bakes", {{"Authorization", "Bearer x"}}), "", false},
        {"too short an account", request("/1234/name", {}), "", false},
        {"no form",
         request("/v1/bakes", {{"Content-Type", "application/json"}}, "Action=X"),
         "",
         false},
    };
}

TEST(AwsRouter, KnowsServicesByTheirMarks) {
    const ports::testing::FakeClock clock;
    const AwsAuthenticator authenticator{{}, "us-east-1", clock};
    std::vector<std::unique_ptr<AwsService>> services;
    services.push_back(std::make_unique<NamedService>(AwsMarks{
        "AmazonSQS.", "sqs", "2012-11-05", true}));
    services.push_back(std::make_unique<NamedService>(AwsMarks{
        "AWSStepFunctions.", "states", "2016-11-23"}));
    services.push_back(std::make_unique<NamedService>(AwsMarks{"AmazonEC2.", "ec2", "2016-11-15"}));
    const AwsRouter router{std::move(services), authenticator};
    for (const auto& row : rows()) {
        SCOPED_TRACE(row.what);
        EXPECT_EQ(AwsRouter::is_aws(row.request), row.aws);
        const auto* const found = router.find(row.request);
        EXPECT_EQ(found == nullptr ? "" : found->marks().signing_name, row.service);
    }
}

}  // namespace
}  // namespace kiln::api
