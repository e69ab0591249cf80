// An expression, a NUL, a document: whatever comes, it ends soon, with a result or with an error
// that has a text and a place, and the same input gives the same result.

#include "jsonata/jsonata.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

namespace kiln::fuzz {

namespace {

const jsonata::Limits kLimits{
    .time = std::chrono::milliseconds{50}, .depth = 300, .memory_bytes = std::size_t{4} << 20};

std::string outcome(const std::string& text, const json::value* input) {
    const jsonata::World world{
        .now = TimePoint{}, .random = [] { return 0.5; }, .uuid = [] { return std::string{"u"}; }};
    try {
        const auto expression = jsonata::compile(text);
        for (const auto& reference : expression.references().variables) {
            KILN_CHECK(reference.position <= text.size());
        }
        const auto out = jsonata::evaluate(expression, input, {{"input", input}}, kLimits, world);
        return out ? json::serialize(*out) : "undefined";
    } catch (const jsonata::Error& error) {
        KILN_CHECK(error.what()[0] != '\0');
        KILN_CHECK(error.position() <= text.size());
        return error.cause() == jsonata::Cause::expression ? error.code() : "limit";
    }
}

}  // namespace

void run(const std::string& input) {
    const auto split = input.find('\0');
    const auto text = input.substr(0, split);
    json::error_code problem;
    const auto document = split == std::string::npos
                              ? json::value{}
                              : json::parse(std::string_view{input}.substr(split + 1), problem);
    const auto first = outcome(text, &document);
    const auto second = outcome(text, &document);
    KILN_CHECK(first == second || first == "limit" || second == "limit");
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "$",           "$$",
        "%.",          "**",
        "*",           "@$a",
        "#$i",         "^(",
        "^(>a)",       "[0]",
        "[-1]",        "[]",
        "{a:b}",       "..",
        ":=",          "~>",
        "?",           "function($x){",
        "($f:=",       "$f(",
        "|a|{}|",      "/a+/i",
        "<s-n?:a>",    "$map(",
        "$reduce(",    "$string(",
        "$match(",     "$replace(",
        "$split(",     "$sort(",
        "$toMillis(",  "$fromMillis(",
        "[Y0001]",     "$formatNumber(",
        "#,##0.00",    "$formatInteger(",
        "'Ww;o'",      "$parseInteger(",
        "$pad(",       "$substring(",
        "$partition(", "$range(",
        "$hash(",      "$parse(",
        "[1..9]",      "1e308",
        "-1",          "null",
        "'\\ud800'",   "and",
        "or",          "in",
        "$input",      "(?,1)",
        "\\",          "`",
    };
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
