#include "jsonata/calendar.hpp"

#include <cmath>

namespace kiln::jsonata {

namespace {

int weekday_of(std::int64_t days) {
    const auto shifted = (days + 3) % 7;  // day 0 was a Thursday
    return static_cast<int>(shifted < 0 ? shifted + 7 : shifted) + 1;
}

struct Month {
    std::int64_t year;
    int month;
};

Month next(Month at) {
    return at.month == 12 ? Month{at.year + 1, 1} : Month{at.year, at.month + 1};
}

Month previous(Month at) {
    return at.month == 1 ? Month{at.year - 1, 12} : Month{at.year, at.month - 1};
}

/// The Monday of the week that has the first Thursday of the month.
std::int64_t first_week(Month at) {
    const auto first = days_of(at.year, at.month, 1);
    const auto weekday = weekday_of(first);
    return weekday > 4 ? first + (8 - weekday) : first - (weekday - 1);
}

std::int64_t today(const CivilTime& time) {
    return days_of(time.year, time.month, time.day);
}

int weeks_since(std::int64_t start, std::int64_t day) {
    return static_cast<int>(std::floor(static_cast<double>(day - start) / 7)) + 1;
}

}  // namespace

std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
    // Howard Hinnant's days_from_civil, with years that start in March.
    const auto carried = month - 1 - 2;
    const auto carry = carried >= 0 ? carried / 12 : -((11 - carried) / 12);
    const auto y = year + carry;
    const auto m = carried - carry * 12;
    const auto era = (y >= 0 ? y : y - 399) / 400;
    const auto year_of_era = y - era * 400;
    const auto day_of_year = (153 * m + 2) / 5 + day - 1;
    const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

CivilTime civil_time(double millis) {
    const auto days = static_cast<std::int64_t>(std::floor(millis / kMillisPerDay));
    const auto rest =
        static_cast<std::int64_t>(std::floor(millis - static_cast<double>(days) * kMillisPerDay));
    const auto shifted = days + 719468;
    const auto era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const auto day_of_era = shifted - era * 146097;
    const auto year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const auto day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const auto month = (5 * day + 2) / 153;
    CivilTime out;
    out.day = static_cast<int>(day - (153 * month + 2) / 5 + 1);
    out.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
    out.weekday = weekday_of(days);
    out.hour = static_cast<int>(rest / 3'600'000);
    out.minute = static_cast<int>(rest / 60'000 % 60);
    out.second = static_cast<int>(rest / 1000 % 60);
    out.millisecond = static_cast<int>(rest % 1000);
    return out;
}

int day_of_year(const CivilTime& time) {
    return static_cast<int>(today(time) - days_of(time.year, 1, 1)) + 1;
}

int week_of_year(const CivilTime& time) {
    const auto day = today(time);
    const auto week = weeks_since(first_week({time.year, 1}), day);
    if (week > 52 && day >= first_week({time.year + 1, 1})) {
        return 1;
    }
    return week < 1 ? weeks_since(first_week({time.year - 1, 1}), day) : week;
}

int week_of_month(const CivilTime& time) {
    const Month month{time.year, time.month};
    const auto day = today(time);
    const auto week = weeks_since(first_week(month), day);
    if (week > 4 && day >= first_week(next(month))) {
        return 1;
    }
    return week < 1 ? weeks_since(first_week(previous(month)), day) : week;
}

std::int64_t week_year(const CivilTime& time) {
    const auto day = today(time);
    if (day < first_week({time.year, 1})) {
        return time.year - 1;
    }
    return day >= first_week({time.year + 1, 1}) ? time.year + 1 : time.year;
}

int week_month(const CivilTime& time) {
    const Month month{time.year, time.month};
    const auto day = today(time);
    if (day < first_week(month)) {
        return previous(month).month;
    }
    return day >= first_week(next(month)) ? next(month).month : time.month;
}

}  // namespace kiln::jsonata
