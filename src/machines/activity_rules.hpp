#pragma once

#include "machines/rules.hpp"

#include <string>

/// What becomes of an activity. Pure.
namespace kiln::machines {

/// @param there       the activity of this name; nullptr: none
/// @param encryption  checked
/// The same again is the same answer; tags do not count (AWS' rule).
/// Refused: ActivityAlreadyExists: with another encryption · TooManyTags
[[nodiscard]] Decided<Activity, CreatedActivity> create_activity(
    const Activity* there,
    std::string arn,
    const CreateActivity& command,
    json::object encryption,
    const Facts& facts
);

/// One that is not there is success.
[[nodiscard]] Decided<Activity, Done> delete_activity(const Activity* there);

/// Refused: ResourceNotFound · TooManyTags
[[nodiscard]] Decided<Machine, Done> tag(
    const Machine* there, const Tags& given, std::string_view arn
);
[[nodiscard]] Decided<Activity, Done> tag(
    const Activity* there, const Tags& given, std::string_view arn
);
[[nodiscard]] Decided<Machine, Done> untag(
    const Machine* there, const std::vector<std::string>& keys, std::string_view arn
);
[[nodiscard]] Decided<Activity, Done> untag(
    const Activity* there, const std::vector<std::string>& keys, std::string_view arn
);

/// "Resource not found: 'ARN'"
[[nodiscard]] Refusal resource_not_found(std::string_view arn);

}  // namespace kiln::machines
