#pragma once

#include <cstdint>

namespace kiln::jsonata {

/// A moment in the proleptic Gregorian calendar, UTC, with the range of JavaScript's Date.
struct CivilTime {
    std::int64_t year = 1970;
    int month = 1;    ///< 1 to 12
    int day = 1;      ///< 1 to 31
    int weekday = 4;  ///< 1 Monday to 7 Sunday
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millisecond = 0;
};

/// @param millis  since 1970, within ±8.64e15
[[nodiscard]] CivilTime civil_time(double millis);

/// Days since 1970 of a date; months beyond 1 to 12 are carried over.
[[nodiscard]] std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day);

// The parts of a moment that XPath's pictures name by these letters.
[[nodiscard]] int day_of_year(const CivilTime& time);         ///< d
[[nodiscard]] int week_of_year(const CivilTime& time);        ///< W, as ISO 8601
[[nodiscard]] int week_of_month(const CivilTime& time);       ///< w
[[nodiscard]] std::int64_t week_year(const CivilTime& time);  ///< X: the year of the week
[[nodiscard]] int week_month(const CivilTime& time);          ///< x: the month of the week

constexpr double kMillisPerDay = 86'400'000;
constexpr double kLargestMillis = 8.64e15;

}  // namespace kiln::jsonata
