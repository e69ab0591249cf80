#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace kiln::os {

/// The Debian package that brings a program, "" when it is not one that we run.
[[nodiscard]] std::string_view package_of(std::string_view program) noexcept;

/// The error that says so, with the package to install as its hint.
[[nodiscard]] Error no_such_program(std::string_view program);

/// Where a program is, given a PATH. @see find_program(name) in os/spawn.hpp
/// @param path  folders separated by ':'; relative ones are passed over
[[nodiscard]] std::optional<std::filesystem::path> find_program(
    std::string_view name, std::string_view path
);

}  // namespace kiln::os
