#pragma once

#include "jsonata/error.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::jsonata {

/// An error on its way out: what it is called and where it stood are added as it passes.
struct Failure {
    static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

    explicit Failure(Cause why) : cause{why}, code{why == Cause::result_type ? "" : "U1001"} {}

    explicit Failure(std::string_view which, std::size_t at = kNowhere)
        : code{which}, position{at} {}

    Failure&& about(std::string json) && {
        value = std::move(json);
        return std::move(*this);
    }

    Failure&& named(std::string_view name) && {
        token = std::string{name};
        return std::move(*this);
    }

    Cause cause = Cause::expression;
    std::string_view code;            ///< static text
    std::size_t position = kNowhere;  ///< in bytes
    std::optional<std::string> token;
    std::string value;   ///< JSON
    std::string value2;  ///< JSON
    std::string text;    ///< what is put in as it is: a message, the name of a function
    std::string type;
    std::string exponent;
    std::size_t index = 0;  ///< of an argument, from 1
};

/// As JSONata's `populateMessage`: the text of the code with its values.
/// @param source  the expression, for the position
[[nodiscard]] Error to_error(const Failure& failure, std::string_view source);

/// `text` as a JSON string.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace kiln::jsonata
