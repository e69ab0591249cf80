#pragma once

#include "aws/json_client.hpp"
#include "base/testing/kind_of.hpp"
#include "ports/testing/fake_clock.hpp"

#include <deque>
#include <string>
#include <variant>
#include <vector>

namespace kiln::aws::testing {

/// A service that answers by script, without a network. What it was asked is kept.
class ScriptedService {
  public:
    using Step = std::variant<net::ClientResponse, Error>;

    ScriptedService& answer(std::string body, net::Headers headers = {}) {
        steps_.emplace_back(net::ClientResponse{200, std::move(headers), std::move(body)});
        return *this;
    }

    ScriptedService& fail(unsigned status, std::string_view name, net::Headers headers = {}) {
        auto body = name.empty() ? std::string{"<html>no JSON</html>"}
                                 : json::serialize(json::object{
                                       {"__type", "com.amazonaws.sqs#" + std::string{name}},
                                       {"message", "said " + std::string{name}}});
        steps_.emplace_back(net::ClientResponse{status, std::move(headers), std::move(body)});
        return *this;
    }

    ScriptedService& break_off(ErrorKind kind) {
        steps_.emplace_back(Error{kind, "no answer"});
        return *this;
    }

    [[nodiscard]] ClientWorld world() {
        return {
            .transport =
                [this](const net::ClientRequest& request, const std::stop_token&) {
                    requests.push_back(request);
                    KILN_CHECK(!steps_.empty());
                    auto step = std::move(steps_.front());
                    steps_.pop_front();
                    if (auto* error = std::get_if<Error>(&step)) {
                        throw std::move(*error);
                    }
                    return std::get<net::ClientResponse>(std::move(step));
                },
            .clock = clock,
            .credentials = credentials,
            .pause = [this](Duration span, const std::stop_token&) { pauses.push_back(span); },
            .jitter = [] { return 1.0; }};
    }

    [[nodiscard]] json::object asked(std::size_t at) const {
        return json::parse(requests.at(at).body).as_object();
    }

    [[nodiscard]] std::string operation(std::size_t at) const {
        const auto target = requests.at(at).headers.value_or("X-Amz-Target", "");
        return std::string{target.substr(target.find('.') + 1)};
    }

    [[nodiscard]] bool done() const { return steps_.empty(); }

    ports::testing::FakeClock clock;
    std::shared_ptr<CredentialsProvider> credentials =
        std::make_shared<StaticCredentials>(Credentials{"AKID", "secret", ""});
    std::vector<net::ClientRequest> requests;
    std::vector<Duration> pauses;

  private:
    std::deque<Step> steps_;
};

inline const Location kPlace{"eu-west-1", "http://127.0.0.1:9"};

}  // namespace kiln::aws::testing
