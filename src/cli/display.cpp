#include "cli/display.hpp"

#include <fmt/format.h>

namespace kiln::cli {

namespace {
constexpr std::chrono::milliseconds kFrame{100};
}

Display::Display(
    const Output& output, const ports::Clock& clock, Style style, std::vector<std::string> names
)
    : output_{output}, clock_{clock}, style_{style}, bakes_(names.size()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        bakes_[i].name = std::move(names[i]);
    }
    if (style_ == Style::live) {
        thread_ = std::thread{[this] { draw_loop(); }};
    }
}

Display::~Display() {
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Display::waiting(std::size_t bake, const std::string& for_what) {
    const std::lock_guard lock{mutex_};
    bakes_[bake].waiting = for_what;
    if (style_ == Style::plain) {
        output_.remark(fmt::format("{}: waiting for {}\n", bakes_[bake].name, for_what));
    }
}

void Display::event(std::size_t bake, const BakeId& id, const ports::BakeEvent& event) {
    const std::lock_guard lock{mutex_};
    bakes_[bake].apply(id, event);
    // ERROR is told at the end, where nothing scrolls it away.
    if (style_ == Style::plain && event.category != "ERROR") {
        for (const auto& line : plain_lines(event, bakes_.size() > 1 ? bakes_[bake].name : "")) {
            output_.remark(line + "\n");
        }
    }
}

void Display::over(std::size_t bake, const std::string& state) {
    const std::lock_guard lock{mutex_};
    if (!bakes_[bake].over) {
        bakes_[bake].over = true;
        bakes_[bake].state = state;
    }
}

void Display::close() {
    const std::lock_guard lock{mutex_};
    if (closed_) {
        return;
    }
    closed_ = true;
    changed_.notify_all();
    if (style_ == Style::live) {
        erase();
    }
    for (const auto& bake : bakes_) {
        if (style_ == Style::quiet && !bake.error) {
            continue;
        }
        for (const auto& line : closing_lines(bake, output_.err_terminal())) {
            output_.remark(line + "\n");
        }
    }
}

void Display::draw_loop() {
    std::unique_lock lock{mutex_};
    while (!closed_) {
        draw();
        changed_.wait_for(lock, kFrame, [this] { return closed_; });
    }
}

void Display::erase() {
    if (drawn_ > 0) {
        output_.remark(fmt::format("\x1b[{}A\x1b[J", drawn_));
        drawn_ = 0;
    }
}

void Display::draw() {
    const auto lines = live_lines(bakes_, clock_.now(), frame_++, output_.err_terminal());
    std::string text = drawn_ > 0 ? fmt::format("\x1b[{}A\x1b[J", drawn_) : "";
    for (const auto& line : lines) {
        text += line + "\n";
    }
    drawn_ = lines.size();
    output_.remark(text);
}

}  // namespace kiln::cli
