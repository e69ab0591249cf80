#pragma once

#include "cli/display.hpp"
#include "cli/output.hpp"
#include "cli/release_view.hpp"
#include "cli/states_api.hpp"
#include "release/history.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace kiln::cli {

/// Reads a release's history, each event once, and shows how it stands.
class ReleaseFollower {
  public:
    /// @param arn  of the execution. All outlives it.
    ReleaseFollower(
        StatesApi& api, std::string arn, std::vector<std::string> steps, const Output& output
    );

    /// Reads what is new. @throws Error  as StatesApi::call
    void read(const std::stop_token& stop);

    /// Reads, and shows what has changed on stderr: a table that is drawn again, or lines.
    void show_progress(Style style, const std::stop_token& stop);
    /// The table that was drawn goes.
    void close();

    /// How it stands; at the end what the execution's results say of it.
    /// @param description  DescribeExecution's
    [[nodiscard]] ReleaseView view(const json::object& description) const;
    /// The results, as the output has them; an object without members as long as there are none.
    [[nodiscard]] json::object results(const json::object& description) const;

  private:
    [[nodiscard]] std::vector<release::Outcome> final_outcomes(const json::object& description
    ) const;

    StatesApi& api_;
    std::string arn_;
    std::vector<std::string> steps_;
    const Output& output_;
    release::HistoryReader history_;
    std::vector<release::Outcome> shown_;
    std::size_t drawn_ = 0;
};

}  // namespace kiln::cli
