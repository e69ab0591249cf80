#include "cli/progress.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

constexpr std::size_t kKeptLines = 8;

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.emplace_back(printable(text.substr(0, end)));
        text = end == std::string_view::npos ? "" : text.substr(end + 1);
    }
    return lines;
}

const json::value* member(const json::value& data, std::string_view key) {
    const auto* object = data.if_object();
    return object != nullptr ? object->if_contains(key) : nullptr;
}

std::optional<std::string> text_member(const json::value& data, std::string_view key) {
    const auto* value = member(data, key);
    return value != nullptr && value->is_string() ? std::optional{std::string{value->get_string()}}
                                                  : std::nullopt;
}

/// Of a STEP event; none when it says that the step began.
std::optional<Duration> seconds_taken(const ports::BakeEvent& event) {
    const auto* seconds = member(event.data, "seconds");
    if (seconds == nullptr || !seconds->is_number()) {
        return std::nullopt;
    }
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{
        seconds->to_number<double>()});
}

bool went_well(const ports::BakeEvent& event) {
    return text_member(event.data, "state") != "failed";
}

std::string clock_time(TimePoint time) {
    return format_time(time).substr(11, 8);
}

}  // namespace

void BakeView::apply(const BakeId& id, const ports::BakeEvent& event) {
    if (bake != id) {
        // Another bake stands for this one from here on: it was joined, or had made the image
        // before.
        steps.clear();
        last_lines.clear();
        bake = id;
    }
    waiting.clear();
    if (event.category == "STEP") {
        const auto took = seconds_taken(event);
        const auto begun = std::find_if(steps.begin(), steps.end(), [&](const Step& step) {
            return step.name == event.step && !step.took;
        });
        if (begun == steps.end()) {
            steps.push_back({event.step, event.time, took, went_well(event)});
        } else if (took) {
            begun->took = took;
            begun->ok = went_well(event);
        }
    } else if (event.category == "LOG") {
        for (auto& line : lines_of(event.message)) {
            last_lines.push_back(std::move(line));
        }
        while (last_lines.size() > kKeptLines) {
            last_lines.pop_front();
        }
    } else if (event.category == "IMAGE") {
        image = text_member(event.data, "id");
    } else if (event.category == "ERROR") {
        if (const auto* object = event.data.if_object()) {
            error = *object;
        }
    }
    if (event.final) {
        over = true;
        state = text_member(event.data, "state").value_or(event.message);
    }
}

Duration BakeView::total() const {
    Duration sum{0};
    for (const auto& step : steps) {
        sum += step.took.value_or(Duration{0});
    }
    return sum;
}

