#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jsonata {

/// A text that is searched, as valid UTF-8 and looked through for that once. What is no UTF-8 (a
/// lone surrogate) is searched as something else of the same length. Borrows the text.
class Subject {
  public:
    explicit Subject(std::string_view text);

    [[nodiscard]] std::string_view text() const noexcept { return clean_ ? *clean_ : text_; }

  private:
    std::string_view text_;
    std::optional<std::string> clean_;
};

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
    [[nodiscard]] std::optional<Match> find(const Subject& subject, std::size_t from) const;

    [[nodiscard]] const std::string& pattern() const noexcept { return pattern_; }

  private:
    struct Code;

    std::string pattern_;
    std::shared_ptr<const Code> code_;
};

}  // namespace kiln::jsonata
