#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "cli/config.hpp"
#include "net/client.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace kiln::cli {

/// What carries requests to servers: net::HttpClient; tests bring a fake.
class Wire {
  public:
    virtual ~Wire() = default;
    virtual net::ClientResponse send(
        const net::ClientRequest& request, const std::stop_token& stop
    ) = 0;
    /// Hands a 2xx answer's body to `piece` as it comes.
    virtual net::ClientResponse stream(
        const net::ClientRequest& request,
        const std::function<void(std::string_view)>& piece,
        const std::stop_token& stop
    ) = 0;
};

/// Where a server is, and what opens it.
struct ServerAddress {
    std::string url;
    std::string token;
    /// It was found through the home folder: a server that comes back may be elsewhere.
    bool of_home = false;
};

/// The server that a command talks to: `flag` (--server), else setting server.url, else the one
/// that runs for this home. Its token: setting token, else this home's.
/// @throws Error  unavailable: none runs · not_found, denied: no token
[[nodiscard]] ServerAddress find_address(
    const Config& config, const std::optional<std::string>& flag
);

/// The error that an answer of the native API stands for.
[[nodiscard]] Error error_of(const net::ClientResponse& response);

/// Calls to the native API of one server. Each call has a deadline of its own.
class Remote {
  public:
    Remote(Wire& wire, ServerAddress address) : wire_{wire}, address_{std::move(address)} {}

    /// @param path  with its query
    /// @returns  the document of a 2xx answer
    /// @throws Error  as the server has it · unavailable, timed_out: no answer · cancelled
    json::value call(
        std::string_view method,
        const std::string& path,
        const net::Headers& headers,
        std::string body,
        const std::stop_token& stop
    );

    /// A streamed answer, until it ends. @throws Error  as `call`
    void stream(
        const std::string& path,
        const net::Headers& headers,
        const std::function<void(std::string_view)>& piece,
        const std::stop_token& stop
    );

    [[nodiscard]] const ServerAddress& address() const noexcept { return address_; }

    void move_to(ServerAddress address) { address_ = std::move(address); }

  private:
    [[nodiscard]] net::ClientRequest request(
        std::string_view method, const std::string& path, net::Headers headers, std::string body
    ) const;

    Wire& wire_;
    ServerAddress address_;
};

}  // namespace kiln::cli
