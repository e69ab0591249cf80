#include "flow/comparison.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace kiln::flow {
namespace {

using asl::Comparator;

struct Row {
    const char* name;
    Comparator comparator;
    json::value value;
    json::value operand;
    bool holds;
};

class Comparisons : public ::testing::TestWithParam<Row> {};

TEST_P(Comparisons, holdOrNot) {
    const auto& row = GetParam();
    EXPECT_EQ(compare(row.comparator, row.value, row.operand), row.holds);
}

const std::vector<Row> kRows{
    {"equal_strings", Comparator::string_equals, "a", "a", true},
    {"string_is_not_number", Comparator::string_equals, 1, "1", false},
    {"string_less", Comparator::string_less, "a", "b", true},
    {"prefix_is_less", Comparator::string_less, "a", "aa", true},
    {"utf16_order", Comparator::string_less, "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", true},
    {"whole_and_double", Comparator::numeric_equals, 1, 1.0, true},
    {"numbers_greater", Comparator::numeric_greater, 1.5, 1, true},
    {"number_of_string", Comparator::numeric_less_equals, "1", 2, false},
    {"wrong_types_are_never_unequal", Comparator::numeric_greater_equals, nullptr, 0, false},
    {"booleans", Comparator::boolean_equals, false, false, true},
    {"boolean_of_text", Comparator::boolean_equals, "false", false, false},
    {"same_moment",
     Comparator::timestamp_equals,
     "2016-03-14T03:59:00+02:00",
     "2016-03-14T01:59:00Z",
     true},
    {"later", Comparator::timestamp_greater, "2016-03-14T01:59:01Z", "2016-03-14T01:59:00Z", true},
    {"no_timestamp", Comparator::timestamp_less, "date", "2016-03-14T01:59:00Z", false},
    {"null", Comparator::is_null, nullptr, true, true},
    {"not_null", Comparator::is_null, 0, false, true},
    {"numeric", Comparator::is_numeric, 1.5, true, true},
    {"string", Comparator::is_string, "", true, true},
    {"boolean", Comparator::is_boolean, 1, true, false},
    {"timestamp", Comparator::is_timestamp, "2016-03-14T01:59:00Z", true, true},
    {"timestamp_not", Comparator::is_timestamp, "2016-03-14", false, true},
    {"matches", Comparator::string_matches, "log-7.txt", "log-*.txt", true},
    {"matches_no_number", Comparator::string_matches, 7, "*", false},
};

INSTANTIATE_TEST_SUITE_P(Operators, Comparisons, ::testing::ValuesIn(kRows), [](const auto& row) {
    return row.param.name;
});

struct Pattern {
    const char* name;
    const char* text;
    const char* pattern;
    bool matches;
};

class Patterns : public ::testing::TestWithParam<Pattern> {};

TEST_P(Patterns, matchOrNot) {
    EXPECT_EQ(string_matches(GetParam().text, GetParam().pattern), GetParam().matches);
}

const std::vector<Pattern> kPatterns{
    {"all", "anything", "*", true},
    {"empty", "", "*", true},
    {"two_stars", "abcabd", "a*b*d", true},
    {"end_has_to_fit", "abc", "a*b", false},
    {"star_gives_back", "aXbXc", "a*Xc", true},
    {"escaped_star", "a*c", "a\\*c", true},
    {"escaped_star_is_no_star", "abc", "a\\*c", false},
    {"escaped_backslash", "a\\c", "a\\\\c", true},
    {"stars_at_the_end", "ab", "ab**", true},
    {"longer_pattern", "ab", "abc", false},
};

INSTANTIATE_TEST_SUITE_P(Texts, Patterns, ::testing::ValuesIn(kPatterns), [](const auto& row) {
    return row.param.name;
});

TEST(Patterns, manyStarsDoNotTakeForever) {
    std::string pattern;
    for (int i = 0; i < 1000; ++i) {
        pattern += "a*";
    }
    EXPECT_FALSE(string_matches(std::string(5000, 'a'), pattern + "b"));
}

}  // namespace
}  // namespace kiln::flow
