#pragma once

#include "base/json.hpp"
#include "flow/test_state/service_shapes.hpp"
#include "flow/test_state/test_state.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::flow {

/// How the members of an answer are spelled.
enum class Spelling {
    api,   ///< optimized integrations: as the API, first letter upper case
    java,  ///< `aws-sdk` integrations
};

/// What a value is compared with.
struct ShapeRule {
    const ServiceShapes& shapes;
    Spelling spelling = Spelling::api;
    FieldValidation mode = FieldValidation::strict;
    /// Members of the answer itself that may be any JSON: an integration takes them apart.
    std::vector<std::string_view> free_members;
};

/// The first thing about `value` that does not fit the structure `type`, in AWS' words: "Field
/// 'EventId' must be a string". Members that the structure does not have are passed over.
[[nodiscard]] std::optional<std::string> explain_mismatch(
    const json::value& value, std::string_view type, const ShapeRule& rule
);

}  // namespace kiln::flow
