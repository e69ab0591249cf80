#pragma once

#include "cli/config.hpp"
#include "os/fd.hpp"

#include <string>
#include <vector>

namespace kiln {

/// What a command leaves to be done after it: a child of low priority, started as the last act of
/// the process, in the mount namespace that the process began in.
///
/// One child (`kiln gc --maintenance`) flattens long chains and trims checkpoints, another one
/// (`kiln cache fill`) makes a volume ready for each that was used. Each takes a lock, so that one
/// of its kind runs at a time. They are not waited for, have no terminal and no output.
class Maintenance {
  public:
    /// Remembers the mount namespace. To be made before it is left.
    Maintenance();

    void configure(const cli::Config& config, const cli::SettingFlags& flags);

    enum class Work { collect, fill_cache };

    void wanted(Work work) noexcept { (work == Work::collect ? collect_ : fill_cache_) = true; }

    /// Starts the children that are wanted. No other thread may run any more. Never throws: what is
    /// not done now is done after the next bake.
    void start_if_wanted() noexcept;

    /// The mount namespace that the process began in; -1: it cannot be told.
    [[nodiscard]] int first_mounts() const noexcept { return mounts_.get(); }

    /// Flags that give another command of ours the settings of this one.
    [[nodiscard]] const std::vector<std::string>& settings() const noexcept { return settings_; }

  private:
    os::Fd mounts_;
    std::vector<std::string> settings_;  ///< flags that say what this process was told
    bool collect_ = false;
    bool fill_cache_ = false;
};

}  // namespace kiln
