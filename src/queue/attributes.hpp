#pragma once

#include "queue/commands.hpp"
#include "queue/definition.hpp"
#include "queue/refusal.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Queue attributes as SQS has them: names and values that are text, their ranges, their errors.
/// Pure.
namespace kiln::queue {

/// Name of an attribute ("VisibilityTimeout") and its value ("30").
using AttributeValues = std::map<std::string, std::string, std::less<>>;
using Tags = std::map<std::string, std::string>;

/// What the ARNs of this process' queues say.
struct Place {
    std::string region = "us-east-1";
    std::string account = "000000000000";  ///< 12 digits
};

/// "arn:aws:sqs:REGION:ACCOUNT:NAME"
[[nodiscard]] std::string queue_arn(const Place& place, std::string_view name);
/// The name in such an ARN; nullopt: not an ARN of a queue of this place.
[[nodiscard]] std::optional<std::string> queue_of_arn(const Place& place, std::string_view arn);

/// Up to 80 of [A-Za-z0-9_-]; ".fifo" at the end of a FIFO queue's counts.
[[nodiscard]] std::optional<Refusal> refuse_queue_name(std::string_view name, bool fifo);

struct NewQueue {
    QueueDefinition definition;
    std::vector<Attribute> given;  ///< what the caller set, for `Engine::create`
};

/// A queue with these attributes, and defaults for the others.
/// Refused: invalid_parameter_value (name, redrive policies) · invalid_attribute_name ·
/// invalid_attribute_value
[[nodiscard]] Outcome<NewQueue> define_queue(
    const Place& place, std::string_view name, const AttributeValues& attributes
);

/// The queue with some attributes changed; the empty text removes a policy or key.
/// Refused: as above.
[[nodiscard]] Outcome<QueueDefinition> change_attributes(
    const Place& place, QueueDefinition definition, const AttributeValues& attributes
);

/// Does what is asked for need `Depths`?
[[nodiscard]] bool wants_depths(const std::vector<std::string>& names);

/// The attributes of these names ("All": each); those that are not set are left out.
/// Refused: invalid_attribute_name
[[nodiscard]] Outcome<AttributeValues> show_attributes(
    const Place& place,
    const QueueDefinition& definition,
    const Depths& depths,
    const std::vector<std::string>& names
);

/// The tags with `added` among them: at most 50, keys of 1 to 128 characters, values up to 256.
/// Refused: invalid_parameter_value
[[nodiscard]] Outcome<Tags> add_tags(std::string_view queue, Tags tags, const Tags& added);

}  // namespace kiln::queue
