#pragma once

#include "compute/guest.hpp"
#include "local/local_cloud.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/ledger.hpp"
#include "qemu/machine_network.hpp"

#include <functional>
#include <stop_token>

namespace kiln::qemu {

/// What machines stand on. What it refers to outlives whoever has it.
struct MachineWorld {
    local::LocalCloud& local;
    ports::Cloud& cloud;
    ports::Ledger& ledger;
    const ports::Clock& clock;
    MakeNetwork network;
    /// Has a guest been seen to run under KVM on this host? A mere /dev/kvm proves nothing:
    /// images/accelerator.hpp.
    std::function<bool(const std::stop_token&)> kvm_works;
};

/// "vm.*": a QEMU machine over the volume's qcow2 file.
class MachineFamily final : public compute::GuestFamily {
  public:
    explicit MachineFamily(MachineWorld world) : world_{std::move(world)} {}

    /// Takes kernel and initrd out of a root without a boot loader, writes the seed disk, starts
    /// QEMU. Returns when that runs the guest. First the ledger, then each thing.
    /// @throws Error  invalid: too many open ports · not_found: no kernel in the image, no QEMU ·
    ///   conflict: the volume is in use
    [[nodiscard]] std::unique_ptr<compute::Guest> start(
        const compute::GuestPlan& plan, const std::stop_token& stop, Deadline deadline
    ) override;

  private:
    [[nodiscard]] images::Machine look_at_volume(
        const compute::GuestPlan& plan, const std::stop_token& stop, Deadline deadline
    );
    void write_seed(const compute::GuestPlan& plan, const std::filesystem::path& file) const;

    MachineWorld world_;
};

}  // namespace kiln::qemu
