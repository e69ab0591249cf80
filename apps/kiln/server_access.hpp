#pragma once

#include "aws/sigv4.hpp"
#include "cli/config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// The region that kiln's servers say they are in.
inline constexpr std::string_view kRegion = "us-east-1";

/// Where a kiln server is, and the keys that open its AWS protocols.
struct ServerAccess {
    std::string url;  ///< without a slash at its end
    aws::Credentials keys;
};

/// @param server  none: setting server.url, else the one that runs for this home. Of another home
///                AWS' variables name the keys.
/// @throws Error  unavailable: none runs · not_found, denied: no keys
[[nodiscard]] ServerAccess find_access(
    const cli::Config& config, const std::optional<std::string>& server
);

}  // namespace kiln
