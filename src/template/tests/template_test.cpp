#include "template/template.hpp"

#include "base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::templates {
namespace {

using ::testing::ElementsAre;

const Values kValues{
    {"Site", "org"}, {"Env", "prod"}, {"Empty", ""}, {"Sly", "{{.Site}}"}, {"_x9", "nine"}};

struct Row {
    std::string name, text, rendered;
};

class Rendered : public ::testing::TestWithParam<Row> {};

TEST_P(Rendered, IsTheTextWithItsValues) {
    EXPECT_EQ(Template::parse(GetParam().text).render(kValues), GetParam().rendered);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Rendered,
    ::testing::Values(
        Row{"Nothing", "", ""},
        Row{"PlainText", "echo 'hi' %s { } %d\n", "echo 'hi' %s { } %d\n"},
        Row{"AValue", "{{.Site}}", "org"},
        Row{"ValuesInText", "a-{{.Site}}-{{.Env}}-b", "a-org-prod-b"},
        Row{"TheSameTwice", "{{.Site}}{{.Site}}", "orgorg"},
        Row{"BlanksInside", "{{ .Site }}{{\n\t.Env\n}}", "orgprod"},
        Row{"AnEmptyValue", "<{{.Empty}}>", "<>"},
        Row{"UnderscoreAndDigits", "{{._x9}}", "nine"},
        Row{"AValueIsNotReadAgain", "{{.Sly}}", "{{.Site}}"},
        Row{"ClosingBracesAlone", "a}}b", "a}}b"},
        Row{"OneBrace", "a{b", "a{b"},
        Row{"BracesAsText", R"({{"{{"}}.State}})", "{{.State}}"},
        Row{"EscapesInText", R"({{ "a\"b\\c\n\t" }})", "a\"b\\c\n\t"},
        Row{"RawText", "{{`{{.State}} \\n`}}", "{{.State}} \\n"},
        Row{"ThreeBraces", R"({{"{"}}{{.Site}}})", "{org}"},
        Row{"Utf8", "é{{.Site}}é", "éorgé"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

struct BadRow {
    std::string name, text;
    std::vector<Problem> problems;
};

class Refused : public ::testing::TestWithParam<BadRow> {};

TEST_P(Refused, SaysWhatAndWhere) {
    try {
        (void)Template::parse(GetParam().text).render(kValues);
        FAIL() << "was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_EQ(error.problems(), GetParam().problems);
    }
}

const std::string kOnly =
    "; there are values, {{.Name}}, and texts, {{\"text\"}}, and nothing else";

INSTANTIATE_TEST_SUITE_P(
    Table,
    Refused,
    ::testing::Values(
        BadRow{
            "MissingValue",
            "a\nbé{{.Sit}}",
            {{"line 2, column 3", "there is no value 'Sit'; did you mean \"Site\"?"}}},
        BadRow{
            "AllMissingValues",
            "{{.Alpha}} {{.Omega}}",
            {{"line 1, column 1", "there is no value 'Alpha'"},
             {"line 1, column 12", "there is no value 'Omega'"}}},
        BadRow{"NotClosed", "ab{{.Site", {{"line 1, column 3", "{{ is not closed by }}"}}},
        BadRow{
            "NoDot",
            "{{Site}}",
            {{"line 1, column 1", "'Site' is no function; a value is written {{.Site}}"}}},
        BadRow{
            "AFunction",
            "\n {{env \"HOME\"}}",
            {{"line 2, column 2", "'env \"HOME\"' is not understood" + kOnly}}},
        BadRow{
            "ACondition",
            "{{if .Site}}x{{end}}",
            {{"line 1, column 1", "'if .Site' is not understood" + kOnly},
             {"line 1, column 14", "'end' is no function; a value is written {{.end}}"}}},
        BadRow{
            "AFieldOfAField",
            "{{.Site.Env}}",
            {{"line 1, column 1", "'.Site.Env' is not understood" + kOnly}}},
        BadRow{"ADigitFirst", "{{.9x}}", {{"line 1, column 1", "'.9x' is not understood" + kOnly}}},
        BadRow{"Nothing", "{{}}", {{"line 1, column 1", "'' is not understood" + kOnly}}},
        BadRow{"TextNotClosed", "{{\"abc}}", {{"line 1, column 1", "its \" is not closed"}}},
        BadRow{"RawTextNotClosed", "{{`abc}}", {{"line 1, column 1", "its ` is not closed"}}},
        BadRow{
            "MoreAfterAText",
            "{{\"a\" \"b\"}}",
            {{"line 1, column 7", "}} has to follow the text"}}},
        BadRow{
            "UnknownEscape",
            R"({{"\x"}})",
            {{"line 1, column 4", R"(of \ there are \" \\ \n \t)"}}},
        BadRow{
            "ALongOne",
            "{{" + std::string(100, 'a') + "-}}",
            {{"line 1, column 1", "'" + std::string(40, 'a') + "…' is not understood" + kOnly}}}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Template, TellsEachNameItAsksForOnce) {
    EXPECT_THAT(Template::parse("{{.b}}{{.a}} {{.b}} {{\".c\"}}").names(), ElementsAre("a", "b"));
}

TEST(Template, IsRenderedAsOftenAsWanted) {
    const auto name = Template::parse("{{.Role}}-{{.Id}}");
    EXPECT_EQ(name.render({{"Role", "web"}, {"Id", "1"}}), "web-1");
    EXPECT_EQ(name.render({{"Role", "db"}, {"Id", "2"}}), "db-2");
}

}  // namespace
}  // namespace kiln::templates
