#include "compute/metadata_server.hpp"
#include "world.hpp"

/// Instances of the types vm.*: QEMU in the network that a container would have.
namespace kiln {

namespace {

/// QEMU's user network ends in the instance's own namespace: what it lets in and out is up to that
/// one's rules, and the metadata service is reached there as from a container.
class InstanceMachineNetwork final : public qemu::MachineNetwork {
  public:
    InstanceMachineNetwork(
        const compute::GuestPlan& plan,
        const std::vector<std::uint16_t>& host_ports,
        const std::string& account,
        const ports::Clock& clock,
        Deadline deadline
    )
        : address_{plan.address},
          network_{
              compute::InstanceNetwork::make(compute::network_plan(plan, host_ports), deadline)},
          metadata_{compute::serve_metadata(plan, network_, account, clock)} {}

    [[nodiscard]] std::string namespace_path() const override { return network_.path(); }

    [[nodiscard]] std::vector<qemu::Forward> forwards(const std::vector<qemu::Port>& ports
    ) override {
        return qemu::forwards_at(address_, ports);
    }

    void close() override {
        metadata_.reset();
        network_.close();
    }

  private:
    std::string address_;
    compute::InstanceNetwork network_;
    std::unique_ptr<net::Server> metadata_;
};

}  // namespace

qemu::MachineFamily World::machine_family() {
    auto& all = parts();
    const auto host_ports = server_ports();
    return qemu::MachineFamily{
        {.local = all.local,
         .cloud = all.cloud,
         .ledger = all.ledger,
         .clock = clock_,
         .network =
             [this, host_ports](const compute::GuestPlan& plan, Deadline deadline) {
                 parts().ledger.intend(
                     plan.job, {{ports::ResourceKind::firewall, compute::firewall_name(plan.id)}}
                 );
                 return std::make_unique<InstanceMachineNetwork>(
                     plan, host_ports, config_.local_account, clock_, deadline
                 );
             },
         .kvm_works = [this](const std::stop_token& stop) { return wants_kvm(stop); }}};
}

}  // namespace kiln
