#pragma once

#include "jail/jail.hpp"

namespace kiln::jail {

/// @throws Error  invalid: lists everything that is wrong with the plan
void check_plan(const JailPlan& plan);

}  // namespace kiln::jail
