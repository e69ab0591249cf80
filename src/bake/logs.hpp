#pragma once

#include "bake/bake_run.hpp"

namespace kiln::bake {

/// Copies the files that the request wants out of the mounted image. One that does not exist is
/// noted and passed over. @throws Error  by errno: the destination cannot be written
void collect_logs(BakeRun& run);

/// The same after a failure, while the image is still mounted; what goes wrong is noted, not
/// thrown.
void collect_logs_after_failure(BakeRun& run) noexcept;

}  // namespace kiln::bake
