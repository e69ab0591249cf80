#pragma once

#include "base/json.hpp"
#include "cli/terminal.hpp"

#include <string>

namespace kiln::cli {

/// As pretty_json; where the terminal has colour, keys, texts and other values differ in it.
[[nodiscard]] std::string colored_json(const json::value& value, const Terminal& terminal);

}  // namespace kiln::cli
