#pragma once

#include "compute/guest.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/ledger.hpp"

#include <string>
#include <vector>

namespace kiln::compute {

/// `ct.*`: crun's containers over the mounted root volume, with a network of their own, and a
/// metadata service in it. The process that starts them has to be a subreaper, in a private mount
/// namespace (os::enter_private_mounts), and lives as long as they do.
class ContainerFamily final : public GuestFamily {
  public:
    struct World {
        ports::Attachments& attachments;
        ports::Ledger& ledger;
        const ports::Clock& clock;
        std::vector<std::uint16_t> host_ports;  ///< TCP ports of this host that instances may reach
        std::string account;
    };

    explicit ContainerFamily(World world) : world_{std::move(world)} {}

    [[nodiscard]] std::unique_ptr<Guest> start(
        const GuestPlan& plan, const std::stop_token& stop, Deadline deadline
    ) override;

  private:
    World world_;
};

}  // namespace kiln::compute
