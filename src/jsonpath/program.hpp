#pragma once

#include "jsonpath/filter.hpp"
#include "jsonpath/world.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln::jsonpath {

/// One step of a path.
struct Step {
    enum class Kind {
        name,      ///< `.a`, `['a']`: `names[0]`
        names,     ///< `['a','b']`: `names`; as the last step, one object of those that are there
        index,     ///< `[2]`, `[-1]`: `indexes[0]`
        indexes,   ///< `[0,2]`
        slice,     ///< `[from:to]`
        wildcard,  ///< `*`
        scan,      ///< `..`: the value itself and all below it
        filter,    ///< `[?(…)]`
        length,    ///< `.length()`
    };

    Kind kind = Kind::name;
    std::vector<std::string> names;
    std::vector<std::int64_t> indexes;
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;
    std::shared_ptr<const FilterNode> filter;
};

/// A compiled path. Immutable once it is made.
struct Program {
    std::string text;
    Root root;
    bool from_item = false;  ///< within a filter: starts from `@`, not from the document
    std::vector<Step> steps;
    bool definite = true;
    bool simple = true;     ///< names and indexes only
    bool reference = true;  ///< simple, and no name has an unescaped @ , : ?
};

inline constexpr std::size_t kLongestText = std::size_t{64} << 10;
inline constexpr std::size_t kMostSteps = 256;
inline constexpr std::size_t kDeepestFilters = 16;

}  // namespace kiln::jsonpath
