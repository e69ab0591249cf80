/// Measures JSONata on the official test suite: every case without `$eval` is compiled once and
/// evaluated ROUNDS times. Cases that end by a limit are left out: they measure the limit.
///
///   jsonata_bench SUITE.json [ROUNDS]
///
/// Prints one JSON document.
#include "base/json.hpp"
#include "jsonata/jsonata.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <vector>

namespace {

using namespace kiln;
using Clock = std::chrono::steady_clock;

struct Case {
    jsonata::Expression expression;
    const json::value* input;
    jsonata::Bindings bindings;
};

double milliseconds(Clock::duration span) {
    return std::chrono::duration<double, std::milli>(span).count();
}

std::string read_file(const char* name) {
    std::ifstream file{name};
    if (!file) {
        std::fprintf(stderr, "jsonata_bench: cannot read %s\n", name);
        std::exit(2);
    }
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Boost.JSON refuses the two lone surrogates that the suite has.
std::string without_lone_surrogates(std::string text) {
    static constexpr std::string_view kLone = "\\ud800'";
    for (auto at = text.find(kLone); at != std::string::npos; at = text.find(kLone)) {
        text.replace(at, 6, "\\u0041");
    }
    for (auto at = text.find("\"\\ud800\""); at != std::string::npos;
         at = text.find("\"\\ud800\"")) {
        text.replace(at + 1, 6, "\\u0041");
    }
    return text;
}

std::optional<Case> read_case(const json::object& entry, const json::object& datasets) {
    if (entry.contains("timelimit") ||
        std::string_view{entry.at("expr").as_string()}.find("$eval") != std::string_view::npos) {
        return std::nullopt;
    }
    const json::value* input = entry.if_contains("data");
    const auto* const dataset = entry.if_contains("dataset");
    if (input == nullptr && dataset != nullptr && dataset->is_string()) {
        input = &datasets.at(std::string_view{dataset->as_string()});
    }
    jsonata::Bindings bindings;
    if (const auto* const given = entry.if_contains("bindings")) {
        for (const auto& [name, value] : given->as_object()) {
            bindings.emplace(name, &value);
        }
    }
    try {
        return Case{jsonata::compile(entry.at("expr").as_string()), input, std::move(bindings)};
    } catch (const jsonata::Error&) {
        return std::nullopt;
    }
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) {
        std::fprintf(stderr, "usage: jsonata_bench SUITE.json [ROUNDS]\n");
        return 2;
    }
    const int rounds = count > 2 ? std::max(1, std::atoi(words[2])) : 5;
    const auto suite = json::parse(without_lone_surrogates(read_file(words[1])));
    const auto& datasets = suite.at("datasets").as_object();
    const jsonata::World world{
        .now = TimePoint{}, .random = [] { return 0.5; }, .uuid = [] { return std::string{}; }};
    std::vector<Case> cases;
    const auto start = Clock::now();
    for (const auto& entry : suite.at("cases").as_array()) {
        if (auto read = read_case(entry.as_object(), datasets)) {
            cases.push_back(std::move(*read));
        }
    }
    const auto compiled = Clock::now();
    std::size_t failed = 0;
    for (int round = 0; round < rounds; ++round) {
        for (const auto& entry : cases) {
            try {
                (void)jsonata::evaluate(entry.expression, entry.input, entry.bindings, {}, world);
            } catch (const jsonata::Error&) {
                ++failed;
            }
        }
    }
    const auto evaluated = milliseconds(Clock::now() - compiled) / rounds;
    std::cout << json::serialize(json::object{
                     {"cases", cases.size()},
                     {"ending_in_an_error", failed / static_cast<std::size_t>(rounds)},
                     {"compile_ms", milliseconds(compiled - start)},
                     {"evaluate_ms", evaluated},
                     {"microseconds_per_case",
                      evaluated * 1000 / static_cast<double>(cases.size())},
                 })
              << "\n";
    return 0;
}
