#include "ports/instances.hpp"

#include "base/error.hpp"

#include <array>
#include <utility>

namespace kiln::ports {

namespace {

using Word = std::pair<InstanceState, std::string_view>;

/// EC2's words.
constexpr std::array kWords{
    Word{InstanceState::pending, "pending"},
    Word{InstanceState::running, "running"},
    Word{InstanceState::stopping, "stopping"},
    Word{InstanceState::stopped, "stopped"},
    Word{InstanceState::shutting_down, "shutting-down"},
    Word{InstanceState::terminated, "terminated"}};

}  // namespace

std::string_view to_string(InstanceState state) noexcept {
    for (const auto& [value, word] : kWords) {
        if (value == state) {
            return word;
        }
    }
    return "";
}

InstanceState instance_state(std::string_view word) {
    for (const auto& [value, text] : kWords) {
        if (text == word) {
            return value;
        }
    }
    throw Error{ErrorKind::corrupt, "'" + std::string{word} + "' is no state of an instance"};
}

}  // namespace kiln::ports
