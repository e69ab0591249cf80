#include "cli/table.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace kiln::cli {

namespace {
constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;  ///< a column is not cut below this
}  // namespace

void Table::add(std::vector<std::string> cells) {
    KILN_CHECK(cells.size() == columns_.size());
    for (auto& cell : cells) {
        cell = printable(cell);
    }
    rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(std::size_t room) const {
    std::vector<std::size_t> widths;
    std::size_t total = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        auto width = columns(columns_[i].title);
        for (const auto& row : rows_) {
            width = std::max(width, columns(row[i]));
        }
        widths.push_back(width);
        total += width + (i != 0 ? kGap : 0);
    }
    while (room != 0 && total > room) {
        std::size_t widest = columns_.size();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const bool may = columns_[i].shrinks && widths[i] > kNarrowest;
            if (may && (widest == columns_.size() || widths[i] > widths[widest])) {
                widest = i;
            }
        }
        if (widest == columns_.size()) {
            break;
        }
        --widths[widest];
        --total;
    }
    return widths;
}

std::string Table::text(const Terminal& terminal) const {
    const auto width = widths(terminal.width);
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string out;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto cell = cut(cells[i], width[i], terminal.utf8);
            const auto padding = std::string(width[i] - std::min(width[i], columns(cell)), ' ');
            out += (i != 0 ? std::string(kGap, ' ') : "") +
                   (columns_[i].right ? padding + cell : cell + padding);
        }
        out.erase(out.find_last_not_of(' ') + 1);
        return out;
    };
    std::vector<std::string> titles;
    for (const auto& column : columns_) {
        titles.push_back(column.title);
    }
    std::string out = toned(line(titles), Tone::strong, terminal) + "\n";
    for (const auto& row : rows_) {
        out += line(row) + "\n";
    }
    return out;
}

}  // namespace kiln::cli
