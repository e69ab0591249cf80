#pragma once

#include <string>
#include <string_view>
#include <vector>

/// State names that stand twice in one States object: a parsed object no longer shows them.
namespace kiln::asl {

struct DuplicateState {
    std::string name;
    std::string location;  ///< "/States/Work/Branches[0]/States/NAME"

    bool operator==(const DuplicateState&) const = default;
};

/// @param text  a JSON text without faults
[[nodiscard]] std::vector<DuplicateState> duplicate_states(std::string_view text);

}  // namespace kiln::asl
