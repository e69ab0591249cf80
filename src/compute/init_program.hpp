#pragma once

#include <string>
#include <string_view>

namespace kiln::compute {

/// The static program that is the first process of every container (apps/kiln-init), as bytes.
[[nodiscard]] std::string_view init_program() noexcept;

/// One frame of what a keeper says to it: a letter, four bytes of length, the bytes.
[[nodiscard]] std::string init_frame(char letter, std::string_view bytes);

}  // namespace kiln::compute
