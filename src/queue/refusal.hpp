#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace kiln::queue {

/// Why a command is refused, named like SQS' errors. Closed: adding one means visiting every
/// switch.
enum class RefusalCode {
    queue_does_not_exist,
    queue_name_exists,       ///< with another value of an attribute
    queue_deleted_recently,  ///< its name is free 60 s after the deletion
    invalid_attribute_name,
    invalid_attribute_value,
    invalid_parameter_value,
    missing_parameter,
    invalid_message_contents,   ///< characters that a message must not have
    receipt_handle_is_invalid,  ///< no receipt of this queue
    message_not_inflight,       ///< only where the caller asked for the current delivery
    over_limit,                 ///< messages in flight
    purge_queue_in_progress,    ///< purged within the last 60 s
    resource_not_found,         ///< of move tasks: source, destination, task
    unsupported_operation,
    throttled,    ///< too many commands wait; nothing was done, try again
    unavailable,  ///< the store failed (its disk is full, for instance); nothing was done
    corrupt,      ///< the store contradicts itself
};

/// "queue_does_not_exist"
[[nodiscard]] std::string_view to_string(RefusalCode code) noexcept;

struct Refusal {
    RefusalCode code = RefusalCode::unavailable;
    std::string message;  ///< for the user, in SQS' words where SQS has this error

    bool operator==(const Refusal&) const = default;
};

/// Success without a value.
struct Done {
    bool operator==(const Done&) const = default;
};

/// A failure is a value.
template <class T>
using Outcome = std::variant<T, Refusal>;

template <class T>
[[nodiscard]] bool refused(const Outcome<T>& outcome) noexcept {
    return std::holds_alternative<Refusal>(outcome);
}

}  // namespace kiln::queue
