#pragma once

#include "cli/verb.hpp"

#include <cstddef>
#include <string>

namespace kiln::cli {

/// The text of a file; "-" is stdin. @throws Error  by errno · invalid: longer than 16 MiB
[[nodiscard]] std::string read_text(const std::string& file);

/// The text of a request file; "-" is stdin.
/// @throws Error  by errno · invalid: longer than 16 MiB, or more likely a misspelt command
[[nodiscard]] std::string read_request(const std::string& file);

/// What --concurrency says. @throws Error  invalid: not a number from 1 up
[[nodiscard]] std::size_t concurrency_of(const Arguments& arguments, std::size_t otherwise);

}  // namespace kiln::cli
