#include "jail/process_report.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"
#include "os/fd.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::jail {

namespace {

constexpr std::size_t kMostProcesses = 8;
constexpr std::size_t kLongestText = 160;

/// For one line of a message: no control characters, not too long.
std::string plain(std::string_view bytes) {
    std::string text{bytes.substr(0, kLongestText * 4)};
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' '
    );
    text = to_utf8(text);
    while (text.ends_with(' ')) {
        text.pop_back();
    }
    if (text.size() > kLongestText) {
        text.resize(utf8_floor(text, kLongestText));
        text += "…";
    }
    return text;
}

/// A file below /proc; "" when the process has gone.
std::string proc_text(int pid, std::string_view name) {
    try {
        return os::read_file(fmt::format("/proc/{}/{}", pid, name));
    } catch (const Error&) {
        return "";
    }
}

std::string_view state_word(char state) {
    switch (state) {
        case 'R':
            return "running";
        case 'S':
            return "sleeping";
        case 'D':
            return "waiting in the kernel";
        case 'T':
            return "stopped by a signal";
        case 't':
            return "stopped by a debugger";
        case 'Z':
            return "ended";
        default:
            return "in an unknown state";
    }
}

/// After "PID (NAME) ", where NAME may hold anything.
char state_of(std::string_view stat) {
    const auto end = stat.rfind(") ");
    return end == std::string_view::npos || end + 2 >= stat.size() ? '?' : stat[end + 2];
}

}  // namespace

std::vector<Waiting> look_at(std::span<const int> processes, std::span<const int> ours) {
    std::vector<Waiting> found;
    std::vector<int> oldest_first{processes.begin(), processes.end()};
    std::ranges::sort(oldest_first);
    for (const int pid : oldest_first) {
        if (found.size() == kMostProcesses || std::ranges::find(ours, pid) != ours.end()) {
            continue;
        }
        const auto stat = proc_text(pid, "stat");
        if (stat.empty()) {
            continue;
        }
        auto command = plain(proc_text(pid, "cmdline"));
        if (command.empty()) {  // a process that has ended, or wiped its command line
            command = plain(proc_text(pid, "comm"));
        }
        const auto state = state_of(stat);
        auto where = plain(proc_text(pid, "wchan"));
        if (where.empty() || where == "0" || state == 'T' || state == 't') {
            where = state_word(state);
        }
        found.push_back({std::move(command), std::move(where)});
    }
    return found;
}

std::string last_words(
    std::chrono::nanoseconds silent, std::string_view last_line, std::span<const Waiting> waiting
) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(silent).count();
    auto text = last_line.empty()
                    ? fmt::format("no output in {} s", seconds)
                    : fmt::format("last output {} s ago: \"{}\"", seconds, plain(last_line));
    const auto lines = waiting | std::views::transform([](const Waiting& process) {
                           return fmt::format("\"{}\" ({})", process.command, process.where);
                       });
    if (!waiting.empty()) {
        text += fmt::format("; waiting: {}", fmt::join(lines, ", "));
    }
    return text;
}

}  // namespace kiln::jail
