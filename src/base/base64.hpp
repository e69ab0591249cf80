#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln {

/// RFC 4648's standard alphabet, padded.
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// Reads exactly what `to_base64` writes: padded, no white space, no stray bits. nullopt: it is
/// not that.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace kiln
