#include "jail/bwrap_status.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

#include <limits>

namespace kiln::jail {

namespace {

std::optional<int> number(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    const auto* found = value != nullptr ? value->if_int64() : nullptr;
    if (found == nullptr || *found < 0 || *found > std::numeric_limits<int>::max()) {
        return std::nullopt;
    }
    return static_cast<int>(*found);
}

}  // namespace

BwrapStatus parse_bwrap_status(std::string_view text) {
    BwrapStatus status;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        boost::system::error_code unreadable;
        const auto value = json::parse(text.substr(0, end), unreadable);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto* object = unreadable ? nullptr : value.if_object();
        if (object == nullptr) {
            continue;
        }
        status.first_process = number(*object, "child-pid").value_or(status.first_process);
        if (const auto code = number(*object, "exit-code")) {
            status.exit_code = code;
        }
    }
    return status;
}

}  // namespace kiln::jail
