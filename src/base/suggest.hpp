#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// The candidate that `word` was probably meant to be: the nearest by edit distance, if it is near
/// (a third of the word's length, at least 1, at most 4 edits; a transposition is one).
[[nodiscard]] std::optional<std::string> closest(
    std::string_view word, std::span<const std::string> candidates
);

/// `; did you mean "NAME"?`, or nothing.
[[nodiscard]] std::string did_you_mean(
    std::string_view word, std::span<const std::string> candidates
);

}  // namespace kiln
