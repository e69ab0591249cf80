#pragma once

#include "os/fd.hpp"
#include "os/spawn.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// The narrow place between clone and exec.
namespace kiln::os {

/// Everything that the child needs, made ready before it exists: it allocates nothing.
class Launch {
  public:
    /// @throws Error  not_found: no such program · invalid: a NUL in an argument
    explicit Launch(const Command& command);
    Launch(Launch&&) = delete;

    struct Started {
        int pid = -1;
        Fd pidfd;
    };

    /// @throws Error  by errno of what failed in the child: no program is left running then
    Started start();

  private:
    enum class Stage { none, die_with_parent, group, cgroup, mounts, descriptors, directory, exec };

    /// What the child says before exec.
    struct Told {
        bool begun = false;         ///< it runs
        Stage stage = Stage::none;  ///< that failed
        int error = 0;
    };

    int clone_sharing(int& pidfd);
    int clone_into_cgroup(int& pidfd);
    static int enter(void* self) noexcept;
    void run() noexcept;
    [[nodiscard]] bool pass_descriptors() noexcept;
    [[noreturn]] void fail(Stage stage) noexcept;
    [[noreturn]] void report(int pid) const;

    const Command& command_;
    std::filesystem::path program_;
    std::vector<std::string> variables_;
    std::vector<char*> argv_;
    std::vector<char*> envp_;
    Fd null_;
    std::vector<PassedFd> fds_;
    std::vector<int> high_;  ///< where the child keeps `fds_` while it puts them in place
    int parent_ = 0;
    bool in_cgroup_ = false;  ///< the child is born in `command_.cgroup_folder`
    /// Written by the child: ours, or memory that is shared with it.
    Told own_told_;
    Told* told_ = &own_told_;
};

}  // namespace kiln::os
