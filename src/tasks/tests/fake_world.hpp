#pragma once

#include "ports/testing/fake_clock.hpp"
#include "tasks/runner.hpp"
#include "tasks/services.hpp"

#include <deque>
#include <future>
#include <string>
#include <vector>

namespace kiln::tasks::testing {

/// APIs that answer by script.
class ScriptedApi final : public ApiCaller {
  public:
    struct Asked {
        std::string service, operation;
        json::object input;
    };

    void call(
        std::string_view service, std::string_view operation, const json::object& input, Done done
    ) override {
        asked.push_back({std::string{service}, std::string{operation}, input});
        if (answers.empty()) {
            return parked.push_back(std::move(done));
        }
        auto answer = std::move(answers.front());
        answers.pop_front();
        done(std::move(answer));
    }

    void succeed(const char* body) {
        answers.push_back({.status = 200, .request_id = "R", .body = json::parse(body), .length = 9}
        );
    }

    void fail(std::string code, std::string query_code, std::string message) {
        answers.push_back(
            {.status = 400,
             .request_id = "R",
             .code = std::move(code),
             .query_code = std::move(query_code),
             .message = std::move(message)}
        );
    }

    std::deque<ApiAnswer> answers;
    std::vector<Asked> asked;
    std::vector<Done> parked;
};

class ManualWatch final : public ExecutionWatch {
  public:
    void when_over(const std::string& arn, std::function<void()> over) override {
        watched.emplace_back(arn, std::move(over));
    }

    std::vector<std::pair<std::string, std::function<void()>>> watched;
};

class FakeBakes final : public Bakes {
  public:
    json::object submit(const std::string& request, const std::string& key) override {
        requests.emplace_back(request, key);
        return {{"id", "bake-1"}, {"state", "queued"}};
    }

    void when_over(const std::string&, std::function<void(Outcome)> over) override {
        over(outcome);
    }

    void cancel(const std::string& bake) override { cancelled.push_back(bake); }

    Outcome outcome{true, {{"id", "bake-1"}, {"image", "ami-1"}}};
    std::vector<std::pair<std::string, std::string>> requests;
    std::vector<std::string> cancelled;
};

/// What was reported of one call; waits for its end.
class Reports {
  public:
    flow::TaskRunner::Report sink() {
        return [this](flow::TaskReport report) {
            using What = flow::TaskReport::What;
            const bool last = report.what == What::succeeded || report.what == What::failed;
            all.push_back(std::move(report));
            if (last) {
                ended_.set_value();
            }
        };
    }

    const flow::TaskReport& end() {
        over_.wait();
        return all.back();
    }

    std::vector<flow::TaskReport> all;

  private:
    std::promise<void> ended_;
    std::shared_future<void> over_{ended_.get_future()};
};

}  // namespace kiln::tasks::testing
