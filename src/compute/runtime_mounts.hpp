#pragma once

namespace kiln::compute {

/// Gives the calling thread a mount namespace of its own in which crun finds no second hierarchy of
/// control groups: it refuses hosts that have version 1 and controllers of version 2 at once, even
/// when it is told to leave control groups alone. Nothing is done where there is none.
/// What the thread starts from then on is in that namespace. @throws Error  denied: not root
void hide_mixed_cgroups();

}  // namespace kiln::compute
