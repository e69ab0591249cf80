#include "jail/conclude.hpp"

#include "base/error.hpp"
#include "base/time.hpp"
#include "base/utf8.hpp"

#include <csignal>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::jail {

namespace {

constexpr int kSignalBase = 128;
constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;

/// bubblewrap, as every shell, says 128 + n for signal n. Signals that end processes by mistake or
/// from outside; others, such as 1 (git exits with 129 on a usage error), are taken for exit codes.
bool is_death(int signal) {
    switch (signal) {
        case SIGINT:
        case SIGQUIT:
        case SIGILL:
        case SIGTRAP:
        case SIGABRT:
        case SIGBUS:
        case SIGFPE:
        case SIGKILL:
        case SIGSEGV:
        case SIGPIPE:
        case SIGALRM:
        case SIGTERM:
        case SIGXCPU:
        case SIGXFSZ:
        case SIGSYS:
            return true;
        default:
            return false;
    }
}

std::string command_line(const JailPlan& plan) {
    return to_utf8(fmt::format("{}", fmt::join(plan.command, " ")));
}

/// What a shell would say of a program that cannot be started. bubblewrap gives no exit code then,
/// as if the jail could not be set up.
std::optional<int> exec_failure(const JailPlan& plan, const Ending& ending) {
    const auto prefix = fmt::format("bwrap: execvp {}: ", plan.command.front());
    if (ending.status.exit_code || !ending.last_error.starts_with(prefix)) {
        return std::nullopt;
    }
    return ending.last_error.ends_with("No such file or directory") ? kNotFound : kNotExecutable;
}

os::ExitStatus status_of(const JailPlan& plan, const Ending& ending) {
    if (const auto code = exec_failure(plan, ending)) {
        return {*code, 0};
    }
    if (!ending.status.exit_code) {
        return ending.bwrap;
    }
    const int code = *ending.status.exit_code;
    return is_death(code - kSignalBase) ? os::ExitStatus{0, code - kSignalBase}
                                        : os::ExitStatus{code, 0};
}

[[noreturn]] void throw_not_set_up(const Ending& ending) {
    constexpr std::string_view kPrefix = "bwrap: ";
    std::string_view why = ending.last_error;
    if (why.starts_with(kPrefix)) {
        why.remove_prefix(kPrefix.size());
    }
    throw Error{
        ErrorKind::unavailable,
        fmt::format(
            "the jail could not be set up: {}",
            why.empty() ? fmt::format("bwrap: {}", ending.bwrap.describe()) : to_utf8(why)
        )}
        .hint("kiln doctor");
}

std::string memory_detail(const Limits& limits, const os::CgroupUsage& usage) {
    const auto killed = fmt::format(
        "{} process{} killed for want of memory",
        usage.memory_kills,
        usage.memory_kills == 1 ? "" : "es"
    );
    return limits.memory
               ? fmt::format("the limit of {} was reached; {}", humanize(*limits.memory), killed)
               : fmt::format("the host ran out of memory; {}", killed);
}

}  // namespace

Outcome conclude(const JailPlan& plan, const Limits& limits, const Ending& ending) {
    using Cause = Outcome::Cause;
    Outcome outcome;
    outcome.usage = ending.usage;
    outcome.status = status_of(plan, ending);
    switch (ending.why) {
        case Ended::stop:
            throw Error{
                ErrorKind::cancelled, fmt::format("stopped while '{}' ran", command_line(plan))};
        case Ended::deadline:
            throw Error{
                ErrorKind::timed_out,
                fmt::format("the deadline passed while '{}' ran", command_line(plan))};
        case Ended::time_limit:
            outcome.cause = Cause::timed_out;
            outcome.detail = fmt::format("still running after {}", format_duration(*limits.time));
            return outcome;
        case Ended::idle:
            outcome.cause = Cause::hung;
            outcome.detail = ending.last_words;
            return outcome;
        case Ended::by_itself:
            break;
    }
    if (!outcome.status.ok() && ending.usage.memory_kills > 0) {
        outcome.cause = Cause::out_of_memory;
        outcome.detail = memory_detail(limits, ending.usage);
        return outcome;
    }
    if (!ending.status.exit_code && outcome.status.signal == 0 && !exec_failure(plan, ending)) {
        throw_not_set_up(ending);
    }
    outcome.cause = outcome.status.signal != 0 ? Cause::killed : Cause::exited;
    return outcome;
}

}  // namespace kiln::jail
