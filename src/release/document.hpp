#pragma once

#include "base/json.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// A set of versions, distros and steps that one state machine builds and publishes. Pure: what
/// has effects is behind `Probe` and `Workers`.
namespace kiln::release {

/// Where something stands in a text, both from 1.
struct Spot {
    std::size_t line = 1;
    std::size_t column = 1;
};

/// A text as JSON that still knows where each value stood.
struct Document {
    std::string file;  ///< as messages call it
    json::value value;
    std::map<std::string, Spot, std::less<>> spots;  ///< by path: "steps[2].worker.image"

    /// "release.toml:12:3" of that value, or of what is nearest around it.
    [[nodiscard]] std::string place(std::string_view path) const;
    /// The problems, whose `where` are paths, with places: "release.toml:12:3 steps[2].timeout".
    [[nodiscard]] std::vector<Problem> placed(std::vector<Problem> problems) const;
};

/// Reads JSON if the text begins with a brace, else TOML; tables keep the order of the text.
/// @throws Error  invalid: neither, with line and column
[[nodiscard]] Document read_document(std::string file, std::string_view text);

}  // namespace kiln::release
