#pragma once

#include "flow/data_flow.hpp"
#include "flow/test_state/test_state.hpp"

#include <vector>

namespace kiln::flow {

/// What the tested state's expressions see: the context object and variables of the request, or a
/// context made for it.
class TestSurroundings : public Surroundings {
  public:
    /// @param world  until `use` gives another
    TestSurroundings(
        const TestStateRequest& request, const asl::State& state, const Payload& input, World& world
    );

    void use(World& world) noexcept { world_ = &world; }

    /// Sets `$$.Map`; null: takes it away.
    void look_at(const Payload& map);

    [[nodiscard]] const Variables& variables() const noexcept { return variables_; }

    [[nodiscard]] const Payload& context() override { return context_; }

    [[nodiscard]] const std::vector<const Variables*>& scopes() override { return scopes_; }

    [[nodiscard]] std::uint64_t random() override { return world_->random(); }

    [[nodiscard]] std::string uuid() override { return world_->uuid(); }

    [[nodiscard]] EventId entered() const override { return 0; }

    [[nodiscard]] TimePoint now() override { return world_->now(); }

  private:
    World* world_;
    std::shared_ptr<json::value> own_;  ///< what context_ is
    Payload context_;
    Variables variables_;
    std::vector<const Variables*> scopes_;
};

}  // namespace kiln::flow
