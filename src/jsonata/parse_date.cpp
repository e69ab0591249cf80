#include "jsonata/calendar.hpp"
#include "jsonata/date_picture.hpp"
#include "jsonata/date_time.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/numbers.hpp"
#include "jsonata/regex.hpp"

#include <array>
#include <cmath>
#include <map>

namespace kiln::jsonata {

namespace {

using Components = std::map<char, double>;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        if (std::string_view{".*+?^${}()|[]\\/-"}.find(letter) != std::string_view::npos) {
            out += '\\';
        }
        out += letter;
    }
    return out;
}

/// What stands between hours and minutes of a zone: ':' in "01:01".
std::string zone_separator(const DatePart& part) {
    std::string out;
    if (part.integer->regular) {
        out = static_cast<char>(part.integer->separators[0].character & 0x7FU);
    }
    return out;
}

std::string pattern_of(const DatePart& part) {
    if (part.component == 0) {
        return escaped(part.text);
    }
    if (part.component == 'Z' || part.component == 'z') {
        const auto separator = zone_separator(part);
        return (part.component == 'z' ? "GMT" : "") + std::string{"[-+][0-9]+"} +
               (separator.empty() ? "" : escaped(separator) + "[0-9]+");
    }
    if (part.integer) {
        return integer_pattern(*part.integer, part.digits);
    }
    if (std::string_view{"MxFP"}.find(part.component) == std::string_view::npos) {
        throw Failure{"D3133"}.about(json_text(std::string_view{&part.component, 1}));
    }
    return "[a-zA-Z]+";
}

/// Minutes east of Greenwich.
double zone_minutes(std::string_view text, const DatePart& part) {
    text.remove_prefix(part.component == 'z' ? 3 : 0);
    const auto separator = zone_separator(part);
    auto split = separator.empty() ? std::size_t{3} : text.find(separator);
    const auto skip = separator.size();
    if (separator.empty() && text.size() <= 3) {
        split = text.size();
    }
    const auto minutes =
        split + skip < text.size() ? leading_integer(text.substr(split + skip)) : 0.0;
    return leading_integer(text.substr(0, split)).value_or(0) * 60 + minutes.value_or(0);
}

std::optional<double> name_value(std::string_view text, const DatePart& part) {
    if (part.component == 'P') {
        return text == "am" || text == "AM"   ? std::optional{0.0}
               : text == "pm" || text == "PM" ? std::optional{1.0}
                                              : std::nullopt;
    }
    const bool month = part.component != 'F';
    const auto width = part.width_most && *part.width_most > 0
                           ? static_cast<std::size_t>(*part.width_most)
                           : std::string_view::npos;
    for (int number = 1; number <= (month ? 12 : 7); ++number) {
        const auto name = month ? month_name(number) : weekday_name(number);
        if (name.substr(0, width) == text) {
            return number;
        }
    }
    return std::nullopt;
}

std::optional<double> value_of(std::string_view text, const DatePart& part) {
    if (part.component == 'Z' || part.component == 'z') {
        return zone_minutes(text, part);
    }
    return part.integer ? parse_integer(text, *part.integer) : name_value(text, part);
}

std::optional<Components> read_components(
    std::string_view text, const std::vector<DatePart>& parts
) {
    std::string pattern = "^";
    for (const auto& part : parts) {
        pattern += "(" + pattern_of(part) + ")";
    }
    const auto match = Regex{pattern + "$", "i", 0}.find(Subject{text}, 0);
    if (!match) {
        return std::nullopt;
    }
    Components out;
    for (std::size_t number = 0; number < parts.size(); ++number) {
        const auto range = match->groups[number].value_or(Regex::Range{});
        const auto value =
            parts[number].component == 0
                ? std::nullopt
                : value_of(text.substr(range.start, range.end - range.start), parts[number]);
        if (value) {
            out[parts[number].component] = *value;
        }
    }
    return out;
}

/// Do the components fit the set of letters: none outside of it, one at least within?
bool fits(const Components& components, std::string_view of, std::string_view set) {
    bool any = false;
    for (const char letter : of) {
        const auto found = components.find(letter);
        if (found == components.end() || found->second == 0 || std::isnan(found->second)) {
            continue;
        }
        if (set.find(letter) == std::string_view::npos) {
            return false;
        }
        any = true;
    }
    return any;
}

double current(const CivilTime& now, char component) {
    switch (component) {
        case 'Y':
            return static_cast<double>(now.year);
        case 'M':
            return now.month;
        case 'D':
            return now.day;
        case 'X':
            return static_cast<double>(week_year(now));
        case 'x':
            return week_month(now);
        case 'w':
            return week_of_month(now);
        case 'W':
            return week_of_year(now);
        case 'F':
            return now.weekday;
        case 'H':
            return now.hour;
        case 'P':
            return now.hour >= 12 ? 1 : 0;
        case 'h':
            return now.hour % 12 == 0 ? 12 : now.hour % 12;
        case 'm':
            return now.minute;
        case 's':
            return now.second;
        default:
            return now.millisecond;
    }
}

