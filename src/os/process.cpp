#include "os/process.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"
#include "os/pidfd.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>

#include <fmt/format.h>

#include <poll.h>
extern "C" {  // glibc 2.36 declares these without it
}

namespace kiln::os {

namespace {

/// Field 22 of /proc/PID/stat. The name in field 2 may hold anything, also ") ": the last one ends
/// it.
std::optional<std::uint64_t> start_time_in(std::string_view stat) {
    constexpr int kFieldsAfterName = 20;
    const auto name_end = stat.rfind(')');
    auto at = name_end;
    for (int field = 0; field < kFieldsAfterName && at != std::string_view::npos; ++field) {
        at = stat.find(' ', at + 1);
    }
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    std::uint64_t ticks = 0;
    const auto [end, error] =
        std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), ticks);
    return error == std::errc{} ? std::optional{ticks} : std::nullopt;
}

}  // namespace

std::optional<ProcessRef> process_ref(int pid) {
    try {
        const auto ticks = start_time_in(read_file(fmt::format("/proc/{}/stat", pid)));
        return ticks ? std::optional{ProcessRef{.pid = pid, .start_time = *ticks}} : std::nullopt;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return std::nullopt;
        }
        throw;
    }
}

void kill_process(const ProcessRef& ref, Deadline deadline) {
    const auto doing = fmt::format("end process {}", ref.pid);
    const Fd process{pidfd_open(ref.pid)};
    if (!process) {
        if (errno == ESRCH) {
            return;
        }
        throw_errno(doing);
    }
    // Compared after the pidfd is open: from here on the number cannot go to another process.
    if (process_ref(ref.pid) != ref) {
        return;
    }
    if (pidfd_signal(process.get(), SIGKILL) != 0) {
        if (errno == ESRCH) {
            return;
        }
        throw_errno(doing);
    }
    if (wait_ready(process.get(), POLLIN, nullptr, deadline) == Ready::timed_out) {
        throw Error{ErrorKind::timed_out, doing + ": it does not end; it waits in the kernel"};
    }
}

}  // namespace kiln::os
