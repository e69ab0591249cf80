// The texts of the errors, which are part of what JSONata promises: AWS shows them as causes.

#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

#include <array>

namespace kiln::jsonata {

namespace {

struct Text {
    std::string_view code;
    std::string_view text;  ///< {{x}}: as JSON, {{{x}}}: as it is
};

constexpr std::array kTexts{
    Text{"S0101", "String literal must be terminated by a matching quote"},
    Text{"S0102", "Number out of range: {{token}}"},
    Text{"S0103", "Unsupported escape sequence: \\{{token}}"},
    Text{"S0104", "The escape sequence \\u must be followed by 4 hex digits"},
    Text{"S0105", "Quoted property name must be terminated with a backquote (`)"},
    Text{"S0106", "Comment has no closing tag"},
    Text{"S0201", "Syntax error: {{token}}"},
    Text{"S0202", "Expected {{value}}, got {{token}}"},
    Text{"S0203", "Expected {{value}} before end of expression"},
    Text{"S0204", "Unknown operator: {{token}}"},
    Text{"S0205", "Unexpected token: {{token}}"},
    Text{"S0206", "Unknown expression type: {{token}}"},
    Text{"S0207", "Unexpected end of expression"},
    Text{
        "S0208",
        "Parameter {{value}} of function definition must be a variable name (start with $)"},
    Text{"S0209", "A predicate cannot follow a grouping expression in a step"},
    Text{"S0210", "Each step can only have one grouping expression"},
    Text{"S0211", "The symbol {{token}} cannot be used as a unary operator"},
    Text{"S0212", "The left side of := must be a variable name (start with $)"},
    Text{"S0213", "The literal value {{value}} cannot be used as a step within a path expression"},
    Text{"S0214", "The right side of {{token}} must be a variable name (start with $)"},
    Text{"S0215", "A context variable binding must precede any predicates on a step"},
    Text{"S0216", "A context variable binding must precede the 'order-by' clause on a step"},
    Text{"S0217", "The object representing the 'parent' cannot be derived from this expression"},
    Text{"S0301", "Empty regular expressions are not allowed"},
    Text{"S0302", "No terminating / in regular expression"},
    Text{"S0402", "Choice groups containing parameterized types are not supported"},
    Text{"S0401", "Type parameters can only be applied to functions and arrays"},
    Text{"S0500", "Attempted to evaluate an expression containing syntax error(s)"},
    Text{"T0410", "Argument {{index}} of function {{token}} does not match function signature"},
    Text{
        "T0411",
        "Context value is not a compatible type with argument {{index}} of function {{token}}"},
    Text{"T0412", "Argument {{index}} of function {{token}} must be an array of {{type}}"},
    Text{"D1001", "Number out of range: {{value}}"},
    Text{"D1002", "Cannot negate a non-numeric value: {{value}}"},
    Text{"T1003", "Key in object structure must evaluate to a string; got: {{value}}"},
    Text{"D1004", "Regular expression matches zero length string"},
    Text{"T1005", "Attempted to invoke a non-function. Did you mean ${{{token}}}?"},
    Text{"T1006", "Attempted to invoke a non-function"},
    Text{"T1007", "Attempted to partially apply a non-function. Did you mean ${{{token}}}?"},
    Text{"T1008", "Attempted to partially apply a non-function"},
    Text{"D1009", "Multiple key definitions evaluate to same key: {{value}}"},
    Text{"D1010", "Attempted to access the Javascript object prototype"},
    Text{
        "T1010",
        "The matcher function argument passed to function {{token}} does not return the correct "
        "object structure"},
    Text{"T2001", "The left side of the {{token}} operator must evaluate to a number"},
    Text{"T2002", "The right side of the {{token}} operator must evaluate to a number"},
    Text{"T2003", "The left side of the range operator (..) must evaluate to an integer"},
    Text{"T2004", "The right side of the range operator (..) must evaluate to an integer"},
    Text{"T2006", "The right side of the function application operator ~> must be a function"},
    Text{
        "T2007", "Type mismatch when comparing values {{value}} and {{value2}} in order-by clause"},
    Text{
        "T2008",
        "The expressions within an order-by clause must evaluate to numeric or string values"},
    Text{
        "T2009",
        "The values {{value}} and {{value2}} either side of operator {{token}} must be of the same "
        "data type"},
    Text{
        "T2010",
        "The expressions either side of operator {{token}} must evaluate to numeric or string "
        "values"},
    Text{
        "T2011",
        "The insert/update clause of the transform expression must evaluate to an object: "
        "{{value}}"},
    Text{
        "T2012",
        "The delete clause of the transform expression must evaluate to a string or array of "
        "strings: {{value}}"},
    Text{
        "T2013",
        "The transform expression clones the input object using the $clone() function.  This has "
        "been overridden in the current scope by a non-function."},
    Text{
        "D2014",
        "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  "
        "Attempted to allocate {{value}}."},
    Text{"D3001", "Attempting to invoke string function on Infinity or NaN"},
    Text{"D3010", "Second argument of replace function cannot be an empty string"},
    Text{"D3011", "Fourth argument of replace function must evaluate to a positive number"},
    Text{"D3012", "Attempted to replace a matched string with a non-string value"},
    Text{"D3020", "Third argument of split function must evaluate to a positive number"},
    Text{"D3030", "Unable to cast value to a number: {{value}}"},
    Text{"D3040", "Third argument of match function must evaluate to a positive number"},
    Text{
        "D3050",
        "The second argument of reduce function must be a function with at least two arguments"},
    Text{"D3060", "The sqrt function cannot be applied to a negative number: {{value}}"},
    Text{
        "D3061",
        "The power function has resulted in a value that cannot be represented as a JSON number: "
        "base={{value}}, exponent={{exp}}"},
    Text{
        "D3070",
        "The single argument form of the sort function can only be applied to an array of strings "
        "or an array of numbers.  Use the second argument to specify a comparison function"},
    Text{"D3080", "The picture string must only contain a maximum of two sub-pictures"},
    Text{
        "D3081",
        "The sub-picture must not contain more than one instance of the 'decimal-separator' "
        "character"},
    Text{
        "D3082",
        "The sub-picture must not contain more than one instance of the 'percent' character"},
    Text{
        "D3083",
        "The sub-picture must not contain more than one instance of the 'per-mille' character"},
    Text{"D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"},
    Text{
        "D3085",
        "The mantissa part of a sub-picture must contain at least one character that is either an "
        "'optional digit character' or a member of the 'decimal digit family'"},
    Text{
        "D3086",
        "The sub-picture must not contain a passive character that is preceded by an active "
        "character and that is followed by another active character"},
    Text{
        "D3087",
        "The sub-picture must not contain a 'grouping-separator' character that appears adjacent "
        "to a 'decimal-separator' character"},
    Text{
        "D3088",
        "The sub-picture must not contain a 'grouping-separator' at the end of the integer part"},
    Text{
        "D3089",
        "The sub-picture must not contain two adjacent instances of the 'grouping-separator' "
        "character"},
    Text{
        "D3090",
        "The integer part of the sub-picture must not contain a member of the 'decimal digit "
        "family' that is followed by an instance of the 'optional digit character'"},
    Text{
        "D3091",
        "The fractional part of the sub-picture must not contain an instance of the 'optional "
        "digit character' that is followed by a member of the 'decimal digit family'"},
    Text{
        "D3092",
        "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a "
        "character treated as an 'exponent-separator'"},
    Text{
        "D3093",
        "The exponent part of the sub-picture must comprise only of one or more characters that "
        "are members of the 'decimal digit family'"},
    Text{
        "D3100",
        "The radix of the formatBase function must be between 2 and 36.  It was given {{value}}"},
    Text{
        "D3110",
        "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "
        "{{value}}"},
    Text{
        "D3130",
        "Formatting or parsing an integer as a sequence starting with {{value}} is not supported "
        "by this implementation"},
    Text{"D3131", "In a decimal digit pattern, all digits must be from the same decimal group"},
    Text{"D3132", "Unknown component specifier {{value}} in date/time picture string"},
    Text{
        "D3133",
        "The 'name' modifier can only be applied to months and days in the date/time picture "
        "string, not {{value}}"},
    Text{"D3134", "The timezone integer format specifier cannot have more than four digits"},
    Text{"D3135", "No matching closing bracket ']' in date/time picture string"},
    Text{
        "D3136",
        "The date/time picture string is missing specifiers required to parse the timestamp"},
    Text{"D3137", "{{{message}}}"},
    Text{
        "D3138",
        "The $single() function expected exactly 1 matching result.  Instead it matched more."},
    Text{
        "D3139",
        "The $single() function expected exactly 1 matching result.  Instead it matched 0."},
    Text{"D3140", "Malformed URL passed to ${{{functionName}}}(): {{value}}"},
    Text{"D3141", "{{{message}}}"},
    Text{"S0303", "Invalid regular expression {{value}}: {{{message}}}"},
    Text{"D3160", "The argument of the parse function must be a JSON text: {{{message}}}"},
    Text{
        "D3161",
        "The second argument of the hash function must be one of MD5, SHA-1, SHA-256, SHA-384 and "
        "SHA-512; got: {{value}}"},
    Text{
        "D3162",
        "The size argument of the partition function must be a positive number; got: {{value}}"},
    Text{"D3163", "The step argument of the range function must not be 0"},
    Text{"D3164", "The range function must not make more than {{{message}}} items"},
};

std::string_view template_of(std::string_view code) {
    for (const auto& entry : kTexts) {
        if (entry.code == code) {
            return entry.text;
        }
    }
    return code;
}

std::string json_or_undefined(const std::string& json) {
    return json.empty() ? "undefined" : json;
}

std::string field(const Failure& failure, std::string_view name, bool raw) {
    if (name == "token") {
        const auto token = failure.token.value_or("undefined");
        return raw || !failure.token ? token : json_text(token);
    }
    if (name == "message" || name == "functionName") {
        return failure.text;
    }
    if (name == "index") {
        return std::to_string(failure.index);
    }
    if (name == "type") {
        return failure.type.empty() ? "undefined" : json_text(failure.type);
    }
    const auto& json = name == "value2" ? failure.value2
                       : name == "exp"  ? failure.exponent
                                        : failure.value;
    return json_or_undefined(json);
}

std::string filled(std::string_view text, const Failure& failure) {
    std::string out;
    for (;;) {
        const auto open = text.find("{{");
        if (open == std::string_view::npos) {
            break;
        }
        out += text.substr(0, open);
        const bool raw = text.substr(open).starts_with("{{{");
        const std::size_t braces = raw ? 3 : 2;
        const auto close = text.find("}}", open);
        out += field(failure, text.substr(open + braces, close - open - braces), raw);
        text.remove_prefix(close + braces);
    }
    out += text;
    return out;
}

std::string message_of(const Failure& failure) {
    switch (failure.cause) {
        case Cause::expression:
            break;
        case Cause::time_out:
            return "Expression evaluation timeout";
        case Cause::memory:
            return "Expression evaluation memory limit exceeded";
        case Cause::stack:
            return "Stack overflow error";
        case Cause::result_type:
            return "unsupported result type";
    }
    auto out = filled(template_of(failure.code), failure);
    return out.empty() ? std::string{failure.code} : out;
}

ErrorKind kind_of(Cause cause) {
    switch (cause) {
        case Cause::time_out:
            return ErrorKind::timed_out;
        case Cause::memory:
        case Cause::stack:
            return ErrorKind::exhausted;
        case Cause::expression:
        case Cause::result_type:
            break;
    }
    return ErrorKind::invalid;
}

}  // namespace

Error::Error(Parts parts)
    : kiln::Error{kind_of(parts.cause), parts.message}, parts_{std::move(parts)} {}

Error to_error(const Failure& failure, std::string_view source) {
    const auto bytes = failure.position == Failure::kNowhere ? 0 : failure.position;
    return Error{{
        .cause = failure.cause,
        .code = std::string{failure.code},
        .message = message_of(failure),
        .position = utf16_length(source.substr(0, std::min(bytes, source.size()))),
        .token = failure.token.value_or(""),
        .value = failure.value,
    }};
}

}  // namespace kiln::jsonata
