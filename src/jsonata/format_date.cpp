#include "jsonata/calendar.hpp"
#include "jsonata/date_picture.hpp"
#include "jsonata/date_time.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/numbers.hpp"
#include "jsonata/text.hpp"

#include <array>
#include <cmath>

namespace kiln::jsonata {

namespace {

constexpr std::array<std::string_view, 12> kMonths{
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December"};
constexpr std::array<std::string_view, 7> kWeekdays{
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

struct Zone {
    double hours = 0;
    double minutes = 0;
};

/// "+0130" read as JSONata reads it: one number, its hundreds the hours.
Zone read_zone(std::string_view text) {
    const auto offset = leading_integer(text);
    if (!offset || std::abs(*offset) > 1e6) {
        throw Failure{"D1001"}.about(json_text(text));
    }
    return {std::floor(*offset / 100), std::fmod(*offset, 100)};
}

double number_of(const CivilTime& time, char component) {
    switch (component) {
        case 'Y':
            return static_cast<double>(time.year);
        case 'M':
            return time.month;
        case 'D':
            return time.day;
        case 'd':
            return day_of_year(time);
        case 'F':
            return time.weekday;
        case 'W':
            return week_of_year(time);
        case 'w':
            return week_of_month(time);
        case 'X':
            return static_cast<double>(week_year(time));
        case 'x':
            return week_month(time);
        case 'H':
            return time.hour;
        case 'h':
            return time.hour % 12 == 0 ? 12 : time.hour % 12;
        case 'm':
            return time.minute;
        case 's':
            return time.second;
        default:
            return time.millisecond;
    }
}

std::string name_of(double value, const DatePart& part) {
    std::string out;
    if (part.component == 'M' || part.component == 'x') {
        out = month_name(static_cast<int>(value));
    } else if (part.component == 'F') {
        out = weekday_name(static_cast<int>(value));
    } else {
        throw Failure{"D3133"}.about(json_text(std::string_view{&part.component, 1}));
    }
    out = part.names == DatePart::Names::upper   ? upper(out)
          : part.names == DatePart::Names::lower ? lower(out)
                                                 : out;
    if (part.width_most && static_cast<int>(out.size()) > *part.width_most) {
        out.resize(static_cast<std::size_t>(std::max(*part.width_most, 0)));
    }
    return out;
}

std::string zone_text(const Zone& zone, const DatePart& part) {
    const auto offset = zone.hours * 100 + zone.minutes;
    const auto& picture = *part.integer;
    if (offset == 0 && part.zulu) {
        return "Z";
    }
    std::string out;
    const auto digits = picture.mandatory_digits;
    if (picture.regular || digits == 3 || digits == 4) {
        out = format_integer(offset, picture);
    } else if (digits == 1 || digits == 2) {
        out = format_integer(zone.hours, picture);
        if (zone.minutes != 0) {
            out += ":" + format_integer(zone.minutes, read_integer_picture("00"));
        }
    } else {
        throw Failure{"D3134"}.about(std::to_string(digits));
    }
    return (part.component == 'z' ? "GMT" : "") + (offset >= 0 ? "+" + out : out);
}

std::string part_text(const CivilTime& time, const Zone& zone, const DatePart& part) {
    switch (part.component) {
        case '\0':
            return part.text;
        case 'Z':
        case 'z':
            return zone_text(zone, part);
        case 'P': {
            const std::string out = time.hour >= 12 ? "pm" : "am";
            return part.names == DatePart::Names::upper ? upper(out) : out;
        }
        case 'C':
        case 'E':
            return "ISO";
        default:
            break;
    }
    auto value = number_of(time, part.component);
    if (part.component == 'Y' && part.digits != -1) {
        value = std::fmod(value, std::pow(10, part.digits));
    }
    if (!part.integer) {
        return name_of(value, part);
    }
    return format_integer(value, *part.integer);
}

}  // namespace

std::string_view month_name(int month) {
    return kMonths.at(static_cast<std::size_t>(month - 1));
}

std::string_view weekday_name(int weekday) {
    return kWeekdays.at(static_cast<std::size_t>(weekday - 1));
}

std::string format_date_time(
    double millis,
    std::optional<std::string_view> picture,
    std::optional<std::string_view> zone_text
) {
    static const auto kIso =
        read_date_picture("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]");
    const auto zone = zone_text ? read_zone(*zone_text) : Zone{};
    const auto parts = picture ? read_date_picture(*picture) : kIso;
    const auto moment = std::trunc(millis + (60 * zone.hours + zone.minutes) * 60'000);
    if (!(std::abs(moment) <= kLargestMillis)) {
        throw Failure{"D1001"}.about(number_text(millis));
    }
    const auto time = civil_time(moment);
    std::string out;
    for (const auto& part : parts) {
        out += part_text(time, zone, part);
    }
    return out;
}

}  // namespace kiln::jsonata
