#include "jsonpath/intrinsic.hpp"

#include "jsonpath/tests/store.hpp"
#include "jsonpath/text.hpp"

#include <gmock/gmock.h>

namespace kiln::jsonpath {
namespace {

const Documents& documents() {
    static const Documents all{{
        {"$", parse_json(R"({"s": "a,b", "n": 1.5, "neg": -1.5, "nil": null, "big": 1e10,
              "o": {"Arg1": 1, "Arg2": []}, "l": [1, 2, 2, [1], [1], 1.0], "data": "input data",
              "tpl": "<{}>", "x": {"a": {"p": 1}, "b": 2}, "y": {"a": {"q": 1}, "c": 3}})")},
        {"$$", parse_json(R"({"State": {"Name": "one-two"}})")},
        {"$v", parse_json(R"({"w": [7]})")},
    }};
    return all;
}

std::string value_of(std::string_view text) {
    StillWorld world;
    return compact_text(Intrinsic::compile(text).evaluate(documents().resolver(), world));
}

struct CallRow {
    const char* name;
    const char* call;
    const char* expected;
};

class Calls : public ::testing::TestWithParam<CallRow> {};

TEST_P(Calls, GiveTheValue) {
    EXPECT_EQ(value_of(GetParam().call), GetParam().expected);
}

auto row_name = [](const auto& row) { return std::string{row.param.name}; };

/// Marked (AWS): recorded from AWS.
INSTANTIATE_TEST_SUITE_P(
    Table,
    Calls,
    ::testing::ValuesIn(std::vector<CallRow>{
        {"format_text", "States.Format('Hi {}.', $.s)", R"("Hi a,b.")"},
        {"format_null", "States.Format('{}', $.nil)", R"("null")"},  // (AWS)
        {"format_number", "States.Format('{}', 1.1)", R"("1.1")"},   // (AWS)
        {"format_large", "States.Format('{}', $.big)", R"("1.0E10")"},
        {"format_object", "States.Format('{}', $.o)", R"("{Arg1=1, Arg2=[]}")"},  // (AWS)
        {"format_escapes", R"(States.Format('\{\} {} \'\\', 1))", R"("{} 1 '\\")"},
        {"format_from_a_path", "States.Format($.tpl, true)", R"("<true>")"},
        {"format_without", "States.Format('x')", R"("x")"},
        {"format_lone_brace", "States.Format('{ } {}', 1)", R"("{ } 1")"},
        {"array_empty", "States.Array()", "[]"},  // (AWS)
        {"array_kinds",
         "States.Array('a', -1, 2.5, true, null, $.s)",
         R"(["a",-1,2.5,true,null,"a,b"])"},
        {"partition", "States.ArrayPartition($.l, 4)", "[[1,2,2,[1]],[[1],1.0]]"},
        {"partition_of_nothing", "States.ArrayPartition(States.Array(), 4)", "[]"},  // (AWS)
        {"contains", "States.ArrayContains($.l, 2)", "true"},
        {"contains_array", "States.ArrayContains($.l, States.Array(1))", "true"},  // (AWS)
        {"contains_not", "States.ArrayContains($.l, '2')", "false"},
        {"range", "States.ArrayRange(1, 9, 2)", "[1,3,5,7,9]"},      // (AWS)
        {"range_past", "States.ArrayRange(0, 10, 3)", "[0,3,6,9]"},  // (AWS)
        {"range_one", "States.ArrayRange(1, 9, 9)", "[1]"},          // (AWS)
        {"range_down", "States.ArrayRange(3, 1, -1)", "[3,2,1]"},
        {"range_empty", "States.ArrayRange(3, 1, 1)", "[]"},
        {"get_item", "States.ArrayGetItem($.l, 3)", "[1]"},
        {"length", "States.ArrayLength($.l)", "6"},
        {"unique", "States.ArrayUnique($.l)", "[1,2,[1],1.0]"},
        {"encode", "States.Base64Encode('Data to encode')", R"("RGF0YSB0byBlbmNvZGU=")"},  // (AWS)
        {"decode", "States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", R"("Data to encode")"},  // (AWS)
        {"decode_unpadded", "States.Base64Decode('YQ')", R"("a")"},
        {"hash_md5",
         "States.Hash($.data, 'MD5')",
         R"("812f45842bc6d66ee14572ce20db8e86")"},  // (AWS)
        {"hash_sha1",
         "States.Hash($.data, 'SHA-1')",
         R"("aaff4a450a104cd177d28d18d74485e8cae074b7")"},  // (AWS)
        {"hash_of_json",
         "States.Hash(States.Array(), 'MD5')",
         R"("d751713988987e9331980363e24189ce")"},
        {"merge", "States.JsonMerge($.x, $.y, false)", R"({"a":{"q":1},"b":2,"c":3})"},  // (AWS)
        {"to_json", R"(States.StringToJson('{"a": [1, 2]}'))", R"({"a":[1,2]})"},        // (AWS)
        {"to_json_blank", "States.StringToJson(' ')", "null"},                           // (AWS)
        {"to_json_minus_zero", "States.StringToJson('-0')", "0"},                        // (AWS)
        {"to_string", "States.JsonToString($.o)", R"("{\"Arg1\":1,\"Arg2\":[]}")"},      // (AWS)
        {"to_string_of_a_text", "States.JsonToString('a')", R"("\"a\"")"},               // (AWS)
        {"add", "States.MathAdd(-9, 3)", "-6"},                                          // (AWS)
        {"add_rounds_up", "States.MathAdd($.n, 1.49)", "3"},                             // (AWS)
        {"add_rounds_a_half_up_below_zero", "States.MathAdd($.neg, -1.49)", "-2"},       // (AWS)
        {"split",
         "States.StringSplit('This.is+a,test=string', '.+,=')",
         R"(["This","is","a","test","string"])"},  // (AWS)
        {"split_leaves_out_what_is_empty",
         "States.StringSplit(', , ,', ',')",
         R"([" "," "])"},                                               // (AWS)
        {"split_only_marks", "States.StringSplit(',,,,', ',')", "[]"},  // (AWS)
        {"split_nothing", "States.StringSplit('', ',')", "[]"},
        {"split_without_marks", "States.StringSplit('ab', '')", R"(["ab"])"},
        {"split_wide_marks", "States.StringSplit('aäböc', 'öä')", R"(["a","b","c"])"},
        {"split_line_ends",
         "States.StringSplit('Hello\nWorld', '\n')",
         R"(["Hello","World"])"},  // (AWS)
        {"uuid", "States.UUID()", R"("00000000-0000-4000-8000-000000000001")"},
        {"context", "States.ArrayGetItem(States.StringSplit($$.State.Name, '-'), 1)", R"("two")"},
        {"variable", "States.Array($v.w[0], $v)", R"([7,{"w":[7]}])"},
        {"filter_within", "States.Array($.l[?(@ == 2)], ')')", R"j([[2,2],")"])j"},
        {"quoted_comma_within", "States.ArrayLength($['l'])", "6"},
        {"length_within", "States.MathAdd($.l.length(), 1)", "7"},
        {"blanks", " States.Array( 1 ,2 ) ", "[1,2]"},
        {"nested_ten_deep",
         "States.Array(States.Array(States.Array(States.Array(States.Array(States.Array(States."
         "Array(States.Array(States.Array(States.Array()))))))))) ",
         "[[[[[[[[[[]]]]]]]]]]"},
    }),
    row_name
);

/// java.util.Random's documentation fixes the algorithm: its first 31 bits are
/// 1562431130 with seed 42, and 1569741360 with seed 0.
TEST(MathRandom, WithASeedIsThatOfJava) {
    EXPECT_EQ(value_of("States.MathRandom(0, 100, 42)"), "30");
    EXPECT_EQ(value_of("States.MathRandom(0, 10, 42)"), "0");
    EXPECT_EQ(value_of("States.MathRandom(0, 1000, 0)"), "360");
    EXPECT_EQ(value_of("States.MathRandom(100, 200, 42)"), "130");
}

TEST(MathRandom, StaysWithinItsBounds) {
    StillWorld world;
    const auto call = Intrinsic::compile("States.MathRandom(-3, 4)");
    std::set<std::int64_t> seen;
    for (world.bits = 0; world.bits < 500; ++world.bits) {
        seen.insert(call.evaluate(documents().resolver(), world).as_int64());
    }
    EXPECT_THAT(seen, ::testing::ElementsAre(-3, -2, -1, 0, 1, 2, 3));
}

TEST(MathRandom, OfWideBoundsIsWithinThem) {
    const auto drawn = json::parse(value_of("States.MathRandom(-9000000000, 9000000000)"));
    EXPECT_GE(drawn.as_int64(), -9'000'000'000);
    EXPECT_LT(drawn.as_int64(), 9'000'000'000);
}

struct RefusedRow {
    const char* name;
    std::string call;
    const char* part;  ///< of the message
};

class RefusedCalls : public ::testing::TestWithParam<RefusedRow> {};

TEST_P(RefusedCalls, NameTheCallAndTheReason) {
    StillWorld world;
    const auto call = Intrinsic::compile(GetParam().call);
    try {
        (void)call.evaluate(documents().resolver(), world);
        FAIL() << "accepted";
    } catch (const IntrinsicError& error) {
        EXPECT_THAT(error.had_error(), ::testing::HasSubstr(GetParam().part));
        EXPECT_THAT(error.had_error(), ::testing::StartsWith("The function '" + error.call()));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    RefusedCalls,
    ::testing::ValuesIn(std::vector<RefusedRow>{
        {"format_too_few", "States.Format('{} {}', 1)", "2 times '{}' for 1 arguments"},
        {"format_too_many", "States.Format('x', 1)", "0 times '{}' for 1 arguments"},
        {"format_of_a_number", "States.Format($.n)", "argument 1 has to be a string"},
        {"partition_of_zero", "States.ArrayPartition($.l, 0)", "greater than zero, not 0"},
        {"partition_of_a_text", "States.ArrayPartition($.s, 1)", "argument 1 has to be an array"},
        {"range_step_zero", "States.ArrayRange(1, 2, 0)", "other than zero"},
        {"range_too_long", "States.ArrayRange(1, 1001, 1)", "more than 1000 items"},
        {"item_outside",
         "States.ArrayGetItem($.l, 6)",
         "the index 6, is outside of the array of 6"},
        {"item_negative", "States.ArrayGetItem($.l, -1)", "the index -1"},
        {"decode_no_base64", "States.Base64Decode('%')", "is not Base64"},
        {"encode_too_long",
         "States.Base64Encode('" + std::string(10'001, 'x') + "')",
         "longer than 10000 characters"},
        {"hash_unknown", "States.Hash('a', 'SHA-3')", "not 'SHA-3'"},
        {"merge_deep", "States.JsonMerge($.x, $.y, true)", "has to be false"},
        {"merge_of_arrays", "States.JsonMerge($.l, $.y, false)", "argument 1 has to be an object"},
        {"to_json_broken", "States.StringToJson('{')", "is not JSON"},
        {"add_text", "States.MathAdd('1', 1)", "argument 1 has to be a number, not a string"},
        {"add_overflow", "States.MathAdd(9223372036854775807, 1)", "does not fit 64 bits"},
        {"random_bounds", "States.MathRandom(2, 2)", "has to be less than"},
        {"path_missing",
         "States.Format('{}', $.x.z)",
         "The JsonPath argument for the field '$.x.z' could not be found in the input "
         "'{\"s\":"},
        {"variable_unassigned", "States.Array($nobody)", "variable '$nobody'"},
        {"inner", "States.Array(States.MathAdd('', 1))", "'States.MathAdd('', 1)' had"},
    }),
    row_name
);

struct BadCallRow {
    const char* name;
    std::string call;
    std::size_t position;
};

class BadCall : public ::testing::TestWithParam<BadCallRow> {};

TEST_P(BadCall, IsRefusedWithItsPosition) {
    try {
        (void)Intrinsic::compile(GetParam().call);
        FAIL() << "accepted";
    } catch (const IntrinsicError& error) {
        EXPECT_EQ(error.fault(), Fault::syntax);
        EXPECT_EQ(error.position(), GetParam().position) << error.message();
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadCall,
    ::testing::ValuesIn(std::vector<BadCallRow>{
        {"empty", "", 0},
        {"no_prefix", "Format('x')", 0},
        {"unknown", "States.Nothing()", 0},
        {"no_parenthesis", "States.UUID", 11},
        {"not_closed", "States.Array(1", 14},
        {"after_the_end", "States.UUID() x", 14},
        {"too_few", "States.MathAdd(1)", 0},
        {"too_many", "States.UUID(1)", 0},
        {"double_quotes", "States.Format(\"x\")", 14},
        {"quote_not_closed", "States.Format('x)", 14},
        {"escape_of_a_double_quote",
         R"(States.StringToJson('{"a":"\"b"}'))",
         27},  // refused by AWS
        {"bad_path", "States.Array($.a[)", 17},
        {"comma_at_the_end", "States.Array(1,)", 15},
        {"no_value", "States.Array(yes)", 13},
        {"array", "States.Array([1])", 13},
    }),
    row_name
);

TEST(HostileCall, EndsWithALimit) {
    const auto fault = [](const std::string& call) {
        try {
            (void)Intrinsic::compile(call);
        } catch (const IntrinsicError& error) {
            return error.fault();
        }
        return Fault::missing;
    };
    std::string deep;
    std::string many;
    for (int i = 0; i < 4000; ++i) {
        deep += "States.Array(";
        many += "1,";
    }
    EXPECT_EQ(fault(deep), Fault::limit);
    EXPECT_EQ(fault("States.Array(" + many), Fault::limit);
    EXPECT_EQ(fault(std::string(70'000, 'S')), Fault::limit);
}

TEST(References, NameWhatAnExpressionReads) {
    References references;
    collect(
        compile_expression("States.Array($a.b, $$.State, States.Array($.c, $a), 1)"), references
    );
    collect(compile_expression("$d"), references);
    EXPECT_THAT(references.variables, ::testing::ElementsAre("a", "d"));
    EXPECT_THAT(references.context_paths, ::testing::ElementsAre("$$.State"));
    EXPECT_THAT(references.input_paths, ::testing::ElementsAre("$.c"));
}

struct TextRow {
    const char* name;
    double number;
    const char* expected;
};

class NumberTexts : public ::testing::TestWithParam<TextRow> {};

TEST_P(NumberTexts, AreThoseOfJava) {
    EXPECT_EQ(number_text(json::value(GetParam().number)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    NumberTexts,
    ::testing::ValuesIn(std::vector<TextRow>{
        {"zero", 0.0, "0.0"},
        {"whole", 100.0, "100.0"},
        {"tenth", 0.1, "0.1"},
        {"thousandth", 0.001, "0.001"},
        {"below_a_thousandth", 0.0001, "1.0E-4"},
        {"below_ten_millions", 9999999.0, "9999999.0"},
        {"ten_millions", 1e7, "1.0E7"},
        {"negative", -1.25e20, "-1.25E20"},
    }),
    row_name
);

}  // namespace
}  // namespace kiln::jsonpath
