#pragma once

#include "aws/json_client.hpp"
#include "cli/states_api.hpp"
#include "server_access.hpp"

namespace kiln {

/// The state machines of a kiln server.
class StatesClient final : public cli::StatesApi {
  public:
    /// @param clock  outlives it
    StatesClient(ServerAccess server, const ports::Clock& clock);

    json::object call(
        std::string_view operation,
        const json::object& input,
        const std::stop_token& stop,
        std::chrono::seconds patience
    ) override;

  private:
    aws::JsonClient client_;
};

}  // namespace kiln
