// Hostile expressions: each ends by the limit that it runs into.

#include "jsonata/tests/evaluated.hpp"

namespace kiln::jsonata {
namespace {

using testing::failure_of;

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t number = 0; number < times; ++number) {
        out += text;
    }
    return out;
}

void expect_end(const std::string& text, Cause cause, const Limits& limits = {}) {
    const auto shown = text.substr(0, 80);
    const auto error = failure_of(text, limits);
    ASSERT_TRUE(error) << shown;
    EXPECT_EQ(error->cause(), cause) << shown << ": " << error->what();
}

TEST(Limits, TextsMayNotBeNestedWithoutEnd) {
    for (const auto* const open :
         {"(", "[", "-", "{'a':", "a[", "$f(", "1?", "/*", "function(){"}) {
        const auto error = failure_of(repeated(open, 100'000));
        ASSERT_TRUE(error) << open;
        EXPECT_TRUE(error->cause() == Cause::stack || error->code() == "S0106") << error->what();
    }
    expect_end(repeated("1+", 100'000) + "1", Cause::stack);
    expect_end("a" + repeated("[0]", 100'000), Cause::stack);
    expect_end("[1]" + repeated("^($)", 100'000), Cause::stack);
    expect_end("$x" + repeated("~>$f", 100'000), Cause::stack);
    expect_end("$f" + repeated("()", 100'000), Cause::stack);
    EXPECT_FALSE(failure_of("a" + repeated(".a", 1'000)));
}

/// The library in JavaScript ends with a TypeError here.
TEST(EmptyTuples, AreGroupedAsNothing) {
    EXPECT_EQ(testing::evaluated(R"(nothing@$v{"a": 1})", "{}"), R"({"a":1})");
    EXPECT_EQ(testing::evaluated(R"(nothing@$v{"a": $v})", "{}"), "{}");
}

TEST(Limits, CallsMayNotBeNestedWithoutEnd) {
    expect_end("($f := function($n){ 1 + $f($n) }; $f(1))", Cause::stack);
    expect_end("($f := function($n){ [$f($n)] }; $f(1))", Cause::stack);
    expect_end("($f := function($n){ $map([1], $f) }; $f(1))", Cause::stack);
    expect_end("($f := function($n){ $n ~> |$|{'a': $f($n)}| }; $f({}))", Cause::stack);
    expect_end(
        "($f := function($n, $g){ $n = 0 ? $g : $f($n - 1, $g ~> $abs) }; $f(100000, $abs)(1))",
        Cause::stack
    );
    expect_end(
        "($f := function($n, $g){ $n = 0 ? $g : $f($n - 1, $g(?)) }; $f(100000, $abs)(1))",
        Cause::stack
    );
}

TEST(Limits, ValuesMayNotBeNestedWithoutEnd) {
    const std::string deep = "$deep := $reduce([1..20000], function($a, $b){ [[$a]] }, 1); ";
    for (const auto* const use :
         {"$deep",
          "$string($deep)",
          "$deep = $deep",
          "$boolean($deep)",
          "$deep.x",
          "$deep.*",
          "$deep.**",
          "$clone($deep)",
          "$keys($deep)",
          "$spread($deep)",
          "$distinct([$deep, $deep])",
          "$hash('x', $deep)",
          "$deep + 1"}) {
        const auto error = failure_of("(" + deep + use + ")");
        ASSERT_TRUE(error) << use;
        EXPECT_TRUE(error->cause() == Cause::stack || error->code().starts_with("T"))
            << use << error->what();
    }
}

TEST(Limits, LoopsEndByTheirTime) {
    const Limits limits{.time = std::chrono::milliseconds{20}};
    expect_end("($f := function(){ $f() }; $f())", Cause::time_out, limits);
    expect_end("($f := function($n){ $f($n + 1) }; $f(0))", Cause::time_out, limits);
    expect_end("$sum([1..10000000].($ * 2))", Cause::time_out, limits);
    expect_end("$distinct([1..100000])", Cause::time_out, limits);
    expect_end("$map([1..10000000], function($x){ $x > 0 ? 1 : 2 })", Cause::time_out, limits);
    expect_end("$sort([1..1000000], function($a, $b){ $a < $b })", Cause::time_out, limits);
}

TEST(Limits, MemoryEnds) {
    const Limits limits{.time = std::chrono::seconds{20}, .memory_bytes = std::size_t{8} << 20};
    expect_end("$reduce([1..100], function($a, $b){ $a & $a }, 'x')", Cause::memory, limits);
    expect_end(
        "$reduce([1..100], function($a, $b){ $append($a, $a) }, [1])", Cause::memory, limits
    );
    expect_end("$pad('', 1e9)", Cause::memory, limits);
    expect_end("$pad('', 1e300)", Cause::memory, limits);
    expect_end("$join([1..2000000].('xxxxxxxx'))", Cause::memory, limits);
    expect_end("$string([1..10000000])", Cause::memory, limits);
    expect_end("$reverse([1..10000000])", Cause::memory, limits);
    expect_end("$fromMillis(0, '[Y,1000000000]')", Cause::memory, limits);
}

TEST(Limits, ALoopByRecursionNeedsNoMemory) {
    const auto out = evaluate(
        compile("($f := function($n){ $n = 0 ? 'end' : $f($n - 1) }; $f(100000))"),
        nullptr,
        {},
        {.time = std::chrono::seconds{60}, .memory_bytes = std::size_t{1} << 16},
        testing::fixed_world()
    );
    EXPECT_EQ(out, json::value("end"));
}

TEST(Limits, WhatALoopByRecursionGathersIsKept) {
    EXPECT_EQ(
        testing::evaluated("($f := function($n, $all){ $n = 0 ? $count($all) & $join($all) : "
                           "$f($n - 1, $append($all, 'x' & $n)) }; $substring($f(300, []), 0, 11))"
        ),
        "\"300x300x299\""
    );
    EXPECT_EQ(
        testing::evaluated("($f := function($n, $g){ $n = 0 ? $g(0) : $f($n - 1, function($x){ $x "
                           "+ $n }) }; $f(50, $abs))"),
        "1"
    );
}

TEST(Limits, PatternsThatTryEverythingEnd) {
    expect_end("$match('" + repeated("a", 60) + "!', /^(a+)+$/)", Cause::time_out);
    expect_end("$replace('" + repeated("x", 5000) + "', /(x+x+)+[yz]/, '')", Cause::time_out);
}

TEST(Limits, BigRangesCostNothingUntilTheyAreRead) {
    EXPECT_EQ(testing::evaluated("$count([1..10000000])"), "10000000");
    EXPECT_EQ(testing::evaluated("[1..10000000][9999999]"), "10000000");
    EXPECT_EQ(testing::evaluated("[1..10000001]"), "!D2014");
}

}  // namespace
}  // namespace kiln::jsonata
