#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Names of Step Functions' resources.
namespace kiln::asl {

/// Where resources live. "aws", "us-east-1", "000000000000".
struct ArnPlace {
    std::string partition = "aws";
    std::string region;
    std::string account;

    bool operator==(const ArnPlace&) const = default;
};

enum class ArnKind { state_machine, execution, express_execution, activity, map_run };

/// "stateMachine", "execution", "express", "activity", "mapRun"
[[nodiscard]] std::string_view to_string(ArnKind kind) noexcept;

/// An ARN of service `states`, taken apart. Members that its kind does not have are "".
struct Arn {
    ArnPlace place;
    ArnKind kind = ArnKind::state_machine;
    std::string machine;    ///< all kinds but activity
    std::string label;      ///< MACHINE/LABEL: a distributed Map's, its children's and its runs'
    std::string qualifier;  ///< state_machine: a version's number or an alias
    std::string name;       ///< execution, express_execution: its name; activity: its name
    std::string id;         ///< express_execution, map_run: the UUID

    bool operator==(const Arn&) const = default;
};

[[nodiscard]] std::string to_string(const Arn& arn);

/// The ARN, or the reason that AWS gives between the quotes of "Invalid Arn: '…'".
[[nodiscard]] std::variant<Arn, std::string> parse_arn(std::string_view text);

[[nodiscard]] std::string state_machine_arn(const ArnPlace& place, std::string_view name);
[[nodiscard]] std::string version_arn(
    const ArnPlace& place, std::string_view machine, std::int64_t version
);
[[nodiscard]] std::string alias_arn(
    const ArnPlace& place, std::string_view machine, std::string_view alias
);
/// @param machine  a name, or MACHINE/LABEL for a child of a Map Run
[[nodiscard]] std::string execution_arn(
    const ArnPlace& place, std::string_view machine, std::string_view name
);
[[nodiscard]] std::string express_execution_arn(
    const ArnPlace& place, std::string_view machine, std::string_view name, std::string_view uuid
);
[[nodiscard]] std::string activity_arn(const ArnPlace& place, std::string_view name);
[[nodiscard]] std::string map_run_arn(
    const ArnPlace& place, std::string_view machine, std::string_view label, std::string_view uuid
);

/// A character that names of machines, executions, activities and labels may not have: white
/// space, < > { } [ ] ? * " # % \ ^ | ~ ` $ & , ; : / and control characters (to U+009F).
[[nodiscard]] bool is_forbidden_in_names(char32_t character) noexcept;

/// 1 to `longest` characters, none of them forbidden.
[[nodiscard]] bool is_name(std::string_view text, std::size_t longest = 80);

}  // namespace kiln::asl
