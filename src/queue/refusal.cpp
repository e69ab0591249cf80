#include "queue/refusal.hpp"

namespace kiln::queue {

std::string_view to_string(RefusalCode code) noexcept {
    switch (code) {
        case RefusalCode::queue_does_not_exist:
            return "queue_does_not_exist";
        case RefusalCode::queue_name_exists:
            return "queue_name_exists";
        case RefusalCode::queue_deleted_recently:
            return "queue_deleted_recently";
        case RefusalCode::invalid_attribute_name:
            return "invalid_attribute_name";
        case RefusalCode::invalid_attribute_value:
            return "invalid_attribute_value";
        case RefusalCode::invalid_parameter_value:
            return "invalid_parameter_value";
        case RefusalCode::missing_parameter:
            return "missing_parameter";
        case RefusalCode::invalid_message_contents:
            return "invalid_message_contents";
        case RefusalCode::receipt_handle_is_invalid:
            return "receipt_handle_is_invalid";
        case RefusalCode::message_not_inflight:
            return "message_not_inflight";
        case RefusalCode::over_limit:
            return "over_limit";
        case RefusalCode::purge_queue_in_progress:
            return "purge_queue_in_progress";
        case RefusalCode::resource_not_found:
            return "resource_not_found";
        case RefusalCode::unsupported_operation:
            return "unsupported_operation";
        case RefusalCode::throttled:
            return "throttled";
        case RefusalCode::unavailable:
            return "unavailable";
        case RefusalCode::corrupt:
            return "corrupt";
    }
    return "unavailable";
}

}  // namespace kiln::queue
