#pragma once

#include "base/error.hpp"
#include "release/world.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kiln::release::testing {

/// A world as the test says, that keeps what it was asked.
class FakeProbe final : public Probe {
  public:
    int command(
        const std::string& text, const Templates& variables, const std::stop_token& /*stop*/
    ) override {
        note("command " + text);
        environment = variables;
        return exit_status;
    }

    bool object_exists(const std::string& url, const std::stop_token& /*stop*/) override {
        note("object " + url);
        return objects.contains(url);
    }

    int http_status(const std::string& url, const std::stop_token& /*stop*/) override {
        note("http " + url);
        return status;
    }

    std::string text(const std::string& url, const std::stop_token& /*stop*/) override {
        note("text " + url);
        if (unreachable) {
            throw Error{ErrorKind::unavailable, "nobody answers"};
        }
        return body;
    }

    int exit_status = 0;
    int status = 404;
    std::string body;
    bool unreachable = false;
    std::set<std::string> objects;
    std::vector<std::string> asked;
    Templates environment;

  private:
    void note(std::string what) { asked.push_back(std::move(what)); }
};

class FakeWorkers final : public Workers {
  public:
    void ensure(const WorkerRequest& request, const std::stop_token& /*stop*/) override {
        if (error) {
            throw *error;
        }
        ensured.push_back(request);
    }

    void tend(
        const std::vector<WorkerRequest>& requests, const std::stop_token& /*stop*/
    ) override {
        for (const auto& request : requests) {
            tended.push_back(request.activity);
        }
    }

    std::optional<Error> error;
    std::vector<WorkerRequest> ensured;
    std::vector<std::string> tended;
};

class FakeExecutions final : public Executions {
  public:
    bool main_is_over(const std::string& execution, const std::stop_token& /*stop*/) override {
        return over.contains(execution);
    }

    std::set<std::string> over;
};

}  // namespace kiln::release::testing
