#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What is wrong with a definition, in the words of AWS.
namespace kiln::asl {

enum class Severity { error, warning };

/// "ERROR", "WARNING"
[[nodiscard]] std::string_view to_string(Severity severity) noexcept;

struct Diagnostic {
    Severity severity = Severity::error;
    std::string code;  ///< "SCHEMA_VALIDATION_FAILED"
    std::string message;
    std::string location;  ///< "/States/Work/Catch[0]/Next"; "": none

    bool operator==(const Diagnostic&) const = default;
};

/// Codes that AWS documents, and those that it was seen to give.
namespace codes {
inline constexpr std::string_view kJson = "INVALID_JSON_DESCRIPTION";
inline constexpr std::string_view kSchema = "SCHEMA_VALIDATION_FAILED";
inline constexpr std::string_view kNoEnd = "MISSING_END_STATE";
inline constexpr std::string_view kTarget = "MISSING_TRANSITION_TARGET";
inline constexpr std::string_view kDuplicateState = "DUPLICATE_STATE_NAME";
inline constexpr std::string_view kStateName = "INVALID_STATE_NAME";
inline constexpr std::string_view kDuplicateLabel = "DUPLICATE_LABEL_NAME";
inline constexpr std::string_view kLabel = "INVALID_LABEL_NAME";
inline constexpr std::string_view kTooDeep = "TOO_DEEPLY_NESTED";
inline constexpr std::string_view kJsonata = "INVALID_JSONATA_EXPRESSION";
inline constexpr std::string_view kJsonataReference = "UNSUPPORTED_JSONATA_EXPRESSION";
inline constexpr std::string_view kVariableName = "INVALID_VARIABLE_NAME";
inline constexpr std::string_view kReservedVariable = "RESERVED_VARIABLE_NAME";
inline constexpr std::string_view kDuplicateVariable = "DUPLICATE_VARIABLE_NAME";
inline constexpr std::string_view kNoDollar = "NO_DOLLAR";
inline constexpr std::string_view kNoPath = "NO_PATH";
inline constexpr std::string_view kStaticResult = "PASS_RESULT_IS_STATIC";
}  // namespace codes

[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept;

/// The message of AWS' InvalidDefinition:
/// "Invalid State Machine Definition: 'CODE: MESSAGE at LOCATION, CODE: …'", errors only.
/// A diagnostic without a location is "at null", as AWS writes it.
[[nodiscard]] std::string refusal_text(const std::vector<Diagnostic>& diagnostics);

}  // namespace kiln::asl
