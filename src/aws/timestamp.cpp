#include "aws/timestamp.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace kiln::aws {

using namespace std::chrono;

namespace {

/// A run of digits at `at`; -1: it is none.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    const auto part = text.substr(at, count);
    const bool all = part.size() == count && std::all_of(part.begin(), part.end(), [](char c) {
                         return c >= '0' && c <= '9';
                     });
    int value = -1;
    if (all) {
        std::from_chars(part.data(), part.data() + part.size(), value);
    }
    return value;
}

std::optional<TimePoint> moment(int y, unsigned mo, int d, int h, int mi, int s) {
    if (y < 0 || d < 0 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 59) {
        return std::nullopt;
    }
    const year_month_day date{year{y}, month{mo}, day{static_cast<unsigned>(d)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return sys_days{date} + hours{h} + minutes{mi} + seconds{s};
}

constexpr std::array<std::string_view, 12> kMonths{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string format_basic_time(TimePoint time) {
    const auto date_at = floor<days>(time);
    const year_month_day date{date_at};
    const hh_mm_ss clock{floor<seconds>(time - date_at)};
    return fmt::format(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count()
    );
}

std::optional<TimePoint> parse_basic_time(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') {
        return std::nullopt;
    }
    return moment(
        digits(text, 0, 4),
        static_cast<unsigned>(std::max(digits(text, 4, 2), 0)),
        digits(text, 6, 2),
        digits(text, 9, 2),
        digits(text, 11, 2),
        digits(text, 13, 2)
    );
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
    if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
        text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto* const month_at = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
    if (month_at == kMonths.end()) {
        return std::nullopt;
    }
    return moment(
        digits(text, 12, 4),
        static_cast<unsigned>(month_at - kMonths.begin()) + 1,
        digits(text, 5, 2),
        digits(text, 17, 2),
        digits(text, 20, 2),
        digits(text, 23, 2)
    );
}

}  // namespace kiln::aws
