#pragma once

#include "asl/fields.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// Fields whose value is computed when the machine runs: paths, payload templates, JSONata.
namespace kiln::asl {

/// What the JSONata of a field may read of `$states` besides `input` and `context`.
struct Readable {
    bool result = false;        ///< a Task's, Map's or Parallel's own Output and Assign
    bool error_output = false;  ///< a catcher's Output and Assign
};

/// Where a reference path may start.
enum class RootRule {
    any,  ///< `$`, `$$`, `$name`
    no_context,
    input,  ///< ResultPath: `$` only
};

/// In these, `key` and `path_key` have to be literals: a Setting keeps them.

/// A field that holds any path.
std::optional<jsonpath::Path> read_path(const Fields& fields, std::string_view key);
/// A field that holds a path which can lead to one value only.
std::optional<jsonpath::Path> read_reference(
    const Fields& fields, std::string_view key, RootRule rule
);
/// InputPath, OutputPath.
PathSetting read_path_setting(const Fields& fields, std::string_view key);
ResultPath read_result_path(const Fields& fields);
std::optional<Setting> reference_setting(
    const Fields& fields, std::string_view key, RootRule rule = RootRule::any
);
/// Warns of a constant that looks like a path: `key` with "Path" behind it would follow it.
void warn_of_path(const Fields& fields, std::string_view key, std::string_view text);
/// ErrorPath, CausePath: a path or a call of an intrinsic function.
std::optional<Setting> expression_setting(const Fields& fields, std::string_view key);

/// Parameters, ResultSelector, …: an object or an array.
std::optional<Setting> template_setting(const Fields& fields, std::string_view key);

/// Any JSON with expressions in it. Strings that are half an expression are reported.
[[nodiscard]] JsonataTemplate compile_jsonata(
    Session& session,
    const json::value& value,
    const std::string& location,
    const Readable& readable
);
/// Arguments, Output, Items, …
std::optional<Setting> jsonata_setting(
    const Fields& fields, std::string_view key, const Readable& readable = {}
);
/// Likewise, but text has to be an expression.
std::optional<Setting> jsonata_expression_setting(const Fields& fields, std::string_view key);

/// Is this text an expression as a whole, `{% … %}`?
[[nodiscard]] bool is_jsonata(std::string_view text) noexcept;

/// A constant number; in JSONata also an expression, in JSONPath what stands at `path_key`.
std::optional<Setting> integer_setting(
    const Fields& fields,
    QueryLanguage language,
    std::string_view key,
    std::string_view path_key,
    std::int64_t low,
    std::int64_t high,
    RootRule rule = RootRule::any
);
/// Likewise, of 0 to 100, with fractions.
std::optional<Setting> percentage_setting(
    const Fields& fields, QueryLanguage language, std::string_view key, std::string_view path_key
);

/// `Assign`, with the names checked.
std::optional<Assignments> read_assign(
    const Fields& fields,
    QueryLanguage language,
    const Readable& readable,
    const GroupContext& group
);

}  // namespace kiln::asl
