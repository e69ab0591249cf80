#include "base/utf8.hpp"
#include "jsonata/tests/evaluated.hpp"

namespace kiln::jsonata {
namespace {

using testing::failure_of;

struct Row {
    std::string_view text;
    std::string_view code;
    std::string_view message;
    std::size_t position;
    std::string_view token;
};

TEST(Errors, HaveJsonatasCodesTextsPlacesAndTokens) {
    const Row rows[] = {
        {"'a' + 1",
         "T2001",
         "The left side of the \"+\" operator must evaluate to a number",
         5,
         "+"},
        {"1 + 'ä'",
         "T2002",
         "The right side of the \"+\" operator must evaluate to a number",
         3,
         "+"},
        {"1 < 'a'",
         "T2009",
         "The values 1 and \"a\" either side of operator \"<\" must be of the same data type",
         3,
         "<"},
        {"'ä😀' & (1 +)", "S0211", "The symbol \")\" cannot be used as a unary operator", 13, ")"},
        {"1 +", "S0207", "Unexpected end of expression", 3, "(end)"},
        {"[1", "S0203", "Expected \"]\" before end of expression", 2, "(end)"},
        {"(1]", "S0202", "Expected \")\", got \"]\"", 3, "]"},
        {"1 2", "S0201", "Syntax error: \"2\"", 3, "2"},
        {"\"a", "S0101", "String literal must be terminated by a matching quote", 2, ""},
        {"'\\q'", "S0103", "Unsupported escape sequence: \\\"q\"", 2, "q"},
        {"a := 1", "S0212", "The left side of := must be a variable name (start with $)", 1, "a"},
        {"nothing()", "T1006", "Attempted to invoke a non-function", 8, "nothing"},
        {"sum(1)", "T1005", "Attempted to invoke a non-function. Did you mean $sum?", 4, "sum"},
        {"$sum('a')",
         "T0412",
         "Argument 1 of function \"sum\" must be an array of \"numbers\"",
         5,
         "sum"},
        {"$length(1)",
         "T0410",
         "Argument 1 of function \"length\" does not match function signature",
         8,
         "length"},
        {"{1: 2}", "T1003", "Key in object structure must evaluate to a string; got: 1", 1, ""},
        {"{'a': 1, 'a': 2}",
         "D1009",
         "Multiple key definitions evaluate to same key: \"a\"",
         1,
         ""},
        {"$error('mine')", "D3137", "mine", 7, "error"},
        {"-'a'", "D1002", "Cannot negate a non-numeric value: \"a\"", 1, "-"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.text);
        const auto error = failure_of(row.text);
        ASSERT_TRUE(error);
        EXPECT_EQ(error->cause(), Cause::expression);
        EXPECT_EQ(error->kind(), ErrorKind::invalid);
        EXPECT_EQ(error->code(), row.code);
        EXPECT_EQ(error->what(), row.message);
        EXPECT_EQ(error->position(), row.position);
        EXPECT_EQ(error->token(), row.token);
    }
}

TEST(Errors, LongValuesAreCut) {
    const auto error = failure_of("$pad('', 100000, 'ä') + 1");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), "T2001");
    EXPECT_LT(error->value().size(), 2100U);
    EXPECT_TRUE(is_utf8(error->value()));
}

TEST(Errors, AFunctionIsNoResult) {
    for (const auto* const text : {"$sum", "function(){1}", "{'a': [$sum]}", "/x/"}) {
        const auto error = failure_of(text);
        ASSERT_TRUE(error) << text;
        EXPECT_EQ(error->cause(), Cause::result_type) << text;
    }
}

TEST(References, AreTheVariablesFromOutsideWithTheirFields) {
    const auto found = compile(
                           "($x := $states.input.a.b; $f := function($y){ $y + $x + $f(1) + $z };"
                           " $states.context[$q > 1].Name & $sum($order.items@$i.($i.price)) & $x)"
    )
                           .references();
    std::vector<std::string> shown;
    for (const auto& reference : found.variables) {
        auto text = reference.variable;
        for (const auto& field : reference.path) {
            text += "." + field;
        }
        shown.push_back(text + (reference.function ? "()" : ""));
    }
    EXPECT_THAT(
        shown,
        ::testing::ElementsAre(
            "states.input.a.b", "z", "states.context", "q", "sum()", "order.items"
        )
    );
    EXPECT_EQ(found.variables[0].position, 14U);
    EXPECT_THAT(found.assigned, ::testing::ElementsAre("x", "f"));
    EXPECT_THAT(found.context, ::testing::IsEmpty());
}

TEST(References, TheInputDocumentIsUsedOnlyOutsideAContextOfItsOwn) {
    const std::pair<std::string_view, std::vector<std::string>> rows[] = {
        {"$", {"$"}},
        {"$$.a", {"$$"}},
        {"name", {"name"}},
        {"a.b[c].d", {"a"}},
        {"*", {"*"}},
        {"**", {"**"}},
        {"{'k': x}", {"x"}},
        {"function(){ y }", {"y"}},
        {"$order[total > 10]", {}},
        {"$order[$$.total]", {}},
        {"$order.total", {}},
        {"$order.($ + total)", {}},
        {"$order^(total)", {}},
        {"$order{id: total}", {}},
        {"$map($order, function($o){ $o.total })", {}},
        {"$order ~> |items|{'x': price}|", {}},
        {"$x ? 'a' : b", {"b"}},
    };
    for (const auto& [text, uses] : rows) {
        std::vector<std::string> found;
        for (const auto& use : compile(text).references().context) {
            found.push_back(use.text);
        }
        EXPECT_EQ(found, uses) << text;
    }
}

}  // namespace
}  // namespace kiln::jsonata
