#include "jsonata/tests/evaluated.hpp"

namespace kiln::jsonata {
namespace {

using testing::check;
using testing::evaluated;

constexpr std::string_view kShop =
    R"({"order":[{"id":"a","items":[{"sku":1,"price":10,"tags":["x"]},{"sku":2,"price":5,"tags":["y","z"]}]},)"
    R"({"id":"b","items":[{"sku":3,"price":20,"tags":[]}]}]})";

TEST(Language, LiteralsAreThemselves) {
    check({
        {"1", "", "1"},
        {"-0.5", "", "-5E-1"},
        {"1e3", "", "1000"},
        {"'a\\u00e9\\n'", "", "\"aé\\n\""},
        {"\"it's\"", "", "\"it's\""},
        {"'\\ud83d\\ude00' = '😀'", "", "true"},
        {"null", "", "null"},
        {"[true, false]", "", "[true,false]"},
        {"{'a': 1, 'b': [2, {}]}", "", R"({"a":1,"b":[2,{}]})"},
        {"/* nothing */ 2 /* more */", "", "2"},
        {"`strange name`", R"({"strange name":7})", "7"},
    });
}

TEST(Language, WholeNumbersAreIntegersWhateverTheyCameFrom) {
    check({
        {"4 / 2", "", "2"},
        {"0.5 + 0.5", "", "1"},
        {"x * 2", R"({"x":1.5})", "3"},
        {"1e20", "", "1E20"},
        {"9007199254740992", "", "9007199254740992"},
        {"-0", "", "0"},
    });
}

TEST(Language, OperatorsComputeAndLeaveOutWhatIsMissing) {
    check({
        {"2 + 3 * 4 - 6 / 3", "", "12"},
        {"7 % 4", "", "3"},
        {"-7 % 4", "", "-3"},
        {"missing + 1", "{}", "undefined"},
        {"'a' & 1 & true & null & missing", "{}", "\"a1truenull\""},
        {"1 < 2 and 'b' > 'a' or false", "", "true"},
        {"[1, [2]] = [1, [2]]", "", "true"},
        {"{'a': 1, 'b': 2} = {'b': 2, 'a': 1}", "", "true"},
        {"missing = missing", "{}", "false"},
        {"missing != 1", "{}", "false"},
        {"2 in [1, 2]", "", "true"},
        {"'x' in 'x'", "", "true"},
        {"[1..3]", "", "[1,2,3]"},
        {"[3..1]", "", "[]"},
        {"[1..2, 5]", "", "[1,2,5]"},
        {"'😀' > '\\uFFFF'", "", "false"},
    });
}

TEST(Language, PathsFlattenAndASingleResultStandsForItself) {
    check({
        {"order.id", kShop, R"(["a","b"])"},
        {"order.items.sku", kShop, "[1,2,3]"},
        {"order[0].id", kShop, "\"a\""},
        {"order[-1].items.price", kShop, "20"},
        {"order[0].id[]", kShop, R"(["a"])"},
        {"order.nothing", kShop, "undefined"},
        {"order.items.tags", kShop, R"(["x","y","z"])"},
        {"order.[id, items.sku]", kShop, R"([["a",1,2],["b",3]])"},
        {"$.order.items[price > 8].sku", kShop, "[1,3]"},
        {"order.items[0].sku", kShop, "[1,3]"},
        {"(order.items)[0].sku", kShop, "1"},
        {"order.items[[0, 1]].sku", kShop, "[1,2,3]"},
        {"order.*.sku", kShop, "[1,2,3]"},
        {"**.price", kShop, "[10,5,20]"},
        {"$$.order[1].id", kShop, "\"b\""},
        {"$[0]", "[5,6]", "5"},
        {"$", "[5,6]", "[5,6]"},
        {"[[1,2],[3]].$", "", "[1,2,3]"},
    });
}

TEST(Language, GroupsSortsAndJoinsKeepWhatTheyCameFrom) {
    check({
        {"order{id: $sum(items.price)}", kShop, R"({"a":15,"b":20})"},
        {"order.items{$string(price > 8): sku}", kShop, R"({"true":[1,3],"false":2})"},
        {"order.items^(price).sku", kShop, "[2,1,3]"},
        {"order.items^(>price).sku", kShop, "[3,1,2]"},
        {"order.items^(price > 8, >sku).sku", kShop, "!T2008"},
        {"order@$o.$o.items.{'o': $o.id, 's': sku}",
         kShop,
         R"([{"o":"a","s":1},{"o":"a","s":2},{"o":"b","s":3}])"},
        {"order.items#$i.{'i': $i, 's': sku}",
         kShop,
         R"([{"i":0,"s":1},{"i":1,"s":2},{"i":0,"s":3}])"},
        {"order.items.(%.id & sku)", kShop, R"(["a1","a2","b3"])"},
        {"order.items[%.id = 'b'].sku", kShop, "3"},
        {"[3, 1, 2]^($)", "", "[1,2,3]"},
        {"['b', 'a', 'b', 'a']^($)", "", R"(["a","a","b","b"])"},
    });
}

TEST(Language, VariablesHaveBlocksAndFunctionsCloseOverThem) {
    check({
        {"($x := 1; ($x := 2; $x) + $x)", "", "3"},
        {"($f := function($a, $b) { $a - $b }; $f(5, 3))", "", "2"},
        {"($f := λ($a){ $a ? 'yes' : 'no' }; $f(1) & $f(0))", "", "\"yesno\""},
        {"($n := 10; $add := function($m){ function($x){ $x + $m + $n } }; $add(1)(2))", "", "13"},
        {"($fact := function($n){ $n <= 1 ? 1 : $n * $fact($n - 1) }; $fact(20))",
         "",
         "2432902008176640000"},
        {"($first := $substring(?, 0, 1); $first('abc'))", "", "\"a\""},
        {"($minus := function($a, $b){ $a - $b }; $minus(?, 1)(10))", "", "9"},
        {"' a ' ~> $trim() ~> $uppercase()", "", "\"A\""},
        {"($shout := $trim ~> $uppercase; $shout(' b '))", "", "\"B\""},
        {"($f := function($s)<s:s>{ $s }; $f(1))", "", "!T0410"},
        {"('abc').($f := function($s)<s-:s>{ $s & '!' }; $f())", "", "\"abc!\""},
        {"($f := function($a)<a<n>>{ $sum($a) }; $f(['a']))", "", "!T0412"},
        // An optional parameter that is left out takes an argument's place, also past the last one.
        {"($f := function($a, $b, $c)<s?n?a:a>{ [$exists($a), $exists($b), $exists($c)] }; "
         "$f([1]))",
         "",
         "[true,false,false]"},
        {"($f := function($a, $b, $c)<s?n?a+:a>{ [$exists($a), $exists($b), $exists($c)] }; $f(1, "
         "2, 3))",
         "",
         "[true,true,true]"},
    });
}

TEST(Language, ARecursionInTailPositionHasNoEnd) {
    EXPECT_EQ(
        evaluated("($f := function($n, $s){ $n = 0 ? $s : $f($n - 1, $s + $n) }; $f(20000, 0))"),
        "200010000"
    );
}

TEST(Language, TheTransformOperatorChangesACopy) {
    check({
        {"$ ~> |order.items|{'price': price * 2}, 'tags'|",
         R"({"order":{"items":[{"price":1,"tags":1}]}})",
         R"({"order":{"items":[{"price":2}]}})"},
        {"($new := $ ~> |a|{'b': 2}|; [a.b, $new.a.b])", R"({"a":{"b":1}})", "[1,2]"},
        {"$ ~> |a|5|", R"({"a":{"b":1}})", "!T2011"},
        {"$ ~> |a|{}, 5|", R"({"a":{"b":1}})", "!T2012"},
    });
}

TEST(Language, VariablesFromOutsideAreReadWhereTheyAre) {
    EXPECT_EQ(
        evaluated(
            "$states.input.order[total > 10].id",
            "",
            R"({"states":{"input":{"order":[{"id":1,"total":5},{"id":2,"total":15}]}}})"
        ),
        "2"
    );
    EXPECT_EQ(evaluated("$sum(1)", "", R"({"sum":3})"), "!T1006") << "a binding hides a function";
}

TEST(Language, ManyThreadsMayUseOneExpression) {
    const auto expression =
        compile("$sum($map([1..200], function($x){ $x * $n })) & $replace('aXa', /x/i, '-')");
    std::vector<std::thread> threads;
    std::array<std::string, 4> results;
    for (std::size_t number = 0; number < results.size(); ++number) {
        threads.emplace_back([&, number] {
            const json::value factor = static_cast<std::int64_t>(number);
            const auto out =
                evaluate(expression, nullptr, {{"n", &factor}}, {}, testing::fixed_world());
            results.at(number) = out->as_string();
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_THAT(results, ::testing::ElementsAre("0a-a", "20100a-a", "40200a-a", "60300a-a"));
}

}  // namespace
}  // namespace kiln::jsonata
