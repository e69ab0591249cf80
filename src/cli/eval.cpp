#include "cli/eval.hpp"

#include "base/hex.hpp"
#include "base/random.hpp"
#include "jsonata/jsonata.hpp"
#include "jsonpath/intrinsic.hpp"
#include "jsonpath/path.hpp"

#include <chrono>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

std::string random_uuid() {
    auto bytes = random_bytes<16>();
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    auto hex = to_hex(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) {
        hex.insert(at, 1, '-');
    }
    return hex;
}

/// This machine's chance.
class Chance final : public jsonpath::World {
  public:
    std::uint64_t random_bits() override {
        std::uint64_t out = 0;
        for (const auto byte : random_bytes<8>()) {
            out = out << 8 | byte;
        }
        return out;
    }

    std::string uuid() override { return random_uuid(); }
};

std::string_view name_of(jsonpath::Fault fault) {
    switch (fault) {
        case jsonpath::Fault::syntax:
            return "syntax";
        case jsonpath::Fault::missing:
            return "missing";
        case jsonpath::Fault::unassigned:
            return "unassigned";
        case jsonpath::Fault::unfit:
            return "unfit";
        case jsonpath::Fault::argument:
            return "argument";
        case jsonpath::Fault::limit:
            return "limit";
    }
    return "";
}

EvalResult evaluate_jsonata(
    std::string_view text, const json::value* document, const json::object& variables
) {
    jsonata::Bindings bindings;
    for (const auto& [name, value] : variables) {
        bindings.emplace(std::string{name}, &value);
    }
    const jsonata::World world{
        .now = std::chrono::floor<Duration>(std::chrono::system_clock::now()),
        .random = random_jitter,
        .uuid = random_uuid};
    try {
        return jsonata::evaluate(jsonata::compile(text), document, bindings, {}, world);
    } catch (const jsonata::Error& error) {
        return EvalFailure{error.code(), error.message()};
    }
}

EvalResult evaluate_path(
    EvalLanguage language,
    std::string_view text,
    const json::value* document,
    const json::object& variables
) {
    const jsonpath::Resolver documents = [&](const jsonpath::Root& root) {
        switch (root.kind) {
            case jsonpath::RootKind::input:
                return document;
            case jsonpath::RootKind::variable:
                return variables.if_contains(root.variable);
            case jsonpath::RootKind::context:
                break;
        }
        return static_cast<const json::value*>(nullptr);
    };
    Chance chance;
    try {
        if (language == EvalLanguage::intrinsic) {
            return jsonpath::Intrinsic::compile(text).evaluate(documents, chance);
        }
        return jsonpath::Path::compile(text).require(documents).take();
    } catch (const jsonpath::ExpressionError& error) {
        return EvalFailure{std::string{name_of(error.fault())}, error.message()};
    }
}

}  // namespace

EvalResult evaluate(
    EvalLanguage language,
    std::string_view expression,
    const json::value* document,
    const json::object& bindings
) {
    return language == EvalLanguage::jsonata
               ? evaluate_jsonata(expression, document, bindings)
               : evaluate_path(language, expression, document, bindings);
}

}  // namespace kiln::cli
