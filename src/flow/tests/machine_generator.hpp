#pragma once

#include "flow/tests/fake_world.hpp"

#include <string>

namespace kiln::flow::testing {

/// A random definition: all states but distributed Maps, Retry, Catch, both query languages, loops
/// that end, nested to three levels.
[[nodiscard]] std::string random_definition(FakeWorld& chance);

}  // namespace kiln::flow::testing
