#pragma once

#include "base/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::release {

/// "make-source-tarball" of "MakeSourceTarball".
[[nodiscard]] std::string kebab(std::string_view step);

/// "hhvm-make-source-tarball".
[[nodiscard]] std::string activity_name(std::string_view plan, std::string_view step);
[[nodiscard]] std::string functions_activity(std::string_view plan);
[[nodiscard]] std::string tick_activity(std::string_view plan);

/// "MakeBinaryPackage-4.26.1-ubuntu-18.04-bionic"; empty parts are left out.
[[nodiscard]] std::string task_name(
    std::string_view step, std::string_view version, std::string_view distro
);

/// What the names of all executions with these words begin with: "4.26.1_MakeSourc-1f9a2c-".
/// Nothing that AWS refuses in a name.
[[nodiscard]] std::string execution_prefix(const std::vector<std::string>& words);

/// The prefix with user and time: "4.26.1-1f9a2c-ann-2026-11-25-23-59-07", up to 80 characters.
/// @param again  letters that tell it from others of the same second; "" none
[[nodiscard]] std::string execution_name(
    const std::vector<std::string>& words,
    std::string_view user,
    TimePoint now,
    std::string_view again = {}
);

}  // namespace kiln::release