/// Larger parts that are not given are those of today, smaller ones the least.
void complete(Components& components, std::string_view order, double now) {
    const auto time = civil_time(now);
    bool started = false;
    bool ended = false;
    for (const char letter : order) {
        if (components.contains(letter)) {
            if (ended) {
                throw Failure{"D3136"};
            }
            started = true;
        } else if (started) {
            components[letter] = letter == 'M' || letter == 'D' ? 1 : 0;
            ended = true;
        } else {
            components[letter] = current(time, letter);
        }
    }
}

/// JavaScript's Date.UTC: parts beyond their range are carried over, years up to 99 are of 1900.
std::optional<double> utc(double year, double month, const Components& at, double day) {
    const auto part = [&](char letter) { return at.contains(letter) ? at.at(letter) : 0; };
    if (!(std::abs(year) < 400'000) || !(std::abs(month) < 1e7) || !(std::abs(day) < 1e9)) {
        return std::nullopt;
    }
    const auto whole_year = year >= 0 && year <= 99 ? 1900 + year : year;
    const auto days =
        days_of(static_cast<std::int64_t>(whole_year), static_cast<std::int64_t>(month), 1);
    const auto out = (static_cast<double>(days) + day - 1) * kMillisPerDay + part('H') * 3'600'000 +
                     part('m') * 60'000 + part('s') * 1000 + part('f');
    return std::abs(out) <= kLargestMillis ? std::optional{out} : std::nullopt;
}

}  // namespace

std::optional<double> parse_date_time(std::string_view text, std::string_view picture, double now) {
    auto read = read_components(text, read_date_picture(picture));
    if (!read || read->empty()) {
        return std::nullopt;
    }
    auto& parts = *read;
    static constexpr std::string_view kDates = "YXMxWwdD";
    static constexpr std::string_view kTimes = "PHhmsf";
    const bool by_month = fits(parts, kDates, "YMD");
    const bool by_day_of_year = !by_month && fits(parts, kDates, "Yd");
    const bool by_week_of_month = fits(parts, kDates, "Xxw");
    const bool by_week = !by_week_of_month && fits(parts, kDates, "XW");
    const bool half_days = !fits(parts, kTimes, "Hmsf") && fits(parts, kTimes, "Phmsf");
    const std::string order =
        std::string{
            by_day_of_year     ? "YD"
            : by_week_of_month ? "XxwF"
            : by_week          ? "XWF"
                               : "YMD"} +
        (half_days ? "Phmsf" : "Hmsf");
    complete(parts, order, now);
    if (by_week_of_month || by_week) {
        throw Failure{"D3136"};
    }
    if (half_days) {
        parts['H'] = (parts['h'] == 12 ? 0 : parts['h']) + (parts['P'] == 1 ? 12 : 0);
    }
    const bool in_january = by_day_of_year || !(parts['M'] > 0);
    auto out =
        utc(parts['Y'], in_january ? 1 : parts['M'], parts, parts[by_day_of_year ? 'd' : 'D']);
    const auto zone = parts.contains('Z') && parts['Z'] != 0 ? parts['Z']
                      : parts.contains('z')                  ? parts['z']
                                                             : 0;
    return out ? std::optional{*out - zone * 60'000} : std::nullopt;
}

std::optional<double> parse_iso_8601(std::string_view text) {
    static const Regex kForm{
        "^\\d{4}(-[01]\\d)*(-[0-3]\\d)*(T[0-2]\\d:[0-5]\\d:[0-5]\\d)*(\\.\\d+)?([+-][0-2]\\d:?[0-5]"
        "\\d|Z)?$",
        "",
        0};
    static const Regex kParts{
        "^(\\d{4})(?:-(\\d\\d))?(?:-(\\d\\d))?(?:T(\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d+))?)?"
        "(?:([+-])(\\d\\d):?(\\d\\d)|Z)?$",
        "",
        0};
    if (!kForm.find(Subject{text}, 0)) {
        throw Failure{"D3110"}.about(json_text(text));
    }
    const auto match = kParts.find(Subject{text}, 0);
    if (!match) {
        return std::nullopt;
    }
    const auto group = [&](std::size_t number) {
        const auto range = match->groups[number - 1].value_or(Regex::Range{});
        return text.substr(range.start, range.end - range.start);
    };
    const auto number = [&](std::size_t index, double otherwise) {
        return leading_integer(group(index)).value_or(otherwise);
    };
    const auto month = number(2, 1);
    const auto day = number(3, 1);
    if (month < 1 || month > 12 || day < 1 || day > 31 || number(4, 0) > 24) {
        return std::nullopt;
    }
    const auto fraction = std::string{group(7)} + "000";
    const Components time{
        {'H', number(4, 0)},
        {'m', number(5, 0)},
        {'s', number(6, 0)},
        {'f', leading_integer(fraction.substr(0, 3)).value_or(0)}};
    const auto days =
        days_of(static_cast<std::int64_t>(number(1, 0)), static_cast<std::int64_t>(month), 1);
    const auto zone = (number(9, 0) * 60 + number(10, 0)) * (group(8) == "-" ? -1 : 1);
    return (static_cast<double>(days) + day - 1) * kMillisPerDay + time.at('H') * 3'600'000 +
           time.at('m') * 60'000 + time.at('s') * 1000 + time.at('f') - zone * 60'000;
}

}  // namespace kiln::jsonata
