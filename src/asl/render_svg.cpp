// A layered drawing: a state's row is its distance from the start; rows are centred.

#include "asl/characters.hpp"
#include "asl/render.hpp"
#include "asl/transitions.hpp"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr double kLetter = 7.2;  // width of a letter of 12 px
constexpr double kLine = 16;
constexpr double kPadding = 12;
constexpr double kGap = 28;
constexpr double kRowGap = 48;
constexpr std::size_t kLongestLabel = 40;

struct Drawing;

/// A state's box, with the drawings of the groups inside it.
struct Box {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
    std::vector<Drawing> inner;
};

/// A group's boxes, by state. Places are relative to the drawing.
struct Drawing {
    const StateGroup* group = nullptr;
    double width = 0;
    double height = 0;
    std::vector<Box> boxes;
    std::vector<std::size_t> rows;  ///< by state
};

/// XML text, cut off if it is long.
std::string text_of(std::string_view text) {
    std::string out;
    std::size_t count = 0;
    all_characters(text, [&](char32_t) { return ++count > 0; });
    std::size_t kept = 0;
    for (std::size_t at = 0; at < text.size() && kept < kLongestLabel; ++kept) {
        const auto bytes = character_at(text, at).bytes;
        const auto piece = text.substr(at, bytes);
        at += bytes;
        if (piece == "<") {
            out += "&lt;";
        } else if (piece == "&") {
            out += "&amp;";
        } else if (static_cast<unsigned char>(piece.front()) < 0x20U) {
            out += ' ';
        } else {
            out += piece;
        }
    }
    return count > kLongestLabel ? out + "…" : out;
}

double width_of(std::string_view text) {
    return kLetter * static_cast<double>(std::min(count_characters(text), kLongestLabel + 1));
}

std::vector<std::size_t> rows_of(const StateGroup& group) {
    std::vector<std::size_t> rows(group.states.size(), group.states.size());
    std::deque<StateIndex> pending{group.start_at};
    rows.at(group.start_at) = 0;
    while (!pending.empty()) {
        const auto from = pending.front();
        pending.pop_front();
        for (const auto& each : transitions_of(group.states[from])) {
            if (rows.at(each.to) == group.states.size()) {
                rows[each.to] = rows[from] + 1;
                pending.push_back(each.to);
            }
        }
    }
    return rows;
}

Drawing draw(const StateGroup& group);

Box box_of(const State& state) {
    Box box;
    box.width = std::max(width_of(state.name), width_of(summary(state))) + 2 * kPadding;
    box.height = 2 * kLine + kPadding;
    double x = kPadding;
    double tallest = 0;
    for (const auto* const group : groups_of(state)) {
        box.inner.push_back(draw(*group));
        x += box.inner.back().width + kPadding;
        tallest = std::max(tallest, box.inner.back().height);
    }
    if (!box.inner.empty()) {
        box.width = std::max(box.width, x);
        box.height += tallest + kPadding;
    }
    return box;
}

Drawing draw(const StateGroup& group) {
    Drawing drawing{&group, 0, 0, {}, rows_of(group)};
    std::vector<double> widths;
    std::vector<double> heights;
    for (std::size_t i = 0; i < group.states.size(); ++i) {
        drawing.boxes.push_back(box_of(group.states[i]));
        const auto row = drawing.rows[i];
        widths.resize(std::max(widths.size(), row + 1));
        heights.resize(widths.size());
        widths[row] += drawing.boxes[i].width + (widths[row] > 0 ? kGap : 0);
        heights[row] = std::max(heights[row], drawing.boxes[i].height);
    }
    drawing.width = *std::max_element(widths.begin(), widths.end()) + 2 * kGap;
    double y = kPadding;
    for (std::size_t row = 0; row < widths.size(); ++row) {
        auto x = (drawing.width - widths[row]) / 2;
        for (std::size_t i = 0; i < drawing.boxes.size(); ++i) {
            if (drawing.rows[i] == row) {
                drawing.boxes[i].x = x;
                drawing.boxes[i].y = y;
                x += drawing.boxes[i].width + kGap;
            }
        }
        y += heights[row] > 0 ? heights[row] + kRowGap : 0;
    }
    drawing.height = y - kRowGap + kPadding;
    return drawing;
}