namespace {

std::string spinner(std::size_t frame, bool utf8) {
    static constexpr std::array<std::string_view, 10> kBraille{
        "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
    static constexpr std::array<std::string_view, 4> kAscii{"|", "/", "-", "\\"};
    return std::string{utf8 ? kBraille[frame % kBraille.size()] : kAscii[frame % kAscii.size()]};
}

std::string mark(bool ok, const Terminal& terminal) {
    if (terminal.utf8) {
        return toned(ok ? "✓" : "✗", ok ? Tone::good : Tone::bad, terminal);
    }
    return toned(ok ? "+" : "x", ok ? Tone::good : Tone::bad, terminal);
}

std::string step_line(
    const BakeView::Step& step, TimePoint now, std::size_t frame, const Terminal& terminal
) {
    const auto took = step.took.value_or(std::max(Duration{0}, Duration{now - step.began}));
    const auto sign = step.took ? mark(step.ok, terminal) : spinner(frame, terminal.utf8);
    return fmt::format("{} {:<10}{:>12}", sign, step.name, humanize(took));
}

/// A bake in one line: where it is, and the last it said.
std::string bake_line(
    const BakeView& bake,
    TimePoint now,
    std::size_t frame,
    std::size_t name_width,
    const Terminal& terminal
) {
    if (bake.steps.empty()) {
        return fmt::format(
            "{} {:<{}}",
            spinner(frame, terminal.utf8),
            cut(bake.name, name_width, terminal.utf8),
            name_width
        );
    }
    const auto& step = bake.steps.back();
    const auto elapsed = std::max(Duration{0}, Duration{now - bake.steps.front().began});
    auto line = fmt::format(
        "  {:<{}}  {:<10}{:>12}  {}",
        cut(bake.name, name_width, terminal.utf8),
        name_width,
        step.name,
        humanize(elapsed),
        bake.last_lines.empty() ? "" : bake.last_lines.back()
    );
    const auto room = terminal.width > 0 ? terminal.width - 1 : 0;
    line = cut(line, room, terminal.utf8);
    return line.replace(0, 1, spinner(frame, terminal.utf8));
}

std::vector<std::string> lines_for_one(
    const BakeView& bake, TimePoint now, std::size_t frame, const Terminal& terminal
) {
    std::vector<std::string> lines;
    const auto room = terminal.width > 0 ? terminal.width - 1 : 0;
    if (bake.steps.empty()) {
        const auto what = bake.waiting.empty() ? "" : "waiting for " + bake.waiting;
        lines.push_back(
            cut(fmt::format("{} {} {}", spinner(frame, terminal.utf8), bake.name, what),
                room,
                terminal.utf8)
        );
    }
    for (const auto& step : bake.steps) {
        lines.push_back(step_line(step, now, frame, terminal));
    }
    const auto left = terminal.height > lines.size() + 1 ? terminal.height - lines.size() - 1 : 0;
    if (!bake.over && left > 0) {
        const auto count = std::min(left, bake.last_lines.size());
        for (auto line = bake.last_lines.end() - static_cast<std::ptrdiff_t>(count);
             line != bake.last_lines.end();
             ++line) {
            lines.push_back(toned(cut("  | " + *line, room, terminal.utf8), Tone::dim, terminal));
        }
    }
    return lines;
}

}  // namespace

std::vector<std::string> live_lines(
    const std::vector<BakeView>& bakes, TimePoint now, std::size_t frame, const Terminal& terminal
) {
    if (bakes.size() == 1) {
        return lines_for_one(bakes.front(), now, frame, terminal);
    }
    constexpr std::size_t kWidestName = 32;
    std::size_t waiting = 0, done = 0, failed = 0, running = 0, name_width = 0;
    for (const auto& bake : bakes) {
        const bool bad = bake.over && bake.state != "succeeded";
        ++(bad ? failed : bake.over ? done : bake.steps.empty() ? waiting : running);
        name_width = std::min(kWidestName, std::max(name_width, columns(bake.name)));
    }
    std::vector<std::string> lines;
    const auto room = terminal.height > 2 ? terminal.height - 2 : 1;
    for (const auto& bake : bakes) {
        if (!bake.over && !bake.steps.empty() && lines.size() < room) {
            lines.push_back(bake_line(bake, now, frame, name_width, terminal));
        }
    }
    lines.push_back(
        fmt::format("{} done, {} failed, {} running, {} waiting", done, failed, running, waiting)
    );
    return lines;
}

std::vector<std::string> plain_lines(const ports::BakeEvent& event, const std::string& label) {
    const auto head = fmt::format(
        "{} {}{:<10}", clock_time(event.time), label.empty() ? "" : label + " ", event.step
    );
    std::vector<std::string> lines;
    if (event.category == "STEP") {
        if (const auto took = seconds_taken(event)) {
            lines.push_back(fmt::format(
                "{} {}{}", head, went_well(event) ? "" : "failed after ", humanize(*took)
            ));
        }
    } else if (event.category == "LOG") {
        for (const auto& line : lines_of(event.message)) {
            lines.push_back(fmt::format("{} | {}", head, line));
        }
    } else if (event.category == "ERROR") {
        if (const auto* error = event.data.if_object()) {
            for (const auto& line : failure_lines(*error)) {
                lines.push_back(fmt::format("{} ! {}", head, line));
            }
        } else {
            lines.push_back(fmt::format("{} ! {}", head, printable(event.message)));
        }
    } else if (event.category == "IMAGE") {
        lines.push_back(fmt::format(
            "{} image {}", head, text_member(event.data, "id").value_or(printable(event.message))
        ));
    }
    return lines;
}

std::vector<std::string> failure_lines(const json::object& error) {
    const json::value data(error);  // braces would make an array of it
    std::vector<std::string> lines;
    const auto step = text_member(data, "step");
    lines.push_back(
        (step && !step->empty() ? "step " + *step + " failed: " : "") +
        printable(text_member(data, "reason").value_or("unknown reason"))
    );
    if (const auto command = text_member(data, "command")) {
        lines.push_back("  command: " + printable(*command));
    }
    const auto* last = member(data, "last_lines");
    for (const auto& line :
         last != nullptr && last->is_array() ? last->get_array() : json::array{}) {
        if (line.is_string()) {
            lines.push_back("  | " + printable(std::string_view{line.get_string()}));
        }
    }
    if (const auto hint = text_member(data, "hint")) {
        lines.push_back("  hint: " + *hint);
    }
    if (const auto volume = text_member(data, "volume")) {
        lines.push_back("  kept volume: " + *volume);
    }
    const auto* closer = member(data, "look_closer");
    for (const auto& line :
         closer != nullptr && closer->is_array() ? closer->get_array() : json::array{}) {
        if (line.is_string()) {
            lines.push_back("  look closer: " + std::string{line.get_string()});
        }
    }
    return lines;
}

std::vector<std::string> closing_lines(const BakeView& bake, const Terminal& terminal) {
    if (bake.state == ports::to_string(ports::BakeState::cancelled)) {
        return {fmt::format(
            "{} {}: cancelled; what it had made is undone", mark(false, terminal), bake.name
        )};
    }
    if (bake.error) {
        auto lines = failure_lines(*bake.error);
        lines.front() = fmt::format("{} {}: {}", mark(false, terminal), bake.name, lines.front());
        return lines;
    }
    if (!bake.image) {
        return {};
    }
    if (bake.steps.size() < 2) {
        return {
            fmt::format("{} {} was made before: {}", mark(true, terminal), bake.name, *bake.image)};
    }
    std::string steps;
    for (const auto& step : bake.steps) {
        steps += fmt::format(
            "{}{} {}",
            steps.empty() ? "" : ", ",
            step.name,
            humanize(step.took.value_or(Duration{0}))
        );
    }
    return {
        fmt::format(
            "{} {} made {} in {}",
            mark(true, terminal),
            bake.name,
            *bake.image,
            humanize(bake.total())
        ),
        toned("  " + steps, Tone::dim, terminal)};
}

}  // namespace kiln::cli
