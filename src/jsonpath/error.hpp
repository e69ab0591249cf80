#pragma once

#include "jsonpath/world.hpp"

#include <cstddef>
#include <exception>
#include <string>
#include <utility>

namespace kiln::jsonpath {

/// Why a path or an intrinsic function gave no value. Closed set.
enum class Fault {
    syntax,      ///< the text is no path, or no call of a known function
    missing,     ///< a definite path leads to nothing
    unassigned,  ///< the path's variable has no value
    unfit,       ///< a reference path cannot be set: a scalar or too short an array is in the way
    argument,    ///< a function refuses an argument's kind or value
    limit,       ///< it would take too many steps, results or levels
};

/// What is common to failing paths and functions.
class ExpressionError : public std::exception {
  public:
    ExpressionError(Fault fault, std::string expression, std::size_t position, std::string message)
        : fault_{fault},
          expression_{std::move(expression)},
          position_{position},
          message_{std::move(message)} {}

    [[nodiscard]] Fault fault() const noexcept { return fault_; }

    /// The whole text that was compiled.
    [[nodiscard]] const std::string& expression() const noexcept { return expression_; }

    /// Byte offset of a `syntax` fault in `expression()`; 0 for the others.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

    /// A sentence without a full stop. For `missing` it is Jayway's, as AWS quotes it after
    /// "Invalid path '$.a.b' : ": `Missing property in path $['a']`, `No results for path: $['a']`.
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

    [[nodiscard]] const std::string& message() const noexcept { return message_; }

  private:
    Fault fault_;
    std::string expression_;
    std::size_t position_;
    std::string message_;
};

/// A path that is malformed, or whose value was asked for and is not there.
class PathError : public ExpressionError {
  public:
    using ExpressionError::ExpressionError;

    /// AWS' sentence of InputPath, OutputPath and …SecondsPath: "Invalid path 'PATH' : WHAT".
    [[nodiscard]] std::string invalid_path() const {
        return "Invalid path '" + expression() + "' : " + message();
    }
};

/// A call of an intrinsic function that is malformed, or that failed.
/// `expression()` is the whole, outermost call; `call()` the one that failed.
class IntrinsicError : public ExpressionError {
  public:
    IntrinsicError(
        Fault fault,
        std::string expression,
        std::size_t position,
        std::string message,
        std::string call = {}
    )
        : ExpressionError{fault, std::move(expression), position, std::move(message)},
          call_{std::move(call)} {}

    /// The text of the innermost call that failed: "States.MathAdd($.a, 1)"; empty for `syntax`.
    [[nodiscard]] const std::string& call() const noexcept { return call_; }

    /// AWS' sentence: "The function 'CALL' had the following error: WHAT".
    [[nodiscard]] std::string had_error() const {
        return "The function '" + call_ + "' had the following error: " + message();
    }

  private:
    std::string call_;
};

/// AWS' sentence for a path without a value in a named field: "The JSONPath '$.x' specified for the
/// field 'y.$' could not be found in the input '{…}'". Templates, ErrorPath and CausePath have it.
/// @param field  "y.$" in a template, else the field's name: "ErrorPath"
/// @param input  what is shown as the input, as compact JSON text
[[nodiscard]] std::string not_found_sentence(
    std::string_view path, std::string_view field, std::string_view input
);

}  // namespace kiln::jsonpath
