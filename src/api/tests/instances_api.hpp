#pragma once

#include "api/instances/routes.hpp"
#include "base/base64.hpp"
#include "instances/tests/fake_world.hpp"
#include "net/testing/captured_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::api::testing {

/// The instance API on a cloud in memory, without sockets.
class InstancesApi : public ::testing::Test {
  protected:
    struct Sent {
        std::string method;
        std::string target;
        std::string body = {};
        std::string type = "application/json";
        std::optional<std::string> authorization = "token t0ken";
    };

    net::Response ask(Sent sent) {
        net::testing::CapturedAnswer answer;
        net::Request request;
        request.method = std::move(sent.method);
        request.target = std::move(sent.target);
        request.body = std::move(sent.body);
        request.headers.set("Content-Type", sent.type);
        if (sent.authorization) {
            request.headers.set("Authorization", *sent.authorization);
        }
        router.handle(std::move(request), answer.responder(), "req-7");
        return answer.response().value_or(net::Response{0, {}, ""});
    }

    net::Response get(const std::string& target) { return ask({"GET", target}); }

    net::Response post(const std::string& target, const std::string& body) {
        return ask({"POST", target, body});
    }

    static std::string basic(const std::string& secret, const std::string& user = "x") {
        return "Basic " + to_base64(user + ":" + secret);
    }

    /// The one element of a document's one list.
    static json::object only(const net::Response& response, std::string_view key) {
        return parse_json(response.body).at(key).as_array().at(0).as_object();
    }

    static std::vector<std::string> errors_in(const net::Response& response) {
        std::vector<std::string> out;
        const auto document = parse_json(response.body);
        for (const auto& error : document.at("errors").as_array()) {
            out.emplace_back(error.as_string());
        }
        return out;
    }

    /// The secret that the first machines of the last launch were given.
    std::string secret() {
        const auto& data = world.machines.asked().back().user_data;
        const auto begin = data.find("x:") + 2;
        return data.substr(begin, data.find('@') - begin);
    }

    instances::testing::FakeWorld world;
    TokenAuth token{"t0ken"};
    Router router{
        token,
        instance_routes(
            {.desk = world.desk(),
             .aside =
                 [this](const std::function<void()>& work) {
                     if (!busy) {
                         work();
                     }
                     return !busy;
                 },
             .is_token = [this](std::string_view text) { return token.is_token(text); }}
        )};
    bool busy = false;
};

}  // namespace kiln::api::testing
