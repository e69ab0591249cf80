#pragma once

#include "base/deadline.hpp"
#include "compute/guest.hpp"
#include "qemu/arguments.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kiln::qemu {

/// Where QEMU's user network has its end on this host.
class MachineNetwork {
  public:
    virtual ~MachineNetwork() = default;
    /// A network namespace that QEMU is to run in; "" this process's.
    [[nodiscard]] virtual std::string namespace_path() const = 0;
    /// Where each of these ports of the guest is found.
    [[nodiscard]] virtual std::vector<Forward> forwards(const std::vector<Port>& ports) = 0;
    /// QEMU has ended. @throws Error
    virtual void close() = 0;
};

using MakeNetwork = std::function<
    std::unique_ptr<MachineNetwork>(const compute::GuestPlan& plan, Deadline deadline)>;

/// This host's own network: ports of the guest are free ports of 127.0.0.1. The guest can reach
/// whatever this host can, its loopback (as 10.0.2.2) among it: for hosts without namespaces, and
/// for tests.
class LoopbackNetwork final : public MachineNetwork {
  public:
    [[nodiscard]] std::string namespace_path() const override { return ""; }

    /// @throws Error  exhausted: no free port
    [[nodiscard]] std::vector<Forward> forwards(const std::vector<Port>& ports) override;

    void close() override {}
};

/// The same port at the instance's own address, which a namespace of its own has.
[[nodiscard]] std::vector<Forward> forwards_at(
    const std::string& address, const std::vector<Port>& ports
);

}  // namespace kiln::qemu
