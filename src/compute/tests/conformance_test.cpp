#include "compute/tests/local_world.hpp"
#include "ports/testing/instances_suite.hpp"

namespace kiln::ports::testing {
namespace {

struct LocalMachinesDriver {
    static std::optional<std::string> unavailable() { return std::nullopt; }

    Machines machines() { return world_.machines(); }

    TagStore& tags() { return world_.tags(); }

    ImageId image() const { return world_.image(); }

    static std::string type() { return "ct.small"; }

    Instance settled(const InstanceId& id) { return world_.settled(id); }

    compute::testing::LocalWorld world_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Local, InstancesConformance, LocalMachinesDriver);

}  // namespace
}  // namespace kiln::ports::testing