void write_text(
    double x, double y, std::string_view style, std::string_view text, std::string& out
) {
    out += fmt::format(
        R"(<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>)"
        "\n",
        x,
        y,
        style,
        text_of(text)
    );
}

void write_arrow(
    const Drawing& drawing, StateIndex from, const Transition& transition, std::string& out
) {
    const auto& source = drawing.boxes[from];
    const auto& target = drawing.boxes[transition.to];
    const auto down = drawing.rows[transition.to] > drawing.rows[from];
    const auto x1 = down ? source.x + source.width / 2 : source.x + source.width;
    const auto y1 = down ? source.y + source.height : source.y + source.height / 2;
    const auto x2 = down ? target.x + target.width / 2 : target.x + target.width;
    const auto y2 = down ? target.y : target.y + target.height / 2;
    const auto bend = down ? kRowGap / 2 : kGap;
    const auto path = down ? fmt::format(
                                 "M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}",
                                 x1,
                                 y1,
                                 x1,
                                 y1 + bend,
                                 x2,
                                 y2 - bend,
                                 x2,
                                 y2
                             )
                           : fmt::format(
                                 "M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}",
                                 x1,
                                 y1,
                                 std::max(x1, x2) + bend,
                                 y1,
                                 std::max(x1, x2) + bend,
                                 y2,
                                 x2,
                                 y2
                             );
    out += fmt::format(
        R"-(<path d="{}" class="{}" marker-end="url(#arrow)"/>)-"
        "\n",
        path,
        transition.kind == TransitionKind::caught ? "caught" : "next"
    );
    write_text((x1 + x2) / 2 + 4, (y1 + y2) / 2, "label", transition.label, out);
}

void write_drawing(const Drawing& drawing, double x, double y, std::string& out) {
    const auto& states = drawing.group->states;
    out += fmt::format(
        R"-(<g transform="translate({:.1f} {:.1f})">)-"
        "\n",
        x,
        y
    );
    for (std::size_t i = 0; i < states.size(); ++i) {
        const auto& box = drawing.boxes[i];
        out += fmt::format(
            R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="6" class="{}"/>)"
            "\n",
            box.x,
            box.y,
            box.width,
            box.height,
            i == drawing.group->start_at ? "start" : "state"
        );
        write_text(box.x + kPadding, box.y + kLine, "name", states[i].name, out);
        write_text(box.x + kPadding, box.y + 2 * kLine, "what", summary(states[i]), out);
        auto inner_x = box.x + kPadding;
        for (const auto& inner : box.inner) {
            out += fmt::format(
                R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="6" class="group"/>)"
                "\n",
                inner_x,
                box.y + 2 * kLine + kPadding,
                inner.width,
                inner.height
            );
            write_drawing(inner, inner_x, box.y + 2 * kLine + kPadding, out);
            inner_x += inner.width + kPadding;
        }
    }
    for (std::size_t i = 0; i < states.size(); ++i) {
        for (const auto& transition : transitions_of(states[i])) {
            write_arrow(drawing, i, transition, out);
        }
    }
    out += "</g>\n";
}

constexpr std::string_view kStyle = R"(<style>
text { font: 12px monospace; fill: #222 }
.name { font-weight: bold }
.what, .label { fill: #666 }
.label { font-size: 10px }
rect { fill: #fff; stroke: #678 }
.start { stroke-width: 2.5 }
.group { fill: #f4f6f8; stroke-dasharray: 4 3 }
path { fill: none; stroke: #678 }
.caught { stroke: #b54; stroke-dasharray: 4 3 }
</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0 0L8 4L0 8Z" style="fill:#678;stroke:none"/></marker></defs>
)";

}  // namespace

std::string render_svg(const StateMachine& machine) {
    const auto drawing = draw(machine.top);
    auto out = fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" viewBox="0 0 {0:.0f} {1:.0f}">)"
        "\n",
        drawing.width + kGap,
        drawing.height
    );
    out += kStyle;
    write_drawing(drawing, 0, 0, out);
    return out + "</svg>\n";
}

}  // namespace kiln::asl
