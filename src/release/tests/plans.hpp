#pragma once

#include "base/error.hpp"
#include "release/plan.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace kiln::release::testing {

inline Plan plan_of(std::string_view toml) {
    return parse_plan(read_document("release.toml", toml));
}

/// The example that has the shape of the predecessor's machine.
inline Plan example_plan() {
    std::ifstream file{KILN_SOURCE_DIR "/examples/release-hhvm-shape/release.toml"};
    return plan_of(std::string{std::istreambuf_iterator<char>{file}, {}});
}

/// A plan of these steps: "A; B after A; C per distro after A B".
inline Plan steps_plan(std::string_view steps) {
    std::string toml =
        "name = \"p\"\n[[distros.known]]\nname = \"debian-12\"\n[[distros.known]]\n"
        "name = \"debian-13\"\n";
    while (!steps.empty()) {
        auto step = steps.substr(0, steps.find(';'));
        steps.remove_prefix(std::min(step.size() + 1, steps.size()));
        std::vector<std::string> words;
        while (!step.empty()) {
            const auto begin = std::min(step.find_first_not_of(' '), step.size());
            step.remove_prefix(begin);
            const auto end = std::min(step.find(' '), step.size());
            if (end > 0) {
                words.emplace_back(step.substr(0, end));
            }
            step.remove_prefix(end);
        }
        toml += fmt::format("[[steps]]\nname = \"{}\"\nscript = \"/s\"\n", words.at(0));
        std::string after;
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (words[i] == "per") {
                toml += fmt::format("per = \"{}\"\n", words.at(++i));
            } else if (words[i] != "after") {
                after += fmt::format("{}\"{}\"", after.empty() ? "" : ", ", words[i]);
            }
        }
        toml += fmt::format("after = [{}]\n", after);
    }
    return plan_of(toml);
}

/// "PLACE: what" of each problem of an error; "" where there is none.
template <class Act>
std::vector<std::string> problems_of(Act&& act) {
    std::vector<std::string> out;
    try {
        act();
    } catch (const Error& error) {
        for (const auto& problem : error.problems()) {
            out.push_back(problem.where + ": " + problem.what);
        }
        if (out.empty()) {
            out.push_back(error.message());
        }
    }
    return out;
}

}  // namespace kiln::release::testing
