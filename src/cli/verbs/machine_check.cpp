// Verbs that look at a definition without a server.

#include "asl/parse.hpp"
#include "asl/render.hpp"
#include "cli/read_request.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

const Argument kFile{"FILE", "a definition in the States Language; - is stdin"};
const Option kType{
    .name = "type",
    .value = "TYPE",
    .help = "what it is for: STANDARD (the default) or EXPRESS",
    .choices = {"STANDARD", "EXPRESS"}};

asl::Parsed parse(const Arguments& arguments) {
    asl::ParseOptions options;
    if (arguments.one_or("type", "STANDARD") == "EXPRESS") {
        options.type = asl::MachineType::express;
    }
    return asl::parse_definition(read_text(*arguments.one("FILE")), options);
}

std::string diagnostic_line(const asl::Diagnostic& diagnostic) {
    return fmt::format(
        "{} {}: {}{}{}\n",
        asl::to_string(diagnostic.severity),
        diagnostic.code,
        diagnostic.message,
        diagnostic.location.empty() ? "" : " at ",
        diagnostic.location
    );
}

json::object to_json(const asl::Diagnostic& diagnostic) {
    json::object out{
        {"severity", asl::to_string(diagnostic.severity)},
        {"code", diagnostic.code},
        {"message", diagnostic.message}};
    if (!diagnostic.location.empty()) {
        out["location"] = diagnostic.location;
    }
    return out;
}

int validate(Context& context) {
    const auto parsed = parse(context.arguments);
    const bool good = !asl::has_errors(parsed.diagnostics);
    if (context.json) {
        json::array all;
        for (const auto& diagnostic : parsed.diagnostics) {
            all.push_back(to_json(diagnostic));
        }
        context.output.document({{"result", good ? "OK" : "FAIL"}, {"diagnostics", all}});
    } else {
        for (const auto& diagnostic : parsed.diagnostics) {
            context.output.print(diagnostic_line(diagnostic));
        }
    }
    return good ? 0 : exit_code(ErrorKind::invalid);
}

int render(Context& context) {
    const auto parsed = parse(context.arguments);
    if (parsed.machine == nullptr) {
        std::vector<Problem> problems;
        for (const auto& diagnostic : parsed.diagnostics) {
            problems.push_back({diagnostic.location, diagnostic.message});
        }
        throw Error{"the definition has errors", std::move(problems)};
    }
    const bool svg = context.arguments.one_or("format", "text") == "svg";
    context.output.print(
        svg ? asl::render_svg(*parsed.machine) : asl::render_text(*parsed.machine)
    );
    return 0;
}

}  // namespace

Verb machine_validate() {
    return {
        .path = "machine validate",
        .summary = "say all that is wrong with a definition",
        .text =
            "Needs no server. Prints nothing when nothing is wrong; exits 2 when there are errors. "
            "Codes and places are those of AWS.",
        .arguments = {kFile},
        .options = {kType},
        .examples = {{"kiln machine validate orders.asl.json", "before it is made"}},
        .needs = Needs::nothing,
        .run = validate,
    };
}

Verb machine_render() {
    return {
        .path = "machine render",
        .summary = "draw a definition",
        .text = "Needs no server.",
        .arguments = {kFile},
        .options =
            {{.name = "format",
              .value = "FORMAT",
              .help = "text (the default), or svg",
              .choices = {"text", "svg"}},
             kType},
        .examples =
            {{"kiln machine render orders.asl.json", "states and their transitions"},
             {"kiln machine render orders.asl.json --format svg > orders.svg", "a picture"}},
        .needs = Needs::nothing,
        .run = render,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
