#pragma once

#include "jail/jail.hpp"
#include "os/cgroup.hpp"
#include "os/files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jail::testing {

/// Why root tests cannot run here, or nullopt.
[[nodiscard]] std::optional<std::string> cannot_jail();

/// What a run gave.
struct Ran {
    Outcome outcome;
    std::string out;  ///< all of stdout, parts of a line joined
    std::string err;
    std::size_t longest_part = 0;
};

/// A root of busybox and the hostile program, a folder beside it with a canary, and a control
/// group.
class SmallJail {
  public:
    explicit SmallJail(const os::CgroupLimits& limits = {});

    [[nodiscard]] JailPlan plan(std::vector<std::string> command) const;

    [[nodiscard]] JailPlan shell(const std::string& line) const {
        return plan({"/bin/sh", "-c", line});
    }

    /// `hostile ATTEMPT …`
    [[nodiscard]] JailPlan hostile(std::vector<std::string> attempt) const;

    [[nodiscard]] Ran run(const JailPlan& plan, const Limits& limits = {}) const;

    [[nodiscard]] std::filesystem::path root() const { return folder_.path() / "root"; }

    [[nodiscard]] std::filesystem::path canary() const { return folder_.path() / "canary"; }

    [[nodiscard]] const os::Cgroup& cgroup() const noexcept { return cgroup_; }

    /// Every entry of the root with type, mode, owner, size and modification time.
    [[nodiscard]] std::vector<std::string> listing() const;

  private:
    os::TempDir folder_;
    os::Cgroup cgroup_;
};

}  // namespace kiln::jail::testing
