#include "base/backoff.hpp"
#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/testing/kind_of.hpp"

#include <set>
#include <unordered_set>

#include <gmock/gmock.h>

namespace kiln {
namespace {

using namespace literals;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Ids, AreThePrefixAnd17HexDigits) {
    const auto id = ImageId::random().str();
    EXPECT_THAT(id, ::testing::MatchesRegex("ami-[0-9a-f]{17}"));
    EXPECT_EQ(ImageId::parse(id).str(), id);
}

TEST(Ids, DoNotRepeat) {
    std::unordered_set<ImageId> seen;
    for (int i = 0; i < 1000; ++i) {
        seen.insert(ImageId::random());
    }
    EXPECT_EQ(seen.size(), 1000U);
}

TEST(Ids, UseEveryDigit) {
    std::set<char> digits;
    for (int i = 0; i < 100; ++i) {
        for (const char c : random_id("")) {
            digits.insert(c);
        }
    }
    EXPECT_EQ(digits.size(), 16U);
}

struct BadId {
    const char* name;
    const char* text;
};

class BadIds : public ::testing::TestWithParam<BadId> {};

TEST_P(BadIds, AreRefusedWithAnExample) {
    const auto error = error_of([] { (void)ImageId::parse(GetParam().text); });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    EXPECT_THAT(error->message(), HasSubstr("an image id; one looks like ami-0123456789abcdef0"));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadIds,
    ::testing::ValuesIn(std::vector<BadId>{
        {"empty", ""},
        {"prefix_alone", "ami-"},
        {"short", "ami-0123456789abcdef"},
        {"long", "ami-0123456789abcdef01"},
        {"upper_case", "ami-0123456789ABCDEF0"},
        {"no_hex", "ami-0123456789abcdefg"},
        {"another_kind", "snap-0123456789abcdef0"},
        {"space_behind", "ami-0123456789abcdef0 "},
        {"space_before", " ami-0123456789abcdef0"},
        {"path", "../-0123456789abcdef0"},
    }),
    [](const auto& row) { return row.param.name; }
);

struct SizeRow {
    const char* name;
    const char* text;
    std::optional<std::uint64_t> bytes;
};

class Sizes : public ::testing::TestWithParam<SizeRow> {};

TEST_P(Sizes, AreReadOrRefused) {
    const auto& row = GetParam();
    if (row.bytes) {
        EXPECT_EQ(parse_bytes(row.text).count, *row.bytes);
    } else {
        EXPECT_EQ(kind_of([&] { (void)parse_bytes(row.text); }), ErrorKind::invalid);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Sizes,
    ::testing::ValuesIn(std::vector<SizeRow>{
        {"plain", "4096", 4096},
        {"zero", "0", 0},
        {"bytes", "17B", 17},
        {"kib", "1KiB", 1024},
        {"mib", "512MiB", 536870912},
        {"gib", "8GiB", 8589934592},
        {"tib", "1TiB", 1099511627776},
        {"largest", "9223372036854775808", std::uint64_t{1} << 63},
        {"beyond", "9223372036854775809", std::nullopt},
        {"beyond_by_unit", "8388609TiB", std::nullopt},
        {"beyond_64_bits", "99999999999999999999", std::nullopt},
        {"decimal_unit", "8GB", std::nullopt},
        {"letter", "8G", std::nullopt},
        {"lower_case", "8gib", std::nullopt},
        {"fraction", "1.5GiB", std::nullopt},
        {"negative", "-1", std::nullopt},
        {"plus", "+1", std::nullopt},
        {"empty", "", std::nullopt},
        {"unit_alone", "GiB", std::nullopt},
        {"space", "8 GiB", std::nullopt},
        {"rest", "8GiB!", std::nullopt},
        {"hex", "0x10", std::nullopt},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(Bytes, AreShownWithTheirUnit) {
    EXPECT_EQ(humanize(17_B), "17 B");
    EXPECT_EQ(humanize(1536_MiB), "1.5 GiB");
    EXPECT_EQ(humanize(512_KiB), "512 KiB");
    EXPECT_EQ(humanize(5000_GiB), "4.9 TiB");
    EXPECT_EQ(humanize(5000_GiB * 1024), "5000 TiB");
}

TEST(Bytes, AreReckonedWith) {
    EXPECT_EQ(1_KiB + 24_B, 1048_B);
    EXPECT_EQ(1_MiB - 1_KiB, 1023_KiB);
    EXPECT_LT(1_MiB, 1_GiB);
}

struct BackoffRow {
    const char* name;
    unsigned attempt;
    double jitter;
    std::optional<Duration> retry_after;
    Duration expected;
};

class Backoff : public ::testing::TestWithParam<BackoffRow> {};

TEST_P(Backoff, IsAsTheTableSays) {
    const auto& row = GetParam();
    EXPECT_EQ(backoff(row.attempt, 100ms, 5s, row.jitter, row.retry_after), row.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Backoff,
    ::testing::ValuesIn(std::vector<BackoffRow>{
        {"first", 0, 1.0, std::nullopt, 100ms},
        {"second_doubles", 1, 1.0, std::nullopt, 200ms},
        {"fifth", 4, 1.0, std::nullopt, 1600ms},
        {"last_below_the_cap", 5, 1.0, std::nullopt, 3200ms},
        {"cap", 6, 1.0, std::nullopt, 5s},
        {"far_beyond_the_cap", 4'000'000'000, 1.0, std::nullopt, 5s},
        {"half", 1, 0.5, std::nullopt, 100ms},
        {"no_jitter_no_wait", 3, 0.0, std::nullopt, 0ms},
        {"retry_after_is_a_floor", 0, 0.0, 2s, 2s},
        {"jitter_spreads_above_the_floor", 1, 0.5, 2s, 2100ms},
        {"jitter_is_clamped_above", 0, 7.0, std::nullopt, 100ms},
        {"jitter_is_clamped_below", 0, -1.0, std::nullopt, 0ms},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(Backoff, BaseAboveTheCapIsTheCap) {
    EXPECT_EQ(backoff(0, 10s, 1s, 1.0), 1s);
}

TEST(Backoff, NoBaseIsNoWaitAndEnds) {
    EXPECT_EQ(backoff(4'000'000'000, 0s, 1s, 1.0), 0s);
}

TEST(Random, JitterIsAShareAndVaries) {
    std::set<double> seen;
    for (int i = 0; i < 100; ++i) {
        const auto jitter = random_jitter();
        EXPECT_GE(jitter, 0.0);
        EXPECT_LT(jitter, 1.0);
        seen.insert(jitter);
    }
    EXPECT_GT(seen.size(), 50U);
}

TEST(Deadline, PassedOneIsZeroForPoll) {
    const auto deadline = Deadline::after(-1s);
    EXPECT_TRUE(deadline.passed());
    EXPECT_EQ(deadline.poll_timeout(), 0);
}

TEST(Deadline, NeverIsMinusOneForPoll) {
    EXPECT_FALSE(Deadline::never().passed());
    EXPECT_EQ(Deadline::never().poll_timeout(), -1);
}

TEST(Deadline, ShortWaitIsRoundedUpNotToABusyLoop) {
    EXPECT_GT(Deadline::after(1h + 1ns).poll_timeout(), 0);
    EXPECT_LE(Deadline::after(1h).poll_timeout(), 3'600'000);
    EXPECT_GT(Deadline::after(1h).poll_timeout(), 3'500'000);
}

TEST(Deadline, LongWaitFitsPoll) {
    EXPECT_EQ(Deadline::after(24h * 365).poll_timeout(), std::numeric_limits<int>::max());
}

TEST(Deadline, SpanBeyondTheClockMeansNever) {
    EXPECT_EQ(Deadline::after(std::chrono::nanoseconds::max()).at(), Deadline::never().at());
}

TEST(Deadline, EarlierOfTwoIsTaken) {
    const auto soon = Deadline::after(1s);
    EXPECT_EQ(Deadline::earlier(soon, Deadline::never()).at(), soon.at());
    EXPECT_EQ(Deadline::earlier(Deadline::never(), soon).at(), soon.at());
}

}  // namespace
}  // namespace kiln
