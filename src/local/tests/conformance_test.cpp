#include "local/tests/world.hpp"
#include "ports/testing/cloud_conformance.hpp"

namespace kiln::ports::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Local, CloudDiskConformance, local::testing::World);
INSTANTIATE_TYPED_TEST_SUITE_P(Local, CloudImageConformance, local::testing::World);

}  // namespace kiln::ports::testing
