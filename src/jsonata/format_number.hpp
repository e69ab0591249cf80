#pragma once

#include "jsonata/value.hpp"

#include <string>
#include <string_view>

namespace kiln::jsonata {

/// `$formatNumber`, as XPath 3.1's `format-number`.
/// @param options  an object that renames the picture's characters, or undefined
/// @throws Failure  D3080 to D3093: the picture is wrong; D1001: the number is infinite or none
[[nodiscard]] std::string format_number(double value, std::string_view picture, Value options);

}  // namespace kiln::jsonata
