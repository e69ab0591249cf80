#include "jsonpath/template.hpp"

#include "jsonpath/tests/store.hpp"
#include "jsonpath/text.hpp"

#include <gmock/gmock.h>

namespace kiln::jsonpath {
namespace {

const Documents& documents() {
    static const Documents all{{
        {"$", parse_json(R"({"a": 1, "l": [1, 2]})")},
        {"$$", parse_json(R"({"Execution": {"Input": {}}})")},
        {"$v", parse_json("[3]")},
    }};
    return all;
}

std::string rendered(std::string_view text) {
    StillWorld world;
    return compact_text(Template::compile(parse_json(text)).render(documents().resolver(), world));
}

TEST(Template, FillsInKeysThatEndInADollar) {
    EXPECT_EQ(
        rendered(R"j({"x.$": "$.a", "y": "$.a", "z.$": "States.Array($v[0])"})j"),
        R"({"x":1,"y":"$.a","z":[3]})"
    );
}

TEST(Template, FillsInAtAnyDepthOfObjectsAndArrays) {
    EXPECT_EQ(
        rendered(R"({"o": {"p": [{"q.$": "$.l[*]"}, 5, ["$.a", {"r.$": "$$.Execution"}]]}})"),
        R"({"o":{"p":[{"q":[1,2]},5,["$.a",{"r":{"Input":{}}}]]}})"
    );
}

TEST(Template, WithoutExpressionsIsConstant) {
    const auto definition = parse_json(R"({"a": [1, {"b": null}], "c$": "$.x"})");
    const auto constant = Template::compile(definition);
    StillWorld world;
    EXPECT_TRUE(constant.is_constant());
    EXPECT_EQ(constant.render(documents().resolver(), world), definition);
    EXPECT_TRUE(Template::compile(json::value("$.a")).is_constant());
    EXPECT_FALSE(Template::compile(parse_json(R"([{"a.$": "$"}])")).is_constant());
}

TEST(Template, CollectsAllProblemsWithTheirPlaces) {
    std::vector<TemplateProblem> problems;
    (void)Template::compile(
        parse_json(R"({"a": [{"b.$": 1}], "c.$": "no path", "d": 1, "d.$": "$.d"})"), problems
    );
    ASSERT_EQ(problems.size(), 3U);
    EXPECT_EQ(problems[0].kind, TemplateProblem::Kind::not_a_string);
    EXPECT_THAT(problems[0].parents, ::testing::ElementsAre("a", "0"));
    EXPECT_EQ(problems[1].kind, TemplateProblem::Kind::not_an_expression);
    EXPECT_EQ(problems[1].field, "c.$");
    EXPECT_EQ(problems[1].value, "no path");
    EXPECT_EQ(problems[2].kind, TemplateProblem::Kind::duplicate_key);
    EXPECT_EQ(problems[2].field, "d.$");
}

TEST(Template, WithProblemsIsRefusedWhole) {
    try {
        (void)Template::compile(parse_json(R"j({"a": {"b.$": "x", "c.$": "States.X()"}})j"));
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        ASSERT_EQ(error.problems().size(), 2U);
        EXPECT_EQ(error.problems()[0].where, "a.b.$");
    }
}

TEST(Template, NestedTooDeepIsRefused) {
    json::value deep = 1;
    for (int i = 0; i < 200; ++i) {
        deep = json::object{{"a", std::move(deep)}};
    }
    EXPECT_THROW((void)Template::compile(deep), Error);
}

TemplateError failure(std::string_view text) {
    StillWorld world;
    try {
        (void)Template::compile(parse_json(text)).render(documents().resolver(), world);
    } catch (const TemplateError& error) {
        return error;
    }
    throw std::logic_error{"rendered"};
}

/// Recorded from AWS, but for the input, which the caller chooses.
TEST(TemplateFailure, OfAPathHasTheSentenceOfAws) {
    const auto error = failure(R"({"o": [{"value.$": "$.no_such"}]})");
    EXPECT_EQ(error.field(), "value.$");
    EXPECT_THAT(error.parents(), ::testing::ElementsAre("o", "0"));
    EXPECT_EQ(error.root(), Root{});
    ASSERT_NE(error.path_error(), nullptr);
    EXPECT_EQ(
        error.sentence(R"({"a":1})"),
        "The JSONPath '$.no_such' specified for the field 'value.$' could not be found in the "
        "input '{\"a\":1}'"
    );
}

TEST(TemplateFailure, OfAContextPathTellsItsRoot) {
    const auto error = failure(R"({"value.$": "$$.Execution.Input.no_such"})");
    EXPECT_EQ(error.root().kind, RootKind::context);
    EXPECT_THAT(
        error.sentence("{}"), ::testing::StartsWith("The JSONPath '$$.Execution.Input.no_such'")
    );
}

TEST(TemplateFailure, OfAVariableWithoutAValueIsToldApart) {
    const auto error = failure(R"({"value.$": "$nobody.x"})");
    EXPECT_EQ(error.path_error()->fault(), Fault::unassigned);
    EXPECT_EQ(error.root().variable, "nobody");
}

TEST(TemplateFailure, OfAFunctionNamesTheCall) {
    const auto error = failure(R"j({"value.$": "States.ArrayLength($.a)"})j");
    EXPECT_EQ(error.path_error(), nullptr);
    EXPECT_EQ(
        error.sentence("{}"),
        "The function 'States.ArrayLength($.a)' had the following error: argument 1 has to be an "
        "array, not a number"
    );
}

TEST(TemplateReferences, AreThoseOfAllExpressions) {
    References references;
    Template::compile(parse_json(R"j({"a.$": "$v", "b": [{"c.$": "States.Array($$.X, $w)"}]})j"))
        .collect(references);
    EXPECT_THAT(references.variables, ::testing::ElementsAre("v", "w"));
    EXPECT_THAT(references.context_paths, ::testing::ElementsAre("$$.X"));
}

}  // namespace
}  // namespace kiln::jsonpath
