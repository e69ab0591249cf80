#pragma once

#include "api/aws_service.hpp"
#include "api/states/page_tokens.hpp"
#include "api/states/state_tests.hpp"
#include "flow/engine/engine.hpp"
#include "machines/registry.hpp"

#include <string>

namespace kiln::api::states {

/// AWS Step Functions' API on the embedded engine: AWS JSON 1.0, all operations of 2016-11-23.
class Service final : public AwsService {
  public:
    /// Outlives every answer: it holds what waits.
    struct Parts {
        machines::Registry& registry;
        flow::Engine& engine;
        flow::TaskRunner& tasks;
        const ports::Clock& clock;
    };

    /// @param token_key  secret; signs page tokens, which are good as long as it stays the same
    Service(Parts parts, std::string token_key, StateTests::Chance chance)
        : registry_{parts.registry},
          engine_{parts.engine},
          tokens_{std::move(token_key), parts.clock},
          tests_{parts.tasks, parts.registry, parts.clock, std::move(chance)} {}

    [[nodiscard]] AwsMarks marks() const noexcept override {
        return {"AWSStepFunctions.", "states", "2016-11-23", false};
    }

    void serve(AwsCall call) override;
    [[nodiscard]] net::Response deny(
        const net::Request& request, const AuthFailure& failure, const std::string& request_id
    ) const override;

  private:
    machines::Registry& registry_;
    flow::Engine& engine_;
    PageTokens tokens_;
    StateTests tests_;
};

}  // namespace kiln::api::states
