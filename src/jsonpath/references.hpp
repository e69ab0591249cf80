#pragma once

#include <set>
#include <string>

namespace kiln::jsonpath {

/// What an expression reads, for the checks of a definition.
struct References {
    std::set<std::string> variables;      ///< names without `$`
    std::set<std::string> context_paths;  ///< whole texts: "$$.Task.Token"
    std::set<std::string> input_paths;    ///< whole texts: "$.a[0]"
};

}  // namespace kiln::jsonpath
