#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::redis {

/// Where a Redis server is, and as whom it is asked.
struct Location {
    std::string host;
    std::uint16_t port = 6379;
    std::string user;      ///< "": the server's default user
    std::string password;  ///< secret; "": no AUTH
    int database = 0;      ///< SELECT
    bool tls = false;      ///< the server's certificate is checked against the machine's own roots

    /// Without user and password: "redis://host:6379/0".
    [[nodiscard]] std::string shown() const;

    bool operator==(const Location&) const = default;
};

/// `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…` with TLS.
/// @throws Error  invalid: the message does not repeat the password
[[nodiscard]] Location parse_location(std::string_view url);

}  // namespace kiln::redis
