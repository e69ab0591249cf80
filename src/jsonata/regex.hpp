#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jsonata {

/// A regular expression in JavaScript's flavour, compiled. Safe to share: what a match needs is
/// made for it.
class Regex {
  public:
    struct Range {
        std::size_t start = 0;
        std::size_t end = 0;
    };

    struct Match {
        Range whole;
        std::vector<std::optional<Range>> groups;  ///< nullopt: the group took no part
    };

    /// @param flags  of `i` (case), `m` (lines)
    /// @param position  of the expression, for the error
    /// @throws Failure  S0303: not a regular expression
    Regex(std::string_view pattern, std::string_view flags, std::size_t position);

    /// The first match at or behind byte `from`.
    /// @throws Failure  time_out: it takes too many steps
    [[nodiscard]] std::optional<Match> find(std::string_view text, std::size_t from) const;

    [[nodiscard]] const std::string& pattern() const noexcept { return pattern_; }

  private:
    struct Code;

    std::string pattern_;
    std::shared_ptr<const Code> code_;
};

}  // namespace kiln::jsonata
