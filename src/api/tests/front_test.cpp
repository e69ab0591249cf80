#include "api/front.hpp"

#include "net/testing/captured_answer.hpp"

#include <gmock/gmock.h>

namespace kiln::api {
namespace {

class Fronted : public ::testing::Test {
  protected:
    void ask(const std::string& method, const std::string& target) {
        net::testing::CapturedAnswer answer;
        net::Request request;
        request.method = method;
        request.target = target;
        request.headers.set("Authorization", "Bearer t");
        request.received = std::chrono::steady_clock::now();
        front.handle(std::move(request), answer.responder());
        last = answer.wait();
    }

    std::uint64_t counted(const std::string& route, unsigned status) const {
        for (const auto& counts : front.counters().read()) {
            for (const auto& [seen, number] : counts.by_status) {
                if (counts.route == route && seen == status) {
                    return number;
                }
            }
        }
        return 0;
    }

    Router router{
        TokenAuth{"t"},
        {{"GET",
          "/things/{id}",
          {},
          Access::token,
          [](Call&, Reply& reply) { reply.send(200, {}); }},
         {"POST", "/dropped", {}, Access::token, [](Call&, Reply& reply) {
              const Reply forgotten{std::move(reply)};
          }}}};
    AwsPart aws{
        [](const net::Request& request) { return request.path() == "/"; },
        [](const net::Request&, net::Responder responder) {
            responder.send({403, {}, ""});
        }};
    Front front{router, aws, AccessLog::no};
    net::Response last;
};

TEST_F(Fronted, AnswersAreCountedByTheirRoutesPattern) {
    ask("GET", "/things/a");
    ask("GET", "/things/b");
    ask("GET", "/things/b?x=1");
    EXPECT_EQ(counted("/things/{id}", 200), 2U);
    EXPECT_EQ(counted("/things/{id}", 400), 1U);
}

TEST_F(Fronted, WhatNoRouteKnowsIsOneRowHoweverManyPathsAreTried) {
    ask("GET", "/a");
    ask("GET", "/b");
    ask("PUT", "/things/a");
    EXPECT_EQ(counted("unknown", 404), 2U);
    EXPECT_EQ(counted("unknown", 405), 1U);
}

TEST_F(Fronted, AwsRequestsGoToTheirPartAndAreCounted) {
    ask("POST", "/");
    EXPECT_EQ(last.status, 403U);
    EXPECT_EQ(counted("aws", 403), 1U);
}

TEST_F(Fronted, AForgottenAnswerIsCountedAsTheFailureThatItIs) {
    ask("POST", "/dropped");
    EXPECT_EQ(last.status, 500U);
    EXPECT_EQ(counted("/dropped", 500), 1U);
}

TEST(ShownTarget, HasOnlyTheNamesOfAQuery) {
    net::Request request;
    request.target = "/v1/x?X-Amz-Signature=secret&flag&name=a%20b";
    EXPECT_EQ(shown_target(request), "/v1/x?X-Amz-Signature=…&flag&name=…");
    request.target = "/a\n2026 info forged";
    EXPECT_EQ(shown_target(request), "/a?2026?info?forged") << "a log line is a line";
}

}  // namespace
}  // namespace kiln::api
