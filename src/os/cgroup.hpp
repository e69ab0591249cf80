#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "os/cgroup_layout.hpp"
#include "os/fd.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::os {

struct CgroupLimits {
    std::optional<Bytes> memory;
    std::optional<std::uint64_t> processes;
    /// The CPU time of so many processors. A host without a controller for it limits nothing.
    std::optional<unsigned> cpus = {};
};

/// What the processes of a group have used so far.
struct CgroupUsage {
    std::chrono::microseconds cpu{0};
    Bytes read, written;             ///< to and from devices; 0 where the host does not count them
    std::uint64_t memory_kills = 0;  ///< processes ended for want of memory
    std::uint64_t memory_peak_bytes = 0;
};

/// One control group of a job, in whatever hierarchies the host has: version 2, version 1, or both
/// (each version 1 controller its own hierarchy; version 2 mounted beside them at `unified`).
/// Killed whole and removed at the end. Name: `kiln/NAME` in every hierarchy used; the parent
/// `kiln` is shared by all and stays.
class Cgroup {
  public:
    Cgroup() = default;
    Cgroup(Cgroup&&) noexcept;
    Cgroup& operator=(Cgroup&&) noexcept;
    ~Cgroup();

    /// @param name  one part of a path
    /// @throws Error  denied: no hierarchy is writable · unavailable: a limit asked for has no
    /// controller ·
    ///   conflict: there is such a group
    static Cgroup make(const std::string& name, const CgroupLimits& limits);

    /// Descriptors of the files that take a process in when it writes "0", for
    /// `Command::cgroup_procs`. The process must have one thread.
    [[nodiscard]] std::vector<int> procs() const;

    /// For `Command::cgroup_folder`; -1 where version 2 is not mounted. Joining by `procs()` waits
    /// for every process of the host to have passed the kernel: 5 to 15 ms that a child born inside
    /// saves.
    [[nodiscard]] int folder() const { return folder_.get(); }

    [[nodiscard]] std::vector<int> members() const;  ///< process numbers
    [[nodiscard]] CgroupUsage usage() const;
    /// SIGKILL to every member, also to those forked meanwhile; returns when none is left.
    /// @throws Error  timed_out: a member sits in the kernel
    void kill(Deadline deadline) const;
    /// @throws Error  conflict: it has members
    void remove();

    /// Moves the calling thread (version 1) or process into a group that another process made;
    /// hierarchies where it is not there are passed over. For what becomes another program next.
    static void enter(const std::string& name);
    /// For the sweeper: kills and removes a group that another process made. Absent is success.
    static void destroy(const std::string& name, Deadline deadline);

  private:
    explicit Cgroup(std::string name) : name_{std::move(name)} {}

    void add(const CgroupSeat& hierarchy, const CgroupLimits& limits);

    std::string name_;
    std::vector<CgroupSeat> seats_;  ///< the group's own folders
    std::vector<Fd> procs_;
    Fd folder_;  ///< of version 2
};

}  // namespace kiln::os
