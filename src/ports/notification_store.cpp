#include "ports/notification_store.hpp"

#include "base/error.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::ports {

std::string_view to_string(NotificationState state) noexcept {
    switch (state) {
        case NotificationState::waiting:
            return "waiting";
        case NotificationState::sent:
            return "sent";
        case NotificationState::failed:
            return "failed";
    }
    return "";
}

NotificationState parse_notification_state(std::string_view text) {
    using enum NotificationState;
    for (const auto state : std::array{waiting, sent, failed}) {
        if (text == to_string(state)) {
            return state;
        }
    }
    throw Error{ErrorKind::invalid, fmt::format("'{}' is none of waiting, sent, failed", text)};
}

}  // namespace kiln::ports
