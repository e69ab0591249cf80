#pragma once

#include <cstddef>
#include <string>

namespace kiln::tasks {

/// The text as it was before gzip or zstd; what is neither, as it is.
/// @throws Error  invalid: damaged, or longer than `limit` bytes
[[nodiscard]] std::string inflated(std::string bytes, std::size_t limit = std::size_t{1} << 30);

}  // namespace kiln::tasks
