#include "asl/timestamp.hpp"

#include <chrono>

namespace kiln::asl {

namespace {

/// Takes `count` digits off the front. -1: there are fewer.
int take_number(std::string_view& text, std::size_t count) noexcept {
    if (text.size() < count) {
        return -1;
    }
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, char expected) noexcept {
    if (text.empty() || text.front() != expected) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

/// Takes a number and checks that it is within [low, high].
bool take_part(std::string_view& text, std::size_t count, int low, int high) noexcept {
    const auto number = take_number(text, count);
    return number >= low && number <= high;
}

bool take_date(std::string_view& text) noexcept {
    const auto year = take_number(text, 4);
    if (year < 0 || !take(text, '-')) {
        return false;
    }
    const auto month = take_number(text, 2);
    if (month < 0 || !take(text, '-')) {
        return false;
    }
    const auto day = take_number(text, 2);
    using std::chrono::year_month_day;
    return day >= 0 &&
           year_month_day{
               std::chrono::year{year},
               std::chrono::month{static_cast<unsigned>(month)},
               std::chrono::day{static_cast<unsigned>(day)}}
               .ok();
}

bool take_fraction(std::string_view& text) noexcept {
    if (!take(text, '.')) {
        return true;
    }
    const auto end = text.find_first_not_of("0123456789");
    const auto digits = end == std::string_view::npos ? text.size() : end;
    text.remove_prefix(digits);
    return digits > 0;
}

bool take_offset(std::string_view& text) noexcept {
    if (take(text, 'Z')) {
        return true;
    }
    return (take(text, '+') || take(text, '-')) && take_part(text, 2, 0, 23) && take(text, ':') &&
           take_part(text, 2, 0, 59);
}

}  // namespace

bool is_timestamp(std::string_view text) noexcept {
    return take_date(text) && take(text, 'T') && take_part(text, 2, 0, 23) && take(text, ':') &&
           take_part(text, 2, 0, 59) && take(text, ':') && take_part(text, 2, 0, 59) &&
           take_fraction(text) && take_offset(text) && text.empty();
}

}  // namespace kiln::asl
