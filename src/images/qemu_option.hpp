#pragma once

#include <filesystem>
#include <string>

namespace kiln::images {

/// A path as a value in QEMU's options: a comma ends one; doubled it is one. Pure.
[[nodiscard]] std::string qemu_value(const std::filesystem::path& path);

}  // namespace kiln::images
