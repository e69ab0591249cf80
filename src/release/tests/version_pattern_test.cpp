#include "release/version_pattern.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release {
namespace {

TEST(VersionPattern, GivesThePartsOfAVersionByName) {
    const auto pattern = VersionPattern::parse("v{Major}.{Minor}");
    EXPECT_THAT(
        pattern.match("v4.126").value(),
        testing::ElementsAre(testing::Pair("Major", "4"), testing::Pair("Minor", "126"))
    );
}

struct Row {
    const char* name;
    const char* pattern;
    const char* version;
    bool matches;
};

class Matches : public testing::TestWithParam<Row> {};

TEST_P(Matches, WholeVersionsAlone) {
    const auto& row = GetParam();
    EXPECT_EQ(VersionPattern::parse(row.pattern).match(row.version).has_value(), row.matches);
}

constexpr auto kNightly = "{Year:4}.{Month:2}.{Day:2}";
constexpr auto kRelease = "{Major}.{Minor}.{Patch}";

INSTANTIATE_TEST_SUITE_P(
    VersionPattern,
    Matches,
    testing::Values(
        Row{"release", kRelease, "4.26.1", true},
        Row{"nightly_is_a_release_in_shape", kRelease, "2026.11.25", true},
        Row{"too_few_parts", kRelease, "4.26", false},
        Row{"text_behind", kRelease, "4.26.1-rc1", false},
        Row{"text_in_front", kRelease, "v4.26.1", false},
        Row{"no_digits", kRelease, "4..1", false},
        Row{"nothing", kRelease, "", false},
        Row{"nightly", kNightly, "2026.11.25", true},
        Row{"leap_day", kNightly, "2028.02.29", true},
        Row{"no_leap_day", kNightly, "2026.02.29", false},
        Row{"no_month", kNightly, "2026.13.01", false},
        Row{"too_narrow", kNightly, "2026.1.25", false},
        Row{"too_wide", kNightly, "2026.11.251", false}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(VersionPattern, TellsAShapeFromADate) {
    const auto pattern = VersionPattern::parse(kNightly);
    EXPECT_TRUE(pattern.has_shape_of("2026.13.45"));
    EXPECT_FALSE(pattern.match("2026.13.45"));
}

TEST(VersionPattern, WritesTheVersionOfADay) {
    const TimePoint time = std::chrono::sys_days{std::chrono::year{2026} / 3 / 7};
    EXPECT_EQ(VersionPattern::parse(kNightly).of_day(time), "2026.03.07");
    EXPECT_EQ(
        VersionPattern::parse("{Year:4}.{Month:2}.{Day:2}.{Build}").of_day(time), std::nullopt
    );
}

TEST(VersionPattern, IsShownAsPeopleWriteIt) {
    EXPECT_EQ(VersionPattern::parse(kNightly).shown(), "YYYY.MM.DD");
    EXPECT_EQ(VersionPattern::parse(kRelease).shown(), "N.N.N");
}

struct Refused {
    const char* name;
    const char* pattern;
    const char* why;
};

class Refuses : public testing::TestWithParam<Refused> {};

TEST_P(Refuses, WithTheReason) {
    try {
        static_cast<void>(VersionPattern::parse(GetParam().pattern));
        FAIL() << "it was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), testing::HasSubstr(GetParam().why));
    }
}

INSTANTIATE_TEST_SUITE_P(
    VersionPattern,
    Refuses,
    testing::Values(
        Refused{"open", "{Major", "not closed"},
        Refused{"no_part", "1.0", "has no part"},
        Refused{"empty", "", "has no part"},
        Refused{"twice", "{A}.{A}", "twice"},
        Refused{"joined", "{A}{B}", "between two parts"},
        Refused{"width_zero", "{A:0}", "width"},
        Refused{"width_text", "{A:x}", "width"},
        Refused{"no_name", "{}", "name"},
        Refused{"blank", "{A} {B}", "may be in it"}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace
}  // namespace kiln::release
