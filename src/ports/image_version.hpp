#pragma once

#include <string>
#include <string_view>

namespace kiln::ports {

/// The part of an image's name that all its versions share.
///
/// Names that end in `@VERSION` ("web@main@42") have everything before the last `@`; names that end
/// in a date ("debian-12-20261121", "web-2026-11-21") everything before it. A rebuild's `.r1`
/// belongs to the version. Any other name is its own stem: "debian-11" and "debian-12" are two
/// images, not two versions of one.
[[nodiscard]] std::string name_stem(std::string_view name);

/// The name of a rebuild of `name`: "web@42" -> "web@42.r1" -> "web@42.r2".
[[nodiscard]] std::string rebuilt_name(std::string_view name);

}  // namespace kiln::ports
