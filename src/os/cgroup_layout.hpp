#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace kiln::os {

/// A hierarchy of control groups that is of use to us, and for what.
struct CgroupSeat {
    std::filesystem::path folder;
    bool unified = false;  ///< version 2
    bool memory = false;
    bool pids = false;
    bool cpu = false;    ///< counts CPU time
    bool quota = false;  ///< can limit it
    bool io = false;

    bool operator==(const CgroupSeat&) const = default;
};

/// Chooses the hierarchies to sit in, version 2 first: it can kill a group whole, and counts CPU
/// time without a controller. Of version 1 only those whose controllers version 2 lacks. Pure.
/// @param mountinfo            /proc/self/mountinfo
/// @param unified_controllers  cgroup.controllers of the version 2 mount: "cpu io memory pids"
[[nodiscard]] std::vector<CgroupSeat> choose_seats(
    std::string_view mountinfo, std::string_view unified_controllers
);

/// Where version 2 is mounted, "" when it is not.
[[nodiscard]] std::filesystem::path unified_mount(std::string_view mountinfo);

/// The number after `key` in a file of lines "key number"; 0 when it is not there.
[[nodiscard]] std::uint64_t keyed_number(std::string_view text, std::string_view key);

/// The sum over all lines of the numbers after "key=" (io.stat of version 2).
[[nodiscard]] std::uint64_t sum_of(std::string_view text, std::string_view key);

}  // namespace kiln::os
