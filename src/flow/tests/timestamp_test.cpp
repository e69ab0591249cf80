#include "flow/timestamp.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace kiln::flow {
namespace {

struct Row {
    const char* name;
    const char* text;
    std::optional<Instant> instant;
};

class Timestamps : public ::testing::TestWithParam<Row> {};

TEST_P(Timestamps, areReadAsAwsReadsThem) {
    const auto& row = GetParam();
    const auto got = parse_timestamp(row.text);
    ASSERT_EQ(got.has_value(), row.instant.has_value());
    if (got) {
        EXPECT_EQ(got->seconds, row.instant->seconds);
        EXPECT_EQ(got->nanoseconds, row.instant->nanoseconds);
    }
}

const std::vector<Row> kRows{
    {"epoch", "1970-01-01T00:00:00Z", Instant{0, 0}},
    {"seconds", "2016-03-14T01:59:00Z", Instant{1457920740, 0}},
    {"without_seconds", "2016-03-14T01:59Z", Instant{1457920740, 0}},
    {"nanoseconds", "2016-03-14T01:59:00.243167252Z", Instant{1457920740, 243167252}},
    {"tenths", "2016-03-14T01:59:00.5Z", Instant{1457920740, 500000000}},
    {"offset", "2016-03-14T03:59:00+02:00", Instant{1457920740, 0}},
    {"offset_behind", "2016-03-13T20:29:00-05:30", Instant{1457920740, 0}},
    {"leap_day", "2016-02-29T00:00:00Z", Instant{1456704000, 0}},
    {"no_leap_day", "2015-02-29T00:00:00Z", std::nullopt},
    {"blank_for_t", "2016-12-05 21:29:29Z", std::nullopt},
    {"lower_t", "2016-12-05t21:29:29Z", std::nullopt},
    {"no_offset", "2016-12-05T21:29:29", std::nullopt},
    {"month_13", "2016-13-05T21:29:29Z", std::nullopt},
    {"hour_25", "2016-12-05T25:29:29Z", std::nullopt},
    {"day_first", "05-12-2016T21:29:29Z", std::nullopt},
    {"ten_digits", "2016-12-05T21:29:29.1234567891Z", std::nullopt},
    {"empty_fraction", "2016-12-05T21:29:29.Z", std::nullopt},
    {"more_behind", "2016-12-05T21:29:29Z ", std::nullopt},
    {"far_offset", "2016-12-05T21:29:29+19:00", std::nullopt},
    {"empty", "", std::nullopt},
};

INSTANTIATE_TEST_SUITE_P(Texts, Timestamps, ::testing::ValuesIn(kRows), [](const auto& row) {
    return row.param.name;
});

}  // namespace
}  // namespace kiln::flow
