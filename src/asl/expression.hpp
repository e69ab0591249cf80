#pragma once

#include "base/json.hpp"
#include "jsonata/jsonata.hpp"
#include "jsonpath/intrinsic.hpp"
#include "jsonpath/path.hpp"
#include "jsonpath/template.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Fields of a state whose value may be computed.
namespace kiln::asl {

enum class QueryLanguage { jsonpath, jsonata };

/// A JSONata expression with its text as written between {% and %}.
struct JsonataField {
    jsonata::Expression expression;
    std::string text;
};

/// Any JSON in which strings `{% … %}` are expressions: what Arguments, Output and Assign hold.
/// Exactly one of the three; a constant has no expression below it.
struct JsonataTemplate {
    struct Member;
    using Object = std::vector<Member>;
    using Array = std::vector<JsonataTemplate>;
    std::variant<json::value, JsonataField, Object, Array> node;
};

struct JsonataTemplate::Member {
    std::string key;
    JsonataTemplate value;
};

/// The value of one field, ready to be computed. `field` is its name in the definition, for
/// messages: "SecondsPath", "Arguments".
struct Setting {
    std::string_view field;
    std::variant<
        json::value,          ///< a constant
        jsonpath::Path,       ///< …Path fields, ItemsPath
        jsonpath::Intrinsic,  ///< ErrorPath, CausePath
        jsonpath::Template,   ///< Parameters, ResultSelector, ItemSelector, BatchInput, Credentials
        JsonataTemplate>
        value;
};

/// InputPath and OutputPath: absent (the whole), null ({}), or a path.
struct PathSetting {
    enum class Kind { absent, null, path } kind = Kind::absent;
    std::optional<jsonpath::Path> path;
};

/// ResultPath: absent ($), null (the result is dropped), or a reference path.
using ResultPath = PathSetting;

/// `Assign`: names with what they get; all are computed before any is set.
struct Assignments {
    /// JSONPath: one template whose members are the variables; JSONata: likewise.
    std::variant<jsonpath::Template, JsonataTemplate> values;
    std::vector<std::string> names;  ///< sorted
};

}  // namespace kiln::asl
