#pragma once

#include "jsonata/integer_picture.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jsonata {

/// One part of a date/time picture of XPath's `format-dateTime`: text, or a component in brackets.
struct DatePart {
    enum class Names { none, lower, upper, title };

    char component = 0;  ///< 0: literal text
    std::string text;
    Names names = Names::none;
    std::optional<IntegerPicture> integer;
    std::optional<int> width_most;
    bool zulu = false;  ///< a zone without offset is written `Z`
    int digits = -1;    ///< of a year, a month, a day: its last so many digits
};

/// @throws Failure  D3132: unknown component; D3135: a bracket is not closed; D3131
[[nodiscard]] std::vector<DatePart> read_date_picture(std::string_view picture);

}  // namespace kiln::jsonata
