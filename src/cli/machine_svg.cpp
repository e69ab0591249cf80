#include "cli/machine_picture.hpp"
#include "cli/terminal.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

// All in pixels.
constexpr int kMargin = 16;
constexpr int kGapAcross = 24;
constexpr int kGapDown = 44;
constexpr int kLine = 16;
constexpr int kPerCharacter = 8;
constexpr int kLeastWidth = 96;
constexpr int kDot = 12;  ///< across

struct Box {
    int x = 0, y = 0, width = 0, height = 0;

    [[nodiscard]] int middle() const { return x + width / 2; }

    [[nodiscard]] int bottom() const { return y + height; }
};

struct Drawing;

struct Node {
    Box box;  ///< within its drawing
    std::vector<Drawing> below;
    std::vector<Box> places;  ///< of those below, within the node
};

/// A group, laid out.
struct Drawing {
    const asl::StateGroup* group = nullptr;
    std::vector<Node> nodes;  ///< by state
    int width = 0, height = 0;
    int end_y = 0;  ///< where the end's dot stands
};

Drawing lay_out(const asl::StateGroup& group);

int text_width(std::string_view text) {
    return static_cast<int>(columns(text)) * kPerCharacter + 2 * kMargin;
}

Node make_node(const asl::State& state) {
    Node node;
    node.box.width = std::max(kLeastWidth, text_width(state.name));
    node.box.height = 2 * kLine + kMargin;
    int x = kMargin;
    int tallest = 0;
    for (const auto* group : groups_below(state)) {
        node.below.push_back(lay_out(*group));
        const auto& drawing = node.below.back();
        node.places.push_back({x, node.box.height, drawing.width, drawing.height});
        x += drawing.width + kMargin;
        tallest = std::max(tallest, drawing.height);
    }
    if (!node.below.empty()) {
        node.box.width = std::max(node.box.width, x);
        node.box.height += tallest + kMargin;
    }
    return node;
}

/// A row's height, its nodes set side by side from the left.
int set_row(Drawing& drawing, const std::vector<asl::StateIndex>& row, int y) {
    int x = kMargin;
    int tallest = 0;
    for (const auto index : row) {
        auto& box = drawing.nodes[index].box;
        box.x = x;
        box.y = y;
        x += box.width + kGapAcross;
        tallest = std::max(tallest, box.height);
    }
    drawing.width = std::max(drawing.width, x - kGapAcross + kMargin);
    return tallest;
}

Drawing lay_out(const asl::StateGroup& group) {
    Drawing drawing{.group = &group};
    for (const auto& state : group.states) {
        drawing.nodes.push_back(make_node(state));
    }
    const auto rows = rows_of(group);
    int y = kMargin + kDot + kGapDown;
    for (const auto& row : rows) {
        y += set_row(drawing, row, y) + kGapDown;
    }
    for (const auto& row : rows) {  // centred, now that the width is known
        const auto& last = drawing.nodes[row.back()].box;
        const auto shift = (drawing.width - kMargin - (last.x + last.width)) / 2;
        for (const auto index : row) {
            drawing.nodes[index].box.x += shift;
        }
    }
    drawing.end_y = y;
    drawing.height = y + kDot + kMargin;
    return drawing;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

class Pen {
  public:
    void draw(const Drawing& drawing, int x, int y) {
        const int start = x + drawing.width / 2;
        dot(start, y + kMargin);
        const auto& first = drawing.nodes[drawing.group->start_at].box;
        edge({start, y + kMargin + kDot / 2}, {x + first.middle(), y + first.y}, "", false);
        for (std::size_t i = 0; i < drawing.nodes.size(); ++i) {
            draw_state(drawing, i, x, y);
        }
        dot(start, y + drawing.end_y);
    }

    [[nodiscard]] std::string text() && { return std::move(out_); }

  private:
    struct Point {
        int x, y;
    };

    void dot(int x, int y) {
        out_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"/>\n", x, y, kDot / 2);
    }

    void edge(Point from, Point to, const std::string& label, bool caught) {
        const int bend = std::max(kGapDown / 2, std::abs(to.y - from.y) / 3);
        out_ += fmt::format(
            "<path class=\"{}\" d=\"M{} {}C{} {} {} {} {} {}\"/>\n",
            caught ? "caught" : "way",
            from.x,
            from.y,
            from.x,
            from.y + bend,
            to.x,
            to.y - bend,
            to.x,
            to.y
        );
        if (!label.empty()) {
            out_ += fmt::format(
                "<text class=\"label\" x=\"{}\" y=\"{}\">{}</text>\n",
                (from.x * 2 + to.x) / 3,
                from.y + kLine,
                escaped(label)
            );
        }
    }

    void draw_state(const Drawing& drawing, std::size_t index, int x, int y) {
        const auto& state = drawing.group->states[index];
        const auto& node = drawing.nodes[index];
        const int left = x + node.box.x;
        const int top = y + node.box.y;
        out_ += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
            left,
            top,
            node.box.width,
            node.box.height
        );
        const int middle = x + node.box.middle();
        out_ += fmt::format(
            "<text x=\"{}\" y=\"{}\">{}</text>\n<text class=\"type\" x=\"{}\" y=\"{}\">{}</text>\n",
            middle,
            top + kLine + 4,
            escaped(state.name),
            middle,
            top + 2 * kLine + 4,
            asl::to_string(state.type)
        );
        for (std::size_t i = 0; i < node.below.size(); ++i) {
            draw(node.below[i], left + node.places[i].x, top + node.places[i].y);
        }
        for (const auto& transition : transitions_of(state)) {
            draw_transition(drawing, {middle, y + node.box.bottom()}, transition, x, y);
        }
    }

    void draw_transition(
        const Drawing& drawing, Point from, const Transition& transition, int x, int y
    ) {
        Point to{x + drawing.width / 2, y + drawing.end_y - kDot / 2};
        if (transition.target) {
            const auto& box = drawing.nodes[*transition.target].box;
            to = {x + box.middle(), y + box.y};
        }
        edge(from, to, transition.label, transition.caught);
    }

    std::string out_;
};

constexpr std::string_view kStyle =
    "<style>rect{fill:#fff;stroke:#345}text{font:13px monospace;text-anchor:middle}"
    ".type,.label{font-size:11px;fill:#567}path{fill:none;stroke:#345;marker-end:url(#tip)}"
    ".caught{stroke:#a33;stroke-dasharray:4 3}</style>\n"
    "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
    "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
    "style=\"fill:#345;stroke:none\"/></marker></defs>\n";

}  // namespace

std::string machine_svg(const asl::StateMachine& machine) {
    const auto drawing = lay_out(machine.top);
    Pen pen;
    pen.draw(drawing, 0, 0);
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
        "{1}\">\n{2}{3}</svg>\n",
        drawing.width,
        drawing.height,
        kStyle,
        std::move(pen).text()
    );
}

}  // namespace kiln::cli
