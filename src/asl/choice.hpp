#pragma once

#include "asl/expression.hpp"

#include <string_view>
#include <variant>
#include <vector>

/// Conditions of Choice rules.
namespace kiln::asl {

enum class Comparator {
    string_equals,
    string_less,
    string_greater,
    string_less_equals,
    string_greater_equals,
    string_matches,
    numeric_equals,
    numeric_less,
    numeric_greater,
    numeric_less_equals,
    numeric_greater_equals,
    boolean_equals,
    timestamp_equals,
    timestamp_less,
    timestamp_greater,
    timestamp_less_equals,
    timestamp_greater_equals,
    is_null,
    is_present,
    is_numeric,
    is_string,
    is_boolean,
    is_timestamp,
};

/// `Variable` compared with a constant, or with what a path (`…Path`) gives.
struct Comparison {
    std::string_view field;  ///< as in the definition: "StringEqualsPath"
    Comparator comparator = Comparator::is_null;
    jsonpath::Path variable;
    std::variant<json::value, jsonpath::Path> operand;
};

struct Condition;

struct AllOf {
    std::vector<Condition> conditions;
};

struct AnyOf {
    std::vector<Condition> conditions;
};

struct NoneOf {
    std::vector<Condition> condition;  ///< exactly one
};

struct Condition {
    /// JsonataTemplate: the field `Condition`, an expression or a constant boolean.
    std::variant<Comparison, AllOf, AnyOf, NoneOf, JsonataTemplate> test;
};

}  // namespace kiln::asl
