#pragma once

#include "cli/config.hpp"
#include "os/fd.hpp"

#include <string>
#include <vector>

namespace kiln {

/// What a command leaves to be done after it: a child of low priority, started as the last act of
/// the process, in the mount namespace that the process began in.
///
/// The child (`kiln gc --maintenance`) flattens long chains and trims checkpoints. It takes a lock,
/// so that one runs at a time. It is not waited for, has no terminal and no output.
class Maintenance {
  public:
    /// Remembers the mount namespace. To be made before it is left.
    Maintenance();

    void configure(const cli::Config& config, const cli::SettingFlags& flags);

    void wanted() noexcept { wanted_ = true; }

    /// Starts the child if it is wanted. No other thread may run any more. Never throws: what is
    /// not done now is done after the next bake.
    void start_if_wanted() noexcept;

  private:
    os::Fd mounts_;
    std::vector<std::string> arguments_;
    bool wanted_ = false;
};

}  // namespace kiln
