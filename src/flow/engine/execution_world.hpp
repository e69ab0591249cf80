#pragma once

#include "flow/engine/core.hpp"

namespace kiln::flow {

/// What the interpreter asks, for one execution.
class Engine::Core::ExecutionWorld final : public World {
  public:
    ExecutionWorld(Core& core, ports::ExecutionNumber number) : core_{core}, number_{number} {}

    [[nodiscard]] TimePoint now() override { return core_.time_.now(); }

    [[nodiscard]] std::uint64_t random() override { return core_.entropy_.number(); }

    [[nodiscard]] std::string uuid() override { return core_.entropy_.uuid(); }

    [[nodiscard]] std::string token(TaskNumber task) override {
        return core_.tokens_.write({number_, task});
    }

    [[nodiscard]] bool activity_exists(std::string_view arn) override {
        return core_.world_.definitions.has_activity(arn);
    }

  private:
    Core& core_;
    ports::ExecutionNumber number_;
};

}  // namespace kiln::flow
