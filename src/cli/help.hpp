#pragma once

#include "cli/parse.hpp"

#include <string>
#include <string_view>

namespace kiln::cli {

/// Help texts, 80 columns wide. Pure.
[[nodiscard]] std::string help_of_all(const Grammar& grammar);
[[nodiscard]] std::string help_of_group(const Grammar& grammar, const Group& group);
[[nodiscard]] std::string help_of(const Grammar& grammar, const Verb& verb);

/// Words wrapped to lines of at most `width` columns, each after the first indented by `indent`.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t indent, std::size_t width = 80);

/// A bash completion script for every verb and flag.
[[nodiscard]] std::string bash_completion(const Grammar& grammar);

}  // namespace kiln::cli
