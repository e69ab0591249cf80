#include "cli/eval.hpp"

#include <gtest/gtest.h>

namespace kiln::cli {
namespace {

struct Case {
    const char* name;
    EvalLanguage language;
    const char* expression;
    const char* result;  ///< JSON; "" nothing
};

class Evaluating : public ::testing::TestWithParam<Case> {};

TEST_P(Evaluating, GivesTheValue) {
    const auto document = json::parse(R"({"a":[1,2],"s":"x"})");
    const auto bindings = json::parse(R"({"v":{"w":7}})").as_object();
    const auto result = evaluate(GetParam().language, GetParam().expression, &document, bindings);
    ASSERT_TRUE(std::holds_alternative<std::optional<json::value>>(result));
    const auto& value = std::get<std::optional<json::value>>(result);
    const std::string expected = GetParam().result;
    EXPECT_EQ(
        value, expected.empty() ? std::nullopt : std::optional<json::value>{json::parse(expected)}
    );
}

INSTANTIATE_TEST_SUITE_P(
    Expressions,
    Evaluating,
    ::testing::Values(
        Case{"Jsonata", EvalLanguage::jsonata, "$sum(a) + $v.w", "10"},
        Case{"JsonataUndefined", EvalLanguage::jsonata, "nothing", ""},
        Case{"Path", EvalLanguage::jsonpath, "$.a[1]", "2"},
        Case{"PathOfAVariable", EvalLanguage::jsonpath, "$v.w", "7"},
        Case{"Intrinsic", EvalLanguage::intrinsic, "States.ArrayLength($.a)", "2"}
    ),
    [](const auto& test) { return test.param.name; }
);

std::string code_of(EvalLanguage language, const char* expression) {
    const auto result = evaluate(language, expression, nullptr, {});
    const auto* failure = std::get_if<EvalFailure>(&result);
    return failure == nullptr ? "" : failure->code;
}

TEST(EvaluatingFails, WithTheLanguagesCode) {
    EXPECT_EQ(code_of(EvalLanguage::jsonata, "1 +"), "S0207");
    EXPECT_EQ(code_of(EvalLanguage::jsonata, "1 + 'a'"), "T2002");
    EXPECT_EQ(code_of(EvalLanguage::jsonpath, "$.a."), "syntax");
    EXPECT_EQ(code_of(EvalLanguage::jsonpath, "$v.w"), "unassigned");
    EXPECT_EQ(code_of(EvalLanguage::intrinsic, "States.StringToJson('{')"), "argument");
}

}  // namespace
}  // namespace kiln::cli
