#include "base/time.hpp"

#include "base/error.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

namespace kiln {

using namespace std::chrono;

std::string format_time(TimePoint time) {
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{floor<milliseconds>(time - day)};
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count(),
        clock.subseconds().count()
    );
}

namespace {

[[noreturn]] void not_a_time(std::string_view text) {
    throw Error{
        ErrorKind::invalid,
        fmt::format("'{}' is not a time; write it like 2026-11-21T02:51:00Z", text)};
}

bool digits_at(std::string_view text, std::size_t from, std::size_t count, int& value) {
    if (from + count > text.size()) {
        return false;
    }
    const auto part = text.substr(from, count);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return error == std::errc{} && end == part.data() + part.size() && part[0] != '-';
}

}  // namespace

TimePoint parse_time(std::string_view text) {
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    const bool shape = text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                       text[13] == ':' && text[16] == ':' && text.back() == 'Z';
    if (!shape || !digits_at(text, 0, 4, y) || !digits_at(text, 5, 2, mo) ||
        !digits_at(text, 8, 2, d) || !digits_at(text, 11, 2, h) || !digits_at(text, 14, 2, mi) ||
        !digits_at(text, 17, 2, s)) {
        not_a_time(text);
    }
    const year_month_day date{
        year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
    if (!date.ok() || h > 23 || mi > 59 || s > 59) {
        not_a_time(text);
    }
    microseconds fraction{0};
    if (text.size() > 20) {
        auto rest = text.substr(19, text.size() - 20);
        if (rest[0] != '.' || rest.size() < 2) {
            not_a_time(text);
        }
        std::int64_t scale = 100'000;
        for (const char c : rest.substr(1)) {
            if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
                not_a_time(text);
            }
            fraction += microseconds{(c - '0') * scale};
            scale /= 10;
        }
    }
    return sys_days{date} + hours{h} + minutes{mi} + seconds{s} + fraction;
}

namespace {

struct Unit {
    std::string_view name;
    Duration length;
};

constexpr std::array<Unit, 5> kUnits{
    {{"d", days{1}},
     {"h", hours{1}},
     {"m", minutes{1}},
     {"s", seconds{1}},
     {"ms", milliseconds{1}}}};

constexpr Duration kLongest = days{10'000};

}  // namespace

Duration parse_duration(std::string_view text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    for (const auto& known : kUnits) {
        if (error == std::errc{} && unit == known.name &&
            count <= static_cast<std::uint64_t>(kLongest / known.length)) {
            return known.length * static_cast<std::int64_t>(count);
        }
    }
    throw Error{
        ErrorKind::invalid,
        fmt::format(
            "'{}' is not a duration; write a whole number with a unit: 500ms, 90s, 15m, 2h, 7d",
            text
        )};
}

std::string format_duration(Duration duration) {
    for (const auto& unit : kUnits) {
        if (duration.count() != 0 && duration % unit.length == Duration{0}) {
            return fmt::format("{}{}", duration / unit.length, unit.name);
        }
    }
    return fmt::format("{}ms", duration_cast<milliseconds>(duration).count());
}

std::string humanize(Duration duration) {
    if (duration < 10ms) {
        return fmt::format("{:.1f} ms", static_cast<double>(duration.count()) / 1000.0);
    }
    if (duration < 1s) {
        return fmt::format("{} ms", duration_cast<milliseconds>(duration).count());
    }
    if (duration < 60s) {
        return fmt::format("{:.1f} s", seconds_of(duration));
    }
    const auto total = round<seconds>(duration);
    if (total < 1h) {
        return fmt::format("{} min {} s", total / 1min, (total % 1min).count());
    }
    return fmt::format("{} h {} min", total / 1h, duration_cast<minutes>(total % 1h).count());
}

}  // namespace kiln
