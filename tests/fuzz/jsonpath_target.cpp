// Paths, intrinsic functions and payload templates: any text is refused with a position inside of
// it, or gives the same value twice; a definite path points to where it says.

#include "base/json.hpp"
#include "jsonpath/template.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

namespace kiln::fuzz {

namespace {

class StillWorld : public jsonpath::World {
  public:
    std::uint64_t random_bits() override { return 7; }

    std::string uuid() override { return "00000000-0000-4000-8000-000000000001"; }
};

const json::value& document() {
    static const auto value = json::parse(
        R"({"a": [1, 2.5, "x", null, [true], {"b": {"c": "y"}}], "n": -3, "s": "a,b", "o": {"b": []}})"
    );
    return value;
}

const jsonpath::Resolver& documents() {
    static const jsonpath::Resolver resolver = [](const jsonpath::Root& root) {
        return root.variable == "v" || root.variable.empty() ? &document() : nullptr;
    };
    return resolver;
}

void try_path(const std::string& text) {
    try {
        const auto path = jsonpath::Path::compile(text);
        KILN_CHECK(path.text() == text);
        const auto match = path.match(document());
        KILN_CHECK(path.is_definite() || match.get()->is_array());
        KILN_CHECK(match.found() || !path.explain(document()).empty());
        if (path.is_reference()) {
            (void)path.unable_to_apply(document());
            auto changed = document();
            jsonpath::assign(changed, path, json::value("new"));
            KILN_CHECK(*path.match(changed).get() == json::value("new"));
        }
    } catch (const jsonpath::PathError& error) {
        KILN_CHECK(error.position() <= text.size());
    }
}

void try_call(const std::string& text) {
    StillWorld world;
    try {
        const auto call = jsonpath::Intrinsic::compile(text);
        const auto value = call.evaluate(documents(), world);
        KILN_CHECK(call.evaluate(documents(), world) == value);
    } catch (const jsonpath::IntrinsicError& error) {
        KILN_CHECK(error.position() <= text.size());
    }
}

void try_template(const std::string& text) {
    json::error_code error;
    const auto definition = json::parse(text, error);
    if (error) {
        return;
    }
    StillWorld world;
    try {
        const auto made = jsonpath::Template::compile(definition);
        jsonpath::References references;
        made.collect(references);
        (void)made.render(documents(), world);
    } catch (const Error& refused) {
        expect_refusal(refused);
    } catch (const jsonpath::TemplateError& failed) {
        KILN_CHECK(!failed.sentence("{}").empty());
    }
}

}  // namespace

void run(const std::string& input) {
    try_path(input);
    try_call(input);
    try_template(input);
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "$",
        "$$",
        "$v",
        ".a",
        "..",
        "[0]",
        "[-1]",
        "[1:]",
        "[*]",
        "['a']",
        "[?(",
        ")]",
        "@.b",
        " == ",
        " && ",
        " || ",
        "!",
        "=~ /x/",
        " in [1]",
        ".length()",
        "\\",
        "'",
        "\"",
        ",",
        "(",
        ")",
        "{}",
        "\"x.$\":",
        "States.",
        "Format('",
        "Array(",
        "MathAdd(",
        "-1",
        "1e99",
        "null",
        "true",
        "StringSplit(",
        "JsonToString(",
        "Hash(",
        "'MD5'",
        "ArrayRange(",
        "[",
        "]",
        "\xc3\xa4",
        "\xff",
    };
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
