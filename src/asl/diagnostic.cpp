#include "asl/diagnostic.hpp"

#include <algorithm>

namespace kiln::asl {

std::string_view to_string(Severity severity) noexcept {
    return severity == Severity::error ? "ERROR" : "WARNING";
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept {
    return std::any_of(diagnostics.begin(), diagnostics.end(), [](const auto& each) {
        return each.severity == Severity::error;
    });
}

std::string refusal_text(const std::vector<Diagnostic>& diagnostics) {
    std::string out = "Invalid State Machine Definition: '";
    std::string_view comma;
    for (const auto& each : diagnostics) {
        if (each.severity != Severity::error) {
            continue;
        }
        out.append(comma).append(each.code).append(": ").append(each.message).append(" at ");
        out.append(each.location.empty() ? std::string_view{"null"} : each.location);
        comma = ", ";
    }
    return out + "'";
}

}  // namespace kiln::asl
