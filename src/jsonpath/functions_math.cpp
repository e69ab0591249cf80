#include "jsonpath/functions.hpp"
#include "jsonpath/java_random.hpp"

#include <limits>

#include <fmt/format.h>

namespace kiln::jsonpath::functions {

json::value math_add(const Arguments& arguments, World&) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(whole_at(arguments, 1), whole_at(arguments, 2), &sum)) {
        throw Refused{"the sum does not fit 64 bits"};
    }
    return sum;
}

/// From the first number up to, but not including, the second one.
json::value math_random(const Arguments& arguments, World& world) {
    const auto first = whole_at(arguments, 1);
    const auto end = whole_at(arguments, 2);
    if (first >= end) {
        throw Refused{
            fmt::format("argument 1, {}, has to be less than argument 2, {}", first, end)};
    }
    const auto seed = arguments.size() > 2 ? static_cast<std::uint64_t>(whole_at(arguments, 3))
                                           : world.random_bits();
    JavaRandom random{seed};
    const auto width = static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(first);
    const auto drawn =
        width <= static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())
            ? static_cast<std::uint64_t>(random.below(static_cast<std::int32_t>(width)))
            : random.whole() % width;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + drawn);
}

json::value uuid(const Arguments&, World& world) {
    return json::value(world.uuid());
}

}  // namespace kiln::jsonpath::functions
