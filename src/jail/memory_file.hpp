#pragma once

#include "os/fd.hpp"

#include <string_view>

namespace kiln::jail {

/// An unnamed file in memory with these bytes, to be read from its start. @throws Error by errno
[[nodiscard]] os::Fd memory_file(const char* name, std::string_view bytes);

void rewind_file(const os::Fd& fd);

}  // namespace kiln::jail
