#pragma once

#include "base/testing/kind_of.hpp"

namespace kiln::ports::testing {

using kiln::kind_of;

}  // namespace kiln::ports::testing
