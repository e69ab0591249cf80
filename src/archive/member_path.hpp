#pragma once

#include <string>
#include <string_view>

namespace kiln::archive {

/// A member's name as a path below the folder it is unpacked into: no `.`, no empty part, no slash
/// at either end; "" is the folder itself ("./").
/// @throws Error  invalid: empty, absolute, `..`, a NUL, longer than the kernel takes
[[nodiscard]] std::string member_path(std::string_view name);

/// A member's name for messages: UTF-8, without control characters, at most 200 bytes.
[[nodiscard]] std::string shown_name(std::string_view name);

}  // namespace kiln::archive
