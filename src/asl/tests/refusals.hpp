#pragma once

#include "asl/parse.hpp"

#include <ostream>
#include <string>
#include <vector>

/// For tests of what is refused.
namespace kiln::asl::testing {

/// "CODE: message at location" of each error; without a location "CODE: message".
inline std::vector<std::string> errors_of(const Parsed& parsed) {
    std::vector<std::string> out;
    for (const auto& each : parsed.diagnostics) {
        if (each.severity == Severity::error) {
            out.push_back(
                each.code + ": " + each.message +
                (each.location.empty() ? std::string{} : " at " + each.location)
            );
        }
    }
    return out;
}

/// A machine of the one state A.
inline std::string one_state(const std::string& state) {
    return R"({"StartAt":"A","States":{"A":)" + state + "}}";
}

inline std::string one_jsonata_state(const std::string& state) {
    return R"({"QueryLanguage":"JSONata","StartAt":"A","States":{"A":)" + state + "}}";
}

struct Row {
    std::string name;
    std::string definition;
    std::vector<std::string> errors;
    MachineType type = MachineType::standard;
};

inline std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.name;
}

/// Of SCHEMA_VALIDATION_FAILED.
inline std::string schema(const std::string& rest) {
    return "SCHEMA_VALIDATION_FAILED: " + rest;
}

}  // namespace kiln::asl::testing
