#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::os {

/// A kernel file that not every kernel has; nullopt when it is not there.
[[nodiscard]] std::optional<std::string> read_if_there(const std::filesystem::path& path);

/// The number in such a file, 0 when it is not there.
[[nodiscard]] std::uint64_t number_in(const std::filesystem::path& path);

/// Does nothing when it is not there.
void write_if_there(const std::filesystem::path& path, std::string_view text);

}  // namespace kiln::os
