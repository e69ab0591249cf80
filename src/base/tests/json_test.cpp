#include "base/json.hpp"

#include "base/testing/kind_of.hpp"

#include <gmock/gmock.h>

namespace kiln {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

using Need = ObjectReader::Need;

struct BadRow {
    const char* name;
    const char* text;
    const char* said;
};

class BadJson : public ::testing::TestWithParam<BadRow> {};

TEST_P(BadJson, IsRefusedWithItsPlace) {
    const auto error = error_of([] { (void)parse_json(GetParam().text); });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind(), ErrorKind::invalid);
    EXPECT_THAT(error->message(), HasSubstr(GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadJson,
    ::testing::ValuesIn(std::vector<BadRow>{
        {"empty", "", "line 1, column 1"},
        {"blank", "  \n ", "line 2"},
        {"cut", "{\"a\": 1", "incomplete"},
        {"third_line", "{\n  \"a\": 1,\n  \"b\": x\n}", "line 3, column 8"},
        {"trailing_comma", "{\"a\": 1,}", "line 1, column 9"},
        {"comment", "{} // no", "line 1"},
        {"second_document", "{} {}", "line 1, column 4"},
        {"single_quotes", "{'a': 1}", "line 1, column 2"},
        {"not_a_number", "NaN", "line 1"},
        {"leading_zero", "01", "line 1"},
        {"not_utf8", "\"\xff\"", "line 1"},
        {"duplicate", "{\"a\": 1, \"a\": 2}", "key \"a\" stands twice"},
        {"duplicate_by_escape", "{\"a\": 1, \"\\u0061\": 2}", "key \"a\" stands twice"},
        {"duplicate_deep_down",
         "{\"x\": [{\"b\": 1, \"c\": 2, \"b\": 3}]}",
         "key \"b\" stands twice"},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST(ParseJson, SameKeyInTwoObjectsIsNoDuplicate) {
    EXPECT_EQ(
        kind_of([] { (void)parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})"); }),
        std::nullopt
    );
}

TEST(ParseJson, LongTextIsRefusedUnread) {
    EXPECT_EQ(kind_of([] { (void)parse_json("[1, 2, 3]", 9); }), std::nullopt);
    EXPECT_THAT(
        message_of([] { (void)parse_json("[1, 2, 3]", 8); }),
        HasSubstr("longer than the limit of 8")
    );
}

TEST(ParseJson, DeepNestingIsRefused) {
    const auto text = std::string(100'000, '[');
    EXPECT_EQ(kind_of([&] { (void)parse_json(text); }), ErrorKind::invalid);
}

TEST(ParseJson, TextBehindOfBlanksAloneIsAllowed) {
    EXPECT_TRUE(parse_json(" {} \n\t").is_object());
}

/// With a search through all earlier keys this takes minutes.
TEST(ParseJson, ManyKeysAreCheckedInReasonableTime) {
    std::string text = "{";
    for (int i = 0; i < 100'000; ++i) {
        text += "\"" + std::to_string(i) + "\":0,";
    }
    text += "\"0\":1}";
    EXPECT_THAT(message_of([&] { (void)parse_json(text); }), HasSubstr("key \"0\" stands twice"));
}

TEST(PrettyJson, IsIndentedKeepsOrderAndIsReadBack) {
    const auto value = parse_json(R"({"b":[1,{"c":null}],"a":"x\n","empty":{},"none":[]})");
    const auto* const expected =
        "{\n  \"b\": [\n    1,\n    {\n      \"c\": null\n    }\n  ],\n  \"a\": \"x\\n\",\n"
        "  \"empty\": {},\n  \"none\": []\n}\n";
    EXPECT_EQ(pretty_json(value), expected);
    EXPECT_EQ(parse_json(pretty_json(value)), value);
}

class Reader : public ::testing::Test {
  protected:
    ObjectReader& read(std::string_view text, std::string where = "") {
        value_ = parse_json(text);
        return reader_.emplace(value_, std::move(where), problems_);
    }

    [[nodiscard]] std::vector<std::string> said() const {
        std::vector<std::string> said;
        for (const auto& [where, what] : problems_) {
            said.push_back(where + ": " + what);
        }
        return said;
    }

    json::value value_;
    std::vector<Problem> problems_;
    std::optional<ObjectReader> reader_;
};

TEST_F(Reader, GivesEveryKindOfField) {
    auto& reader = read(
        R"({"s":"x","b":true,"i":-3,"l":["p","q"],"m":{"k":"v"},"o":{"z":1},"a":[1],"any":1.5})"
    );
    EXPECT_EQ(reader.string("s"), "x");
    EXPECT_EQ(reader.boolean("b"), true);
    EXPECT_EQ(reader.integer("i", -10, 10), -3);
    EXPECT_THAT(*reader.strings("l"), ElementsAre("p", "q"));
    EXPECT_THAT(*reader.string_map("m"), ElementsAre(Pair("k", "v")));
    EXPECT_THAT(*reader.object("o"), SizeIs(1));
    EXPECT_THAT(*reader.array("a"), SizeIs(1));
    EXPECT_EQ(reader.value("any")->as_double(), 1.5);
    reader.finish();
    EXPECT_THAT(said(), IsEmpty());
}

TEST_F(Reader, CollectsEverythingThatIsWrong) {
    auto& reader = read(R"({"s":1,"b":"yes","i":"3","l":["p",2,null],"m":{"k":1},"o":[],"a":{}})");
    EXPECT_EQ(reader.string("s"), std::nullopt);
    EXPECT_EQ(reader.boolean("b"), std::nullopt);
    EXPECT_EQ(reader.integer("i", 0, 10), std::nullopt);
    (void)reader.strings("l");
    (void)reader.string_map("m");
    EXPECT_EQ(reader.object("o"), nullptr);
    EXPECT_EQ(reader.array("a"), nullptr);
    (void)reader.string("name", Need::required);
    EXPECT_THAT(
        said(),
        ElementsAre(
            "s: must be a string, not a number",
            "b: must be true or false, not a string",
            "i: must be a whole number, not a string",
            "l[1]: must be a string, not a number",
            "l[2]: must be a string, not null",
            "m.k: must be a string, not a number",
            "o: must be an object, not an array",
            "a: must be an array, not an object",
            "name: is required"
        )
    );
}

TEST_F(Reader, NullIsAbsent) {
    auto& reader = read(R"({"s":null,"r":null})");
    EXPECT_EQ(reader.string("s"), std::nullopt);
    EXPECT_THAT(said(), IsEmpty());
    (void)reader.string("r", Need::required);
    EXPECT_THAT(said(), ElementsAre("r: is required"));
}

struct NumberRow {
    const char* name;
    const char* text;
    std::optional<std::int64_t> number;
};

class Numbers : public ::testing::TestWithParam<NumberRow> {};

TEST_P(Numbers, AreWholeAndWithinTheirRange) {
    std::vector<Problem> problems;
    const auto document = parse_json(std::string{"{\"n\":"} + GetParam().text + "}");
    ObjectReader reader{document, "", problems};
    EXPECT_EQ(reader.integer("n", 1, 100), GetParam().number);
    EXPECT_EQ(problems.empty(), GetParam().number.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Numbers,
    ::testing::ValuesIn(std::vector<NumberRow>{
        {"lowest", "1", 1},
        {"highest", "100", 100},
        {"whole_by_value", "8.0", 8},
        {"too_low", "0", std::nullopt},
        {"negative", "-1", std::nullopt},
        {"too_high", "101", std::nullopt},
        {"fraction", "1.5", std::nullopt},
        {"beyond_int64", "9223372036854775808", std::nullopt},
        {"beyond_uint64", "1e300", std::nullopt},
        {"boolean", "true", std::nullopt},
    }),
    [](const auto& row) { return row.param.name; }
);

TEST_F(Reader, UnknownKeysAreNamedWithASuggestion) {
    auto& reader = read(R"({"name":"x","bootsrap":{},"volume":1})");
    (void)reader.string("name");
    (void)reader.object("bootstrap");
    reader.finish();
    EXPECT_THAT(
        said(),
        ElementsAre("bootsrap: unknown key; did you mean \"bootstrap\"?", "volume: unknown key")
    );
}

TEST_F(Reader, OfVeryManyUnknownKeysTheFirstAreNamed) {
    std::string text = "{";
    for (int i = 0; i < 1000; ++i) {
        text += (i == 0 ? "\"key-" : ",\"key-") + std::to_string(i) + "\":0";
    }
    read(text + "}").finish();
    ASSERT_THAT(problems_, SizeIs(21));
    EXPECT_EQ(problems_.back(), (Problem{"document", "980 more unknown keys"}));
}

TEST_F(Reader, PathsAreThoseOfTheDocument) {
    auto& reader = read(R"({"size":"x","other":1})", "requests[2].volume");
    (void)reader.integer("size", 0, 1);
    reader.complain("zone", "is closed");
    reader.finish();
    EXPECT_THAT(
        said(),
        ElementsAre(
            "requests[2].volume.size: must be a whole number, not a string",
            "requests[2].volume.zone: is closed",
            "requests[2].volume.other: unknown key"
        )
    );
}

TEST_F(Reader, WhatIsNoObjectIsOneProblem) {
    auto& reader = read("[1]");
    EXPECT_EQ(reader.string("name", Need::required), std::nullopt);
    reader.finish();
    EXPECT_THAT(said(), ElementsAre("document: must be an object, not an array"));
}

}  // namespace
}  // namespace kiln
