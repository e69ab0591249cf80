#include "jsonpath/functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace kiln::jsonpath {

namespace {

constexpr std::array kFunctions{
    Function{"Array", 0, kMostArguments, functions::array},
    Function{"ArrayContains", 2, 2, functions::array_contains},
    Function{"ArrayGetItem", 2, 2, functions::array_get_item},
    Function{"ArrayLength", 1, 1, functions::array_length},
    Function{"ArrayPartition", 2, 2, functions::array_partition},
    Function{"ArrayRange", 3, 3, functions::array_range},
    Function{"ArrayUnique", 1, 1, functions::array_unique},
    Function{"Base64Decode", 1, 1, functions::base64_decode},
    Function{"Base64Encode", 1, 1, functions::base64_encode},
    Function{"Format", 1, kMostArguments, functions::format},
    Function{"Hash", 2, 2, functions::hash},
    Function{"JsonMerge", 3, 3, functions::json_merge},
    Function{"JsonToString", 1, 1, functions::json_to_string},
    Function{"MathAdd", 2, 2, functions::math_add},
    Function{"MathRandom", 2, 3, functions::math_random},
    Function{"StringSplit", 2, 2, functions::string_split},
    Function{"StringToJson", 1, 1, functions::string_to_json},
    Function{"UUID", 0, 0, functions::uuid},
};

}  // namespace

const Function* find_function(std::string_view name) noexcept {
    const auto* found = std::find_if(kFunctions.begin(), kFunctions.end(), [&](const auto& row) {
        return row.name == name;
    });
    return found == kFunctions.end() ? nullptr : found;
}

std::string function_names() {
    std::string names;
    for (const auto& function : kFunctions) {
        names += fmt::format("{}States.{}", names.empty() ? "" : ", ", function.name);
    }
    return names;
}

namespace functions {

const json::array& array_at(const Arguments& arguments, std::size_t which) {
    const auto* array = arguments[which - 1].get()->if_array();
    if (array == nullptr) {
        throw Refused{fmt::format(
            "argument {} has to be an array, not {}", which, kind_name(*arguments[which - 1].get())
        )};
    }
    return *array;
}

std::string_view text_at(const Arguments& arguments, std::size_t which) {
    const auto* text = arguments[which - 1].get()->if_string();
    if (text == nullptr) {
        throw Refused{fmt::format(
            "argument {} has to be a string, not {}", which, kind_name(*arguments[which - 1].get())
        )};
    }
    return *text;
}

std::int64_t whole_at(const Arguments& arguments, std::size_t which) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const auto& value = *arguments[which - 1].get();
    if (const auto* whole = value.if_int64(); whole != nullptr) {
        return *whole;
    }
    if (value.is_uint64() && value.get_uint64() <= kMost) {
        return static_cast<std::int64_t>(value.get_uint64());
    }
    if (const auto* number = value.if_double(); number != nullptr) {
        const auto rounded = std::floor(*number + 0.5);
        if (std::abs(rounded) < 9.2e18) {
            return static_cast<std::int64_t>(rounded);
        }
    }
    if (value.is_number()) {
        throw Refused{fmt::format("argument {} does not fit 64 bits", which)};
    }
    throw Refused{fmt::format("argument {} has to be a number, not {}", which, kind_name(value))};
}

}  // namespace functions

}  // namespace kiln::jsonpath
