#pragma once

#include "cli/states_api.hpp"
#include "tasks/api_caller.hpp"

namespace kiln {

/// The state machines of this process, called from within. Safe from several threads.
class LocalStates final : public cli::StatesApi {
  public:
    /// @param api  outlives it
    explicit LocalStates(tasks::ApiCaller& api) : api_{api} {}

    json::object call(
        std::string_view operation,
        const json::object& input,
        const std::stop_token& stop,
        std::chrono::seconds patience
    ) override;

  private:
    tasks::ApiCaller& api_;
};

/// The result, or the error that an answer is. Pure. @throws Error  by cli::states_error
[[nodiscard]] json::object result_of(tasks::ApiAnswer answer);

}  // namespace kiln
