#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::cli {

/// Only this machine reaches it. The port is the one that other servers of SQS' API use, too.
inline constexpr std::string_view kDefaultListen = "127.0.0.1:9324";

/// Where a server listens.
struct ListenAddress {
    std::string address;  ///< IPv4, or IPv6 without its brackets
    std::uint16_t port = 0;

    bool operator==(const ListenAddress&) const = default;
};

/// Reads "127.0.0.1:9324" or "[::1]:9324"; whether it is an address is seen when it is bound.
/// @throws Error  invalid: of another form
[[nodiscard]] ListenAddress parse_listen(std::string_view text);

/// The URL by which this host reaches it: what stands for every address becomes loopback.
[[nodiscard]] std::string local_url(const ListenAddress& bound, bool tls);

}  // namespace kiln::cli
