#include "instances/notices.hpp"

namespace kiln::instances {

std::string_view to_string(Notice::Kind kind) noexcept {
    switch (kind) {
        case Notice::Kind::started:
            return "started";
        case Notice::Kind::finished:
            return "finished";
        case Notice::Kind::terminating:
            return "terminating";
        case Notice::Kind::failed:
            return "failed";
        case Notice::Kind::failed_to_terminate:
            return "failed_to_terminate";
        case Notice::Kind::in_service:
            return "in_service";
        case Notice::Kind::out_of_service:
            return "out_of_service";
    }
    return "";
}

}  // namespace kiln::instances
