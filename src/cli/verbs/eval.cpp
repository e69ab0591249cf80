#include "cli/eval.hpp"

#include "cli/read_request.hpp"
#include "cli/verbs.hpp"
#include "flow/json_text.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace kiln::cli::verbs {

namespace {

/// stdin's document; nullopt: it is empty, or a terminal.
std::optional<json::value> document_of_stdin() {
    if (::isatty(STDIN_FILENO) == 1) {
        return std::nullopt;
    }
    const auto text = read_text("-");
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
        return std::nullopt;
    }
    return parse_json(text, text.size());
}

json::object bindings_of(const Arguments& arguments) {
    const auto text = arguments.one("bindings");
    if (!text) {
        return {};
    }
    auto value = parse_json(*text);
    if (!value.is_object()) {
        throw Error{ErrorKind::invalid, "--bindings: not an object of variables"};
    }
    return std::move(value.get_object());
}

EvalLanguage language_of(const Arguments& arguments) {
    const auto word = arguments.one_or("language", "jsonata");
    if (word == "jsonpath") {
        return EvalLanguage::jsonpath;
    }
    return word == "intrinsic" ? EvalLanguage::intrinsic : EvalLanguage::jsonata;
}

int run(Context& context) {
    const auto& arguments = context.arguments;
    const auto bindings = bindings_of(arguments);
    const auto document = document_of_stdin();
    const auto result = evaluate(
        language_of(arguments),
        *arguments.one("EXPRESSION"),
        document ? &*document : nullptr,
        bindings
    );
    if (const auto* failure = std::get_if<EvalFailure>(&result)) {
        context.output.remark(fmt::format(
            "{}{}{}\n", failure->code, failure->code.empty() ? "" : ": ", failure->message
        ));
        return 1;
    }
    if (const auto& value = std::get<std::optional<json::value>>(result)) {
        context.output.line(flow::json_text(*value));
    }
    return 0;
}

}  // namespace

Verb eval() {
    return {
        .path = "eval",
        .summary = "evaluate an expression of the States Language",
        .text =
            "Evaluates it on the JSON document that stands on stdin, if any does, and prints the "
            "result as JSON; nothing, when it has no value. What is wrong with it is told on "
            "stderr, its code first, and the exit code is 1.",
        .arguments =
            {{"EXPRESSION", "what stands between {% and %}, a path, or a function's call"}},
        .options =
            {{.name = "language",
              .value = "LANGUAGE",
              .help = "of the expression (default jsonata)",
              .choices = {"jsonata", "jsonpath", "intrinsic"}},
             {.name = "bindings", .value = "JSON", .help = "an object of variables"}},
        .examples =
            {{"echo '{\"n\": [1, 2]}' | kiln eval '$sum(n)'", "3"},
             {"kiln eval --language intrinsic 'States.UUID()'", "another one each time"}},
        .needs = Needs::nothing,
        .run = run,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
