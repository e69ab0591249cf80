#include "flow/json_text.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::flow {
namespace {

struct Row {
    const char* name;
    json::value value;
    std::string text;
};

class JsonText : public ::testing::TestWithParam<Row> {};

TEST_P(JsonText, isWhatJavaWrites) {
    EXPECT_EQ(json_text(GetParam().value), GetParam().text);
}

TEST_P(JsonText, isAsLongAsMeasured) {
    EXPECT_EQ(measure_json(GetParam().value, 1'000'000).bytes, GetParam().text.size());
}

const std::vector<Row> kRows{
    {"null", nullptr, "null"},
    {"truth", true, "true"},
    {"whole", -42, "-42"},
    {"largest", std::numeric_limits<std::uint64_t>::max(), "18446744073709551615"},
    {"one_as_double", 1.0, "1.0"},
    {"zero_below", -0.0, "-0.0"},
    {"fraction", 3.3, "3.3"},
    {"thousandth", 0.001, "0.001"},
    {"below_a_thousandth", 0.0001, "1.0E-4"},
    {"below_ten_million", 9999999.0, "9999999.0"},
    {"ten_million", 1.0e7, "1.0E7"},
    {"many_digits", 123456.789, "123456.789"},
    {"large", 1.25e300, "1.25E300"},
    {"escapes", "a\"b\\c\n\t\x01/", "\"a\\\"b\\\\c\\n\\t\\u0001/\""},
    {"other_letters", "\xC3\xA9\xE2\x82\xAC", "\"\xC3\xA9\xE2\x82\xAC\""},
    {"empty_object", json::object{}, "{}"},
    {"empty_array", json::array{}, "[]"},
    {"nested",
     {{"a", {1, 2.5, "x"}}, {"b", {{"c", nullptr}}}},
     R"({"a":[1,2.5,"x"],"b":{"c":null}})"},
};

INSTANTIATE_TEST_SUITE_P(Values, JsonText, ::testing::ValuesIn(kRows), [](const auto& row) {
    return row.param.name;
});

json::value nested(std::size_t levels) {
    json::value value = 1;
    for (std::size_t i = 0; i < levels; ++i) {
        value = json::array{std::move(value)};
    }
    return value;
}

TEST(MeasureJson, seesWhatIsTooDeep) {
    EXPECT_FALSE(measure_json(nested(kDeepestPayload), 1'000'000).too_deep);
    EXPECT_TRUE(measure_json(nested(kDeepestPayload + 1), 1'000'000).too_deep);
}

TEST(MeasureJson, stopsWhereItIsEnough) {
    const json::value value(json::array(100'000, json::value(1)));
    EXPECT_LT(measure_json(value, 10).bytes, 250'000U);
    EXPECT_GT(measure_json(value, 10).bytes, 10U);
}

}  // namespace
}  // namespace kiln::flow
