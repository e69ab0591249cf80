#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::cli {

/// Words that stand apart by blanks or commas.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

}  // namespace kiln::cli
