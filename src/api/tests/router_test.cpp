#include "api/router.hpp"

#include "net/testing/captured_answer.hpp"

#include <gmock/gmock.h>

namespace kiln::api {
namespace {

using ::testing::HasSubstr;

TEST(MatchPath, SegmentsAndNamesAreMatched) {
    EXPECT_TRUE(match_path("/healthz", "/healthz"));
    EXPECT_EQ(match_path("/v1/bakes/{id}/events", "/v1/bakes/b-1/events")->at("id"), "b-1");
    EXPECT_EQ(match_path("/v1/{a}/{b}", "/v1/x%20y/%2F")->at("b"), "/");
    for (const auto* path :
         {"/",
          "",
          "/v1/bakes",
          "/v1/bakes/",
          "/v1/bakes//events",
          "/v1/bakes/b/events/",
          "/v1/bakes/b/c/events",
          "v1/bakes/b/events"}) {
        EXPECT_FALSE(match_path("/v1/bakes/{id}/events", path)) << path;
    }
}

class Routes : public ::testing::Test {
  protected:
    Routes()
        : router{
              TokenAuth{"t"},
              {{"GET",
                "/open",
                {},
                Access::open,
                [](Call&, Reply& reply) {
                    reply.send(200, {{"ok", true}});
                }},
               {"GET",
                "/things/{id}",
                {"limit", "name"},
                Access::token,
                [](Call& call, Reply& reply) {
                    reply.send(
                        200,
                        {{"id", call.path("id")}, {"limit", call.query_number("limit", 1, 9, 5)}}
                    );
                }},
               {"DELETE",
                "/things/{id}",
                {},
                Access::token,
                [](Call&, Reply&) {
                    throw Error{ErrorKind::conflict, "in use"}.hint("wait");
                }},
               {"POST", "/later", {}, Access::token, [this](Call&, Reply& reply) {
                    kept.emplace(std::move(reply));
                }}}} {}

    net::Response ask(
        const std::string& method,
        const std::string& target,
        const std::optional<std::string>& token = "Bearer t"
    ) {
        net::testing::CapturedAnswer answer;
        net::Request request;
        request.method = method;
        request.target = target;
        if (token) {
            request.headers.set("Authorization", *token);
        }
        router.handle(std::move(request), answer.responder(), "req-7");
        return answer.response().value_or(net::Response{0, {}, ""});
    }

    static json::value error_in(const net::Response& response) {
        return parse_json(response.body).at("error");
    }

    Router router;
    std::optional<Reply> kept;
};

TEST_F(Routes, AnAnswerHasTheRequestsId) {
    const auto response = ask("GET", "/things/x?limit=3");
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.headers.find("X-Request-Id"), "req-7");
    EXPECT_EQ(response.headers.find("Content-Type"), "application/json");
    EXPECT_EQ(parse_json(response.body), json::value({{"id", "x"}, {"limit", 3}}));
}

TEST_F(Routes, EveryRouteButTheOpenOnesWantsTheToken) {
    EXPECT_EQ(ask("GET", "/open", std::nullopt).status, 200U);
    for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
             {"GET", "/things/x"},
             {"DELETE", "/things/x"},
             {"POST", "/open"},
             {"GET", "/nothing"},
             {"GET", "/things/x?bad=1"}}) {
        const auto missing = ask(method, target, std::nullopt);
        EXPECT_EQ(missing.status, 401U) << target;
        EXPECT_EQ(missing.headers.find("WWW-Authenticate"), "Bearer realm=\"kiln\"");
        EXPECT_EQ(error_in(missing).at("kind"), json::value("denied"));
        EXPECT_EQ(ask(method, target, "Bearer wrong").status, 401U) << target;
    }
}

TEST_F(Routes, AnUnknownPathIsNotFound) {
    const auto response = ask("GET", "/nothing");
    EXPECT_EQ(response.status, 404U);
    EXPECT_EQ(error_in(response).at("request_id"), json::value("req-7"));
}

TEST_F(Routes, AnotherMethodIsRefusedWithThoseThatThereAre) {
    const auto response = ask("PUT", "/things/x");
    EXPECT_EQ(response.status, 405U);
    EXPECT_EQ(response.headers.find("Allow"), "DELETE, GET, HEAD");
}

TEST_F(Routes, HeadIsAnsweredAsGet) {
    EXPECT_EQ(ask("HEAD", "/things/x").status, 200U);
}

TEST_F(Routes, EveryWrongQueryParameterIsNamed) {
    const auto response = ask("GET", "/things/x?limt=3&name=a&name=b");
    EXPECT_EQ(response.status, 400U);
    const auto problems = error_in(response).at("problems").as_array();
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(problems[0].at("where"), json::value("?limt"));
    EXPECT_THAT(
        std::string{problems[0].at("what").as_string()}, HasSubstr("did you mean \"limit\"")
    );
    EXPECT_EQ(problems[1].at("what"), json::value("given twice"));
}

TEST_F(Routes, ANumberOutOfItsRangeIsRefused) {
    for (const auto* limit : {"0", "10", "-1", "x", "", "3x", "99999999999999999999"}) {
        EXPECT_EQ(ask("GET", fmt::format("/things/x?limit={}", limit)).status, 400U) << limit;
    }
}

TEST_F(Routes, WhatARouteThrowsIsItsAnswer) {
    const auto response = ask("DELETE", "/things/x");
    EXPECT_EQ(response.status, 409U);
    EXPECT_EQ(error_in(response).at("message"), json::value("in use"));
    EXPECT_EQ(error_in(response).at("hint"), json::value("wait"));
}

TEST_F(Routes, AnAnswerMayComeLater) {
    net::testing::CapturedAnswer answer;
    net::Request request;
    request.method = "POST";
    request.target = "/later";
    request.headers.set("Authorization", "Bearer t");
    router.handle(std::move(request), answer.responder(), "req-8");
    EXPECT_FALSE(answer.response());
    kept->send(202, {{"done", true}});
    EXPECT_EQ(answer.wait().status, 202U);
    EXPECT_EQ(answer.wait().headers.find("X-Request-Id"), "req-8");
}

TEST(CallBody, IsOneJsonDocumentWithinItsLimit) {
    net::Request request;
    request.body = R"({"a": 1})";
    EXPECT_EQ(Call(request, "r", {}, {}).body(100).at("a"), json::value(1));
    EXPECT_THROW((void)Call(request, "r", {}, {}).body(4), Error);
    request.body = "{";
    EXPECT_THROW((void)Call(request, "r", {}, {}).body(100), Error);
}

}  // namespace
}  // namespace kiln::api
