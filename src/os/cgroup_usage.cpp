#include "os/cgroup.hpp"
#include "os/cgroup_files.hpp"

#include <algorithm>

namespace kiln::os {

namespace {

void add_unified_usage(const CgroupSeat& seat, CgroupUsage& usage) {
    const auto& folder = seat.folder;
    usage.cpu = std::chrono::microseconds{
        keyed_number(read_if_there(folder / "cpu.stat").value_or(""), "usage_usec")};
    if (seat.io) {
        const auto io = read_if_there(folder / "io.stat").value_or("");
        usage.read = {sum_of(io, "rbytes")};
        usage.written = {sum_of(io, "wbytes")};
    }
    if (seat.memory) {
        usage.memory_kills =
            keyed_number(read_if_there(folder / "memory.events").value_or(""), "oom_kill");
        usage.memory_peak_bytes = number_in(folder / "memory.peak");  // since Linux 5.19
    }
}

/// Lines "8:0 Read 4096"; the sum over all devices.
std::uint64_t blkio_sum(std::string_view text, std::string_view operation) {
    std::uint64_t sum = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        const auto space = line.find(' ');
        sum +=
            space == std::string_view::npos ? 0 : keyed_number(line.substr(space + 1), operation);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return sum;
}

void add_v1_usage(const CgroupSeat& seat, CgroupUsage& usage) {
    const auto& folder = seat.folder;
    if (seat.cpu) {
        usage.cpu = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds{
            number_in(folder / "cpuacct.usage")});
    }
    if (seat.io) {
        const auto io = read_if_there(folder / "blkio.throttle.io_service_bytes").value_or("");
        usage.read = {blkio_sum(io, "Read")};
        usage.written = {blkio_sum(io, "Write")};
    }
    if (seat.memory) {
        usage.memory_kills =
            keyed_number(read_if_there(folder / "memory.oom_control").value_or(""), "oom_kill");
        usage.memory_peak_bytes = number_in(folder / "memory.max_usage_in_bytes");
    }
}

}  // namespace

CgroupUsage Cgroup::usage() const {
    CgroupUsage usage;
    for (const auto& seat : seats_) {
        if (seat.unified) {
            add_unified_usage(seat, usage);
        } else {
            add_v1_usage(seat, usage);
        }
    }
    return usage;
}

}  // namespace kiln::os
