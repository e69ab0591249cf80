#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jail {

/// A process that is still there when a command hangs.
struct Waiting {
    std::string command;  ///< its command line, as the process itself tells it
    std::string where;    ///< the kernel function it sleeps in, or its state in a word
};

/// Of those processes that still exist, but `ours`, the oldest first, at most 8.
[[nodiscard]] std::vector<Waiting> look_at(
    std::span<const int> processes, std::span<const int> ours
);

/// `last output 900 s ago: "Setting up x"; waiting: "sleep 99999" (hrtimer_nanosleep)`. Pure.
[[nodiscard]] std::string last_words(
    std::chrono::nanoseconds silent, std::string_view last_line, std::span<const Waiting> waiting
);

}  // namespace kiln::jail
