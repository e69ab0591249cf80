#include "api/metrics.hpp"
#include "os/fd.hpp"

#include <charconv>
#include <filesystem>

#include <unistd.h>

namespace kiln::api {

namespace {

/// Field `number` of /proc/PID/stat as proc(5) counts them, from 3 on: the name before may hold
/// anything, and ends with the last ')'.
std::uint64_t stat_field(std::string_view stat, int number) {
    stat.remove_prefix(std::min(stat.rfind(')') + 2, stat.size()));
    for (int field = 3; field < number; ++field) {
        stat.remove_prefix(std::min(stat.find(' ') + 1, stat.size()));
    }
    std::uint64_t value = 0;
    (void)std::from_chars(stat.data(), stat.data() + stat.size(), value);
    return value;
}

}  // namespace

ProcessFacts process_facts() {
    constexpr int kUserTime = 14;
    constexpr int kSystemTime = 15;
    constexpr int kThreads = 20;
    constexpr int kResidentPages = 24;
    const auto stat = os::read_file("/proc/self/stat", 4096);
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    ProcessFacts facts;
    facts.resident_bytes =
        stat_field(stat, kResidentPages) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    facts.threads = stat_field(stat, kThreads);
    facts.cpu_seconds =
        static_cast<double>(stat_field(stat, kUserTime) + stat_field(stat, kSystemTime)) / ticks;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        (void)entry;
        ++facts.open_fds;
    }
    --facts.open_fds;  // the one that reads the folder
    return facts;
}

}  // namespace kiln::api
