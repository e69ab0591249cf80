#pragma once

#include "aws/json_client.hpp"

#include <deque>
#include <vector>

namespace kiln::aws::testing {

/// Answers what was laid ready, and remembers what it was asked.
struct AnswerScript {
    std::deque<net::ClientResponse> answers;
    std::vector<net::ClientRequest> asked;

    ClientWorld world(const ports::Clock& clock) {
        return {
            .transport =
                [this](const net::ClientRequest& request, const std::stop_token&) {
                    asked.push_back(request);
                    auto next = std::move(answers.front());
                    answers.pop_front();
                    return next;
                },
            .clock = clock,
            .credentials = std::make_shared<StaticCredentials>(Credentials{"AK", "SK", ""}),
            .pause = [](Duration, const std::stop_token&) {},
            .jitter = [] { return 0.5; }};
    }
};

}  // namespace kiln::aws::testing
