#pragma once

#include "asl/refusal.hpp"

namespace kiln::flow {

using asl::Done;
using asl::Refusal;
using asl::Result;

}  // namespace kiln::flow
