#include "jsonpath/functions.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

namespace kiln::jsonpath::functions {

namespace {

constexpr std::size_t kLongestRange = 1000;

const json::object& object_at(const Arguments& arguments, std::size_t which) {
    const auto* object = arguments[which - 1].get()->if_object();
    if (object == nullptr) {
        throw Refused{fmt::format(
            "argument {} has to be an object, not {}", which, kind_name(*arguments[which - 1].get())
        )};
    }
    return *object;
}

}  // namespace

json::value array(const Arguments& arguments, World&) {
    json::array made;
    for (const auto& argument : arguments) {
        made.push_back(*argument.get());
    }
    return made;
}

json::value array_partition(const Arguments& arguments, World&) {
    const auto& all = array_at(arguments, 1);
    const auto size = whole_at(arguments, 2);
    if (size < 1) {
        throw Refused{fmt::format("argument 2 has to be greater than zero, not {}", size)};
    }
    json::array parts;
    for (std::size_t at = 0; at < all.size();) {
        const auto length = std::min(all.size() - at, static_cast<std::size_t>(size));
        const auto* first = all.data() + at;
        parts.emplace_back(json::array(first, first + length));
        at += length;
    }
    return parts;
}

json::value array_contains(const Arguments& arguments, World&) {
    const auto& all = array_at(arguments, 1);
    return std::find(all.begin(), all.end(), *arguments[1].get()) != all.end();
}

json::value array_range(const Arguments& arguments, World&) {
    const auto first = whole_at(arguments, 1);
    const auto last = whole_at(arguments, 2);
    const auto step = whole_at(arguments, 3);
    if (step == 0) {
        throw Refused{"argument 3, the step, has to be other than zero"};
    }
    json::array range;
    auto number = first;
    while (step > 0 ? number <= last : number >= last) {
        if (range.size() == kLongestRange) {
            throw Refused{"the range has more than 1000 items"};
        }
        range.emplace_back(number);
        if (__builtin_add_overflow(number, step, &number)) {
            break;
        }
    }
    return range;
}

json::value array_get_item(const Arguments& arguments, World&) {
    const auto& all = array_at(arguments, 1);
    const auto index = whole_at(arguments, 2);
    if (index < 0 || static_cast<std::size_t>(index) >= all.size()) {
        throw Refused{fmt::format(
            "argument 2, the index {}, is outside of the array of {} items", index, all.size()
        )};
    }
    return all[static_cast<std::size_t>(index)];
}

json::value array_length(const Arguments& arguments, World&) {
    return static_cast<std::int64_t>(array_at(arguments, 1).size());
}

json::value array_unique(const Arguments& arguments, World&) {
    std::unordered_set<json::value> seen;
    json::array unique;
    for (const auto& value : array_at(arguments, 1)) {
        if (seen.insert(value).second) {
            unique.push_back(value);
        }
    }
    return unique;
}

json::value json_merge(const Arguments& arguments, World&) {
    const auto* deep = arguments[2].get()->if_bool();
    if (deep == nullptr) {
        throw Refused{
            fmt::format("argument 3 has to be a boolean, not {}", kind_name(*arguments[2].get()))};
    }
    if (*deep) {
        throw Refused{"argument 3 has to be false: objects are merged at their first level only"};
    }
    auto merged = object_at(arguments, 1);
    for (const auto& member : object_at(arguments, 2)) {
        merged.insert_or_assign(member.key(), member.value());
    }
    return merged;
}

}  // namespace kiln::jsonpath::functions
