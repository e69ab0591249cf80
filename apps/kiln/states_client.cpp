#include "states_client.hpp"

namespace kiln {

StatesClient::StatesClient(ServerAccess server, const ports::Clock& clock)
    : client_{
          {"states", "AWSStepFunctions", "1.0"},
          {std::string{kRegion}, std::move(server.url)},
          // Whoever names an http:// server has decided: signatures hold without TLS, and no
          // secret is sent.
          {.transport = aws::http_transport({.plain = net::PlainHttp::anywhere}),
           .clock = clock,
           .credentials = std::make_shared<aws::StaticCredentials>(std::move(server.keys))}} {}

json::object StatesClient::call(
    std::string_view operation,
    const json::object& input,
    const std::stop_token& stop,
    std::chrono::seconds patience
) {
    auto outcome = client_.call(operation, input, {.attempt = patience}, stop);
    if (const auto* failure = std::get_if<aws::ServiceFailure>(&outcome)) {
        throw cli::states_error(failure->name, failure->message, aws::common_kind(*failure));
    }
    return std::get<json::object>(std::move(outcome));
}

}  // namespace kiln
