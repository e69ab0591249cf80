#pragma once

#include "compute/guest.hpp"
#include "compute/netns.hpp"
#include "net/server.hpp"
#include "ports/clock.hpp"

#include <memory>
#include <string>
#include <vector>

/// What every guest has around it, whatever runs it: its network, and the metadata service there.
namespace kiln::compute {

/// @param host_ports  TCP ports of this host that the instance may reach
[[nodiscard]] NetworkPlan network_plan(
    const GuestPlan& plan, const std::vector<std::uint16_t>& host_ports
);

/// Answers at 169.254.169.254 inside that network, until its end. `clock` outlives it.
[[nodiscard]] std::unique_ptr<net::Server> serve_metadata(
    const GuestPlan& plan,
    const InstanceNetwork& network,
    const std::string& account,
    const ports::Clock& clock
);

}  // namespace kiln::compute
