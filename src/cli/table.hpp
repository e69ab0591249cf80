#pragma once

#include "cli/terminal.hpp"

#include <string>
#include <vector>

namespace kiln::cli {

/// A listing for people: columns two spaces apart, as wide as what stands in them. On a terminal
/// that is too narrow, columns that may shrink are cut, the widest first.
class Table {
  public:
    struct Column {
        std::string title;
        bool right = false;
        bool shrinks = false;
    };

    explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

    /// As many cells as there are columns.
    void add(std::vector<std::string> cells);

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

    [[nodiscard]] std::string text(const Terminal& terminal) const;

  private:
    [[nodiscard]] std::vector<std::size_t> widths(std::size_t room) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace kiln::cli
