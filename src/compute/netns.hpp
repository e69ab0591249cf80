#pragma once

#include "base/deadline.hpp"
#include "compute/network.hpp"
#include "os/fd.hpp"

#include <functional>
#include <string>

namespace kiln::compute {

/// The network of one instance, made: namespace, veth pair, route, rules. Namespace and pair end
/// with their last user; the rules are removed here, or by the ledger (ResourceKind::firewall).
class InstanceNetwork {
  public:
    InstanceNetwork() = default;
    InstanceNetwork(InstanceNetwork&&) noexcept = default;
    InstanceNetwork& operator=(InstanceNetwork&&) noexcept = default;
    ~InstanceNetwork();

    /// The caller has the rules in the ledger. @throws Error  not_found: ip or nft is not there
    static InstanceNetwork make(const NetworkPlan& plan, Deadline deadline);

    /// "/proc/PID/fd/N", for as long as this object and its process live.
    [[nodiscard]] std::string path() const;

    /// Runs `work` in a thread of its own inside the namespace, and returns when it has. What
    /// `work` starts (threads, children, sockets) is in there, too. What it throws passes through.
    void inside(const std::function<void()>& work) const;

    /// Removes the rules now. @throws Error
    void close();

  private:
    os::Fd namespace_;
    std::string firewall_;
};

/// Removes an instance's rules; none there is success. For the sweeper.
void remove_firewall(const std::string& name);

}  // namespace kiln::compute
