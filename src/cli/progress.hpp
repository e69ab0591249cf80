#pragma once

#include "cli/terminal.hpp"
#include "ports/bake_store.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

/// What a person sees of bakes under way. Pure: events in, lines out.
namespace kiln::cli {

/// One bake, as its events tell.
struct BakeView {
    struct Step {
        std::string name;
        TimePoint began;
        std::optional<Duration> took;  ///< none: under way
        bool ok = true;
    };

    std::string name;  ///< of the image to be
    BakeId bake;
    std::string waiting;  ///< for what it waits before its first step; "" when it does not
    std::vector<Step> steps;
    std::deque<std::string> last_lines;  ///< of the bootstrap's output
    std::optional<std::string> image;
    std::optional<json::object> error;
    std::string state;  ///< at the end: "succeeded", "failed", "cancelled"
    bool over = false;

    void apply(const BakeId& id, const ports::BakeEvent& event);
    [[nodiscard]] Duration total() const;
};

/// The lines that stand on the terminal now: for one bake a line for each step and the last lines
/// of output, for several a line for each that runs and a count. Never wider or higher than it.
/// @param frame  rises with each drawing; turns the spinner
[[nodiscard]] std::vector<std::string> live_lines(
    const std::vector<BakeView>& bakes, TimePoint now, std::size_t frame, const Terminal& terminal
);

/// The same event as lines that stay, for logs: "12:00:01 run      | Unpacking nginx".
/// @param label  in front of each, "" for none
[[nodiscard]] std::vector<std::string> plain_lines(
    const ports::BakeEvent& event, const std::string& label
);

/// What is said at the end: the time line, or what failed and how to look closer.
[[nodiscard]] std::vector<std::string> closing_lines(
    const BakeView& bake, const Terminal& terminal
);

/// Lines of a bake's recorded error (ERROR's data, or `error` of its result).
[[nodiscard]] std::vector<std::string> failure_lines(const json::object& error);

}  // namespace kiln::cli
