#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kiln::jsonpath {

/// A pattern of a filter's `=~`. Safe to use from many threads.
class Regex {
  public:
    /// @param flags  of Java's: `i` no case, `m` lines, `s` a dot takes line ends, `x` comments;
    ///               `d`, `u` and `U` change nothing here
    /// @throws std::invalid_argument  what is wrong with the pattern or the flags
    Regex(std::string_view pattern, std::string_view flags);

    enum class Answer {
        yes,
        no,
        gave_up,  ///< the limit of backtracking was reached
    };

    /// Whether the pattern takes the whole text.
    [[nodiscard]] Answer matches(std::string_view text) const;

  private:
    std::shared_ptr<const void> code_;
};

}  // namespace kiln::jsonpath
