#include "asl/json_error.hpp"

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

constexpr auto kAny = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

struct Row {
    std::string name;
    std::string text;
    std::string message;
    std::size_t line;
    std::size_t column;
};

class JsonFaults : public ::testing::TestWithParam<Row> {};

TEST_P(JsonFaults, AreToldInJacksonsWords) {
    const auto fault = explain_json_error(GetParam().text);
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->message, GetParam().message);
    EXPECT_EQ(fault->line, GetParam().line);
    EXPECT_EQ(fault->column, GetParam().column);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    JsonFaults,
    ::testing::Values(
        Row{"Word",
            "not a definition",
            std::string{"Unrecognized token 'not': was expecting "} + kAny,
            1,
            4},
        Row{"WordInObject",
            "{\"a\": nul}",
            std::string{"Unrecognized token 'nul': was expecting "} + kAny,
            1,
            10},
        Row{"LongLiteral",
            "[truest]",
            std::string{"Unrecognized token 'truest': was expecting "} + kAny,
            1,
            8},
        Row{"SingleQuotedName",
            "{'a': 1}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            1,
            3},
        Row{"CommaBehindLast",
            "{\"a\":1,}",
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
            1,
            9},
        Row{"CommaBehindLastItem",
            "[1,]",
            std::string{"Unexpected character (']' (code 93)): expected a valid value "} + kAny,
            1,
            5},
        Row{"NoComma",
            "[1 2]",
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
            1,
            5},
        Row{"NoCommaInObject",
            "{\"a\":1 \"b\":2}",
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            1,
            9},
        Row{"NoColon",
            "{\"a\" 1}",
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name "
            "and value",
            1,
            7},
        Row{"NoValue", "{\"a\":}", "Unexpected character ('}' (code 125)): expected a value", 1, 7},
        Row{"WrongClose",
            "[1}",
            "Unexpected close marker '}': expected ']' (for Array starting at [Source: "
            "(String)\"[1}\"; line: 1, column: 1])",
            1,
            4},
        Row{"OpenObject",
            "{\n\"a\":1",
            "Unexpected end-of-input: expected close marker for Object (start marker at [Source: "
            "(String)\"{\n\"a\":1\"; "
            "line: 1, column: 1])",
            2,
            6},
        Row{"EndBehindName",
            "{\"a\"",
            "Unexpected end-of-input within/between Object entries",
            1,
            5},
        Row{"OpenText",
            "[\"abc",
            "Unexpected end-of-input: was expecting closing quote for a string value",
            1,
            6},
        Row{"OpenName", "{\"abc", "Unexpected end-of-input in field name", 1, 6},
        Row{"LineBreakInText",
            "\"a\nb\"",
            "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash "
            "to be included in "
            "string value",
            2,
            1},
        Row{"BadEscape", "\"\\x\"", "Unrecognized character escape 'x' (code 120)", 1, 4},
        Row{"BadHex",
            "\"\\u00g0\"",
            "Unexpected character ('g' (code 103)): expected a hex-digit for character escape "
            "sequence",
            1,
            7},
        Row{"LeadingZero", "01", "Invalid numeric value: Leading zeroes not allowed", 1, 2},
        Row{"OnlyMinus",
            "[-]",
            "Unexpected character (']' (code 93)) in numeric value: expected digit (0-9) to follow "
            "minus sign, for valid "
            "numeric value",
            1,
            4},
        Row{"NoDecimals",
            "[1.]",
            "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by "
            "a digit",
            1,
            5},
        Row{"NoExponent",
            "[1e]",
            "Unexpected character (']' (code 93)) in numeric value: Exponent indicator not "
            "followed by a digit",
            1,
            5},
        Row{"WideCharacters",
            "[\"\xF0\x9F\x98\x80\" x]",
            "Unexpected character ('x' (code 120)): was expecting comma to separate Array entries",
            1,
            8},
        Row{"LoneSurrogate",
            "\"\\ud800\"",
            "Unpaired surrogate in a character escape sequence",
            1,
            8},
        Row{"Nothing", " \n", "No content to map due to end-of-input", 2, 1}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(JsonFaults, AreNotInGoodTexts) {
    for (const std::string text :
         {"{}",
          "[]",
          "1",
          "-0.5e+3",
          "\"\\u00e4\\n\\ud83d\\ude00\"",
          "null",
          " true ",
          R"({"a":[1,{"b":null},"x"],"a":2})"}) {
        EXPECT_EQ(explain_json_error(text), std::nullopt) << text;
    }
}

TEST(JsonFaults, NestingBeyondAThousandIsOne) {
    EXPECT_EQ(explain_json_error(std::string(1000, '[') + std::string(1000, ']')), std::nullopt);
    const auto fault = explain_json_error(std::string(5'000'000, '['));
    ASSERT_TRUE(fault.has_value());
    EXPECT_THAT(fault->message, ::testing::StartsWith("Document nesting depth (1001) exceeds"));
}

TEST(JsonFaults, AShownSourceIsCutOff) {
    EXPECT_EQ(
        json_source(std::string(503, 'x'), 1, 2),
        "[Source: (String)\"" + std::string(500, 'x') + "\"[truncated 3 chars]; line: 1, column: 2]"
    );
}

}  // namespace
}  // namespace kiln::asl
