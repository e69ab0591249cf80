#include "ports/instance_store.hpp"

#include "base/error.hpp"

namespace kiln::ports {

std::string_view to_string(Wish wish) noexcept {
    switch (wish) {
        case Wish::none:
            return "none";
        case Wish::stop:
            return "stop";
        case Wish::reboot:
            return "reboot";
        case Wish::terminate:
            return "terminate";
    }
    return "none";
}

Wish wish(std::string_view word) {
    for (const auto value : {Wish::none, Wish::stop, Wish::reboot, Wish::terminate}) {
        if (to_string(value) == word) {
            return value;
        }
    }
    throw Error{ErrorKind::corrupt, "'" + std::string{word} + "' is nothing that is wished for"};
}

}  // namespace kiln::ports
