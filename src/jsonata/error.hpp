#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <string>

namespace kiln::jsonata {

/// Why an expression has no result.
enum class Cause {
    expression,   ///< its text or its data are wrong: `code` says how
    time_out,     ///< it ran longer than its limit
    memory,       ///< it needed more memory than its limit
    stack,        ///< its text, its calls or its values are nested too deep
    result_type,  ///< its result is a function, which JSON has no form for
};

/// A JSONata error. `what()` is JSONata's own text with the values filled in.
class Error : public kiln::Error {
  public:
    struct Parts {
        Cause cause = Cause::expression;
        std::string code;     ///< "T2001"; U1001 for the limits, empty for result_type
        std::string message;  ///< never empty
        std::size_t position =
            0;  ///< behind the token that is to blame, in UTF-16 units, as JSONata counts
        std::string token;  ///< the operator or function; may be empty
        std::string value;  ///< the offending value as JSON; may be empty
    };

    explicit Error(Parts parts);

    [[nodiscard]] Cause cause() const noexcept { return parts_.cause; }

    [[nodiscard]] const std::string& code() const noexcept { return parts_.code; }

    [[nodiscard]] std::size_t position() const noexcept { return parts_.position; }

    [[nodiscard]] const std::string& token() const noexcept { return parts_.token; }

    [[nodiscard]] const std::string& value() const noexcept { return parts_.value; }

  private:
    Parts parts_;
};

}  // namespace kiln::jsonata
