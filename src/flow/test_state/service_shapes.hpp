#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

/// What the actions of AWS' services answer. The texts are in shapes/, made by
/// scripts/make_service_shapes; shapes/README.md has their format.
namespace kiln::flow {

/// A member of a structure.
struct ShapeMember {
    std::string_view name;       ///< as the API spells it, its first letter upper case
    std::string_view java_name;  ///< as the AWS SDK for Java does; `aws-sdk` integrations follow it
    bool required = false;
    std::string_view type;
};

/// One service's table. A view into the program's own data.
class ServiceShapes {
  public:
    /// @param service  by Step Functions' name for `aws-sdk`: "sfn", "eventbridge"
    /// nullopt: there is no table of that service.
    [[nodiscard]] static std::optional<ServiceShapes> find(std::string_view service);
    /// Reads a table; lines that are none of its format are passed over.
    explicit ServiceShapes(std::string_view text);

    /// The structure that the action answers; "" if it answers nothing; nullopt: no such action.
    /// @param action  "putEvents", "PutEvents"
    [[nodiscard]] std::optional<std::string_view> output_of(std::string_view action) const;
    /// The members of a structure's type, "r12".
    [[nodiscard]] std::vector<ShapeMember> members_of(std::string_view type) const;
    /// The values of an enumeration's type, "e3".
    [[nodiscard]] std::vector<std::string_view> values_of(std::string_view type) const;

  private:
    struct Action {
        std::string_view name;
        std::string_view output;
    };

    std::vector<Action> actions_;
    std::vector<std::string_view> structures_;
    std::vector<std::string_view> enumerations_;
};

/// A service's name and its table, as the build embeds them.
struct ServiceText {
    std::string_view service;
    std::string_view text;
};

/// All of them, sorted by name.
[[nodiscard]] const std::vector<ServiceText>& service_texts();

}  // namespace kiln::flow
