#pragma once

#include "jsonpath/call.hpp"

#include <cstdint>

/// The intrinsic functions. Each takes what find_function's table says, and throws Refused.
namespace kiln::jsonpath::functions {

// functions_array.cpp
json::value array(const Arguments& arguments, World& world);
json::value array_partition(const Arguments& arguments, World& world);
json::value array_contains(const Arguments& arguments, World& world);
json::value array_range(const Arguments& arguments, World& world);
json::value array_get_item(const Arguments& arguments, World& world);
json::value array_length(const Arguments& arguments, World& world);
json::value array_unique(const Arguments& arguments, World& world);
json::value json_merge(const Arguments& arguments, World& world);

// functions_text.cpp
json::value format(const Arguments& arguments, World& world);
json::value string_to_json(const Arguments& arguments, World& world);
json::value json_to_string(const Arguments& arguments, World& world);
json::value string_split(const Arguments& arguments, World& world);
json::value base64_encode(const Arguments& arguments, World& world);
json::value base64_decode(const Arguments& arguments, World& world);
json::value hash(const Arguments& arguments, World& world);

// functions_math.cpp
json::value math_add(const Arguments& arguments, World& world);
json::value math_random(const Arguments& arguments, World& world);
json::value uuid(const Arguments& arguments, World& world);

/// The array that an argument is. @param which  counted from 1, for the message
const json::array& array_at(const Arguments& arguments, std::size_t which);
std::string_view text_at(const Arguments& arguments, std::size_t which);
/// A number, rounded as Math.round does: a half goes up.
std::int64_t whole_at(const Arguments& arguments, std::size_t which);

}  // namespace kiln::jsonpath::functions
