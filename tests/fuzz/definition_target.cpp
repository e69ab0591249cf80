// Definitions of state machines: whatever is read is either refused with reasons, or a machine that
// can be looked at in every way.

#include "asl/json_error.hpp"
#include "asl/parse.hpp"
#include "asl/render.hpp"
#include "asl/variables.hpp"
#include "base/json.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

namespace kiln::fuzz {

namespace {

void check(const asl::Parsed& parsed) {
    KILN_CHECK((parsed.machine == nullptr) == asl::has_errors(parsed.diagnostics));
    for (const auto& each : parsed.diagnostics) {
        KILN_CHECK(!each.code.empty() && !each.message.empty());
    }
    if (parsed.machine == nullptr) {
        KILN_CHECK(!asl::refusal_text(parsed.diagnostics).empty());
        return;
    }
    KILN_CHECK(!asl::render_text(*parsed.machine).empty());
    KILN_CHECK(!asl::render_svg(*parsed.machine).empty());
    static_cast<void>(asl::variable_references(*parsed.machine));
}

}  // namespace

void run(const std::string& input) {
    check(asl::parse_definition(input));
    check(asl::parse_definition(input, {.type = asl::MachineType::express}));
    check(asl::parse_state(input));
    json::error_code error;
    json::parse_options options;
    options.max_depth = asl::kDeepestJson + 1;
    const auto value = json::parse(input, error, {}, options);
    // Both sides agree on what JSON is; that a text is not UTF-8 only the reader says.
    if (!error) {
        KILN_CHECK(!asl::explain_json_error(input));
    }
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "\"Type\":",
        "\"Map\"",
        "\"Parallel\"",
        "\"Choice\"",
        "\"Next\":",
        "\"End\":true",
        "\"States\":{",
        "\"StartAt\":",
        "\"Branches\":[",
        "\"ItemProcessor\":{",
        "\"Not\":{",
        "\"Assign\":{",
        "\"QueryLanguage\":\"JSONata\"",
        "\"{% $states.result %}\"",
        "\"{% $ %}\"",
        "\"a.$\":",
        "\"$.a[0]\"",
        "\"$$.x\"",
        "\"$v\"",
        "\"States.UUID()\"",
        "\"Catch\":[",
        "\"ErrorEquals\":",
        "[\"States.ALL\"]",
        "\"Label\":",
        "null",
        "-1",
        "1e99",
        "\"\\ud800\"",
        "\"ResultPath\":",
        "\"Condition\":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"\"",
    };
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
