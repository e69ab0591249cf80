#include "cli/release_view.hpp"

#include "cli/table.hpp"
#include "release/outcome_json.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

using release::Outcome;
using release::Status;

std::string cell_of(const Outcome& outcome) {
    switch (outcome.status) {
        case Status::succeeded:
            return "done";
        case Status::running:
            return outcome.reason.empty() ? "running" : outcome.reason;
        case Status::waiting:
        case Status::skipped:
        case Status::blocked:
        case Status::not_supported:
        case Status::failed:
            break;
    }
    return std::string{to_string(outcome.status)};
}

/// A version and a distro; both may be "".
using Row = std::pair<std::string, std::string>;

}  // namespace

std::string release_table(const ReleaseView& view, const Terminal& terminal) {
    std::vector<Table::Column> columns{{"VERSION"}, {"DISTRO", false, true}};
    for (const auto& step : view.steps) {
        columns.push_back({step, false, true});
    }
    std::vector<Row> rows;
    std::map<Row, std::map<std::string, std::string>> cells;
    for (const auto& outcome : view.outcomes) {
        const Row row{outcome.instance.version, outcome.instance.distro};
        if (!cells.contains(row)) {
            rows.push_back(row);
        }
        auto& of_row = cells[row];
        const bool whole = outcome.status == Status::not_supported;
        for (const auto& step : view.steps) {
            if (whole || step == outcome.instance.step) {
                of_row[step] = cell_of(outcome);
            }
        }
    }
    std::ranges::sort(rows, [](const Row& a, const Row& b) {
        // What is done once for all comes last, as it does in time.
        return std::tuple{a.first.empty(), a.first, a.second} <
               std::tuple{b.first.empty(), b.first, b.second};
    });
    Table table{std::move(columns)};
    for (const auto& row : rows) {
        std::vector<std::string> line{
            row.first.empty() ? "all" : row.first, row.second.empty() ? "-" : row.second};
        for (const auto& step : view.steps) {
            const auto& text = cells[row][step];
            line.push_back(text.empty() ? "-" : text);
        }
        table.add(std::move(line));
    }
    return table.text(terminal);
}

std::string outcome_line(const Outcome& outcome) {
    if (outcome.status == Status::failed) {
        return "failed: " + release::failure_line(outcome);
    }
    const auto& instance = outcome.instance;
    std::string name = instance.step;
    for (const auto* part : {&instance.version, &instance.distro}) {
        if (!part->empty()) {
            name += (name.empty() ? "" : " ") + *part;
        }
    }
    const auto reason = outcome.reason.empty() ? "" : ": " + outcome.reason;
    return fmt::format("{}: {}{}", name, to_string(outcome.status), reason);
}

std::vector<Outcome> changed_outcomes(
    const std::vector<Outcome>& before, const std::vector<Outcome>& after
) {
    std::vector<Outcome> out;
    for (const auto& outcome : after) {
        if (std::ranges::find(before, outcome) == before.end()) {
            out.push_back(outcome);
        }
    }
    return out;
}

}  // namespace kiln::cli
