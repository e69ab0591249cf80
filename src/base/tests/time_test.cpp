#include "base/time.hpp"

#include "base/testing/kind_of.hpp"

#include <gtest/gtest.h>

namespace kiln {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

struct TimeRow {
    const char* name;
    const char* text;
    microseconds since_epoch;
};

class Times : public ::testing::TestWithParam<TimeRow> {};

TEST_P(Times, AreRead) {
    EXPECT_EQ(parse_time(GetParam().text).time_since_epoch(), GetParam().since_epoch);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Times,
    ::testing::ValuesIn(std::vector<TimeRow>{
        {"epoch", "1970-01-01T00:00:00Z", 0us},
        {"before_the_epoch", "1969-12-31T23:59:59Z", -1s},
        {"milliseconds", "1970-01-01T00:00:00.123Z", 123ms},
        {"one_digit", "1970-01-01T00:00:00.5Z", 500ms},
        {"microseconds", "1970-01-01T00:00:00.123456Z", 123456us},
        {"nanoseconds_are_cut", "1970-01-01T00:00:00.123456789Z", 123456us},
        {"leap_day", "2024-02-29T00:00:00Z", 1709164800s},
        {"last_second", "2026-12-31T23:59:59Z", 1798761599s},
    }),
    [](const auto& row) { return row.param.name; }
);

struct BadRow {
    const char* name;
    const char* text;
};

class BadTimes : public ::testing::TestWithParam<BadRow> {};

TEST_P(BadTimes, AreRefused) {
    EXPECT_EQ(kind_of([] { (void)parse_time(GetParam().text); }), ErrorKind::invalid);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadTimes,
    ::testing::ValuesIn(std::vector<BadRow>{
        {"empty", ""},
        {"date_alone", "2026-11-21"},
        {"no_zone", "2026-11-21T02:51:00"},
        {"another_zone", "2026-11-21T02:51:00+01:00"},
        {"space_for_T", "2026-11-21 02:51:00Z"},
        {"month_13", "2026-13-01T00:00:00Z"},
        {"month_0", "2026-00-01T00:00:00Z"},
        {"day_30_of_february", "2026-02-30T00:00:00Z"},
        {"no_leap_year", "2026-02-29T00:00:00Z"},
        {"hour_24", "2026-11-21T24:00:00Z"},
        {"minute_60", "2026-11-21T00:60:00Z"},
        {"second_60", "2026-11-21T00:00:60Z"},
        {"letters", "2026-11-21T0a:00:00Z"},
        {"sign", "-026-11-21T00:00:00Z"},
        {"sign_within", "2026-11-21T00:-1:00Z"},
        {"dot_alone", "2026-11-21T00:00:00.Z"},
        {"fraction_with_letters", "2026-11-21T00:00:00.1xZ"},
        {"comma", "2026-11-21T00:00:00,5Z"},
        {"rest", "2026-11-21T00:00:00Z Z"},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(Time, IsWrittenWithMilliseconds) {
    EXPECT_EQ(format_time(TimePoint{1795229460s + 123456us}), "2026-11-21T02:51:00.123Z");
    EXPECT_EQ(format_time(TimePoint{-1ms}), "1969-12-31T23:59:59.999Z");
}

TEST(Time, WrittenTimesAreReadBack) {
    for (const auto since : {0ms, 1ms, 1795229460123ms, 253402300799999ms, -86400000ms}) {
        const TimePoint time{since};
        EXPECT_EQ(parse_time(format_time(time)), time) << format_time(time);
    }
}

struct DurationRow {
    const char* name;
    const char* text;
    Duration duration;
};

class Durations : public ::testing::TestWithParam<DurationRow> {};

TEST_P(Durations, AreRead) {
    EXPECT_EQ(parse_duration(GetParam().text), GetParam().duration);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Durations,
    ::testing::ValuesIn(std::vector<DurationRow>{
        {"milliseconds", "500ms", 500ms},
        {"seconds", "90s", 90s},
        {"minutes", "15m", 15min},
        {"hours", "2h", 2h},
        {"days", "7d", 7 * 24h},
        {"zero", "0s", 0s},
        {"longest", "10000d", 10'000 * 24h},
    }),
    [](const auto& row) { return row.param.name; }
);

class BadDurations : public ::testing::TestWithParam<BadRow> {};

TEST_P(BadDurations, AreRefused) {
    EXPECT_EQ(kind_of([] { (void)parse_duration(GetParam().text); }), ErrorKind::invalid);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadDurations,
    ::testing::ValuesIn(std::vector<BadRow>{
        {"empty", ""},
        {"no_unit", "90"},
        {"unit_alone", "s"},
        {"unknown_unit", "2w"},
        {"upper_case", "90S"},
        {"word", "90sec"},
        {"negative", "-5s"},
        {"fraction", "1.5h"},
        {"two_parts", "1h30m"},
        {"space", "90 s"},
        {"too_long", "10001d"},
        {"too_long_in_ms", "864000000001ms"},
        {"beyond_64_bits", "99999999999999999999s"},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(Duration, IsWrittenInTheLargestUnitThatIsExact) {
    EXPECT_EQ(format_duration(90s), "90s");
    EXPECT_EQ(format_duration(120s), "2m");
    EXPECT_EQ(format_duration(1500ms), "1500ms");
    EXPECT_EQ(format_duration(48h), "2d");
    EXPECT_EQ(format_duration(0s), "0ms");
    for (const Duration each : {Duration{90s}, Duration{36h}, Duration{1ms}, Duration{0s}}) {
        EXPECT_EQ(parse_duration(format_duration(each)), each);
    }
}

TEST(Duration, IsShownForPeople) {
    EXPECT_EQ(humanize(1234us), "1.2 ms");
    EXPECT_EQ(humanize(35ms), "35 ms");
    EXPECT_EQ(humanize(1234ms), "1.2 s");
    EXPECT_EQ(humanize(250s), "4 min 10 s");
    EXPECT_EQ(humanize(2h + 5min), "2 h 5 min");
    EXPECT_DOUBLE_EQ(seconds_of(123ms), 0.123);
}

}  // namespace
}  // namespace kiln
