// The official test suite of JSONata 2.0.6, each case evaluated in process.

#include "base/json.hpp"
#include "base/testing/conformance_data.hpp"
#include "jsonata/jsonata.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <gmock/gmock.h>

namespace kiln::jsonata {
namespace {

std::filesystem::path suite_file() {
    return conformance_data("jsonata/suite.json");
}

/// Boost.JSON refuses a surrogate without its partner. The language's own escape means the same, in
/// the expressions that have one.
std::string with_spelled_surrogates(std::string text) {
    static constexpr std::string_view kHigh = "\\ud800";
    for (auto at = text.find(kHigh); at != std::string::npos; at = text.find(kHigh, at)) {
        const bool paired = text.compare(at + kHigh.size(), 2, "\\u") == 0;
        text.insert(at, paired ? "" : "\\");
        at += kHigh.size() + 1;
    }
    return text;
}

/// A loop that is to be ended by its time limit need not last as long as it may last.
constexpr int kSoonEnough = 10;

Limits limits_of(const json::object& entry) {
    Limits out;
    if (const auto* const depth = entry.if_contains("depth")) {
        out.depth = depth->to_number<std::size_t>();
    }
    if (const auto* const limit = entry.if_contains("timelimit")) {
        out.time = std::chrono::milliseconds{limit->to_number<int>()} /
                   (entry.contains("code") ? kSoonEnough : 1);
    }
    return out;
}

Bindings bindings_of(const json::object& entry) {
    Bindings out;
    if (const auto* const bindings = entry.if_contains("bindings")) {
        for (const auto& [name, value] : bindings->as_object()) {
            out.emplace(name, &value);
        }
    }
    return out;
}

/// Boost.JSON 1.81 reads numbers of 16 and more digits off by up to two units in the last place.
constexpr double kReadError = 5e-16;

bool same(const json::value& left, const json::value& right) {
    if (left.is_number() && right.is_number()) {
        const auto a = left.to_number<double>();
        const auto b = right.to_number<double>();
        return std::abs(a - b) <= kReadError * std::abs(b);
    }
    if (left.is_array() && right.is_array()) {
        const auto& a = left.get_array();
        const auto& b = right.get_array();
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
    }
    if (left.is_object() && right.is_object()) {
        const auto& a = left.get_object();
        const auto& b = right.get_object();
        return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& member) {
                   const auto* const other = b.if_contains(member.key());
                   return other != nullptr && same(member.value(), *other);
               });
    }
    return left == right;
}

/// Are they the same items in some order?
bool same_items(const json::array& left, const json::array& right) {
    return std::is_permutation(left.begin(), left.end(), right.begin(), right.end(), same);
}

class Suite : public ::testing::Test {
  protected:
    void SetUp() override {
        std::ifstream file{suite_file()};
        if (!file) {
            GTEST_SKIP() << "JSONata's test suite is not at " << suite_file()
                         << "; KILN_CONFORMANCE names its folder";
        }
        std::stringstream text;
        text << file.rdbuf();
        document_ = json::parse(with_spelled_surrogates(text.str()));
        ASSERT_THAT(document_.at("cases").as_array(), ::testing::SizeIs(1625));
    }

    const json::value* input_of(const json::object& entry) const {
        if (const auto* const inline_input = entry.if_contains("data")) {
            return inline_input;
        }
        const auto* const name = entry.if_contains("dataset");
        return name == nullptr || name->is_null()
                   ? nullptr
                   : &document_.at("datasets").at(std::string_view{name->as_string()});
    }

    /// What is wrong with the answer to a case; empty: nothing.
    std::string problem(const json::object& entry) const {
        const World world{
            .now = parse_time("2026-02-03T04:05:06.789Z"),
            .random = [] { return 0.25; },
            .uuid = [] { return std::string{"00000000-0000-4000-8000-000000000000"}; }};
        const auto* const code = entry.if_contains("code");
        const auto* const error = entry.if_contains("error");
        try {
            const auto expression = compile(entry.at("expr").as_string());
            const auto out =
                evaluate(expression, input_of(entry), bindings_of(entry), limits_of(entry), world);
            const auto shown = out ? json::serialize(*out) : "undefined";
            if (code != nullptr || error != nullptr) {
                return "gave " + shown + " instead of an error";
            }
            if (entry.contains("undefinedResult")) {
                return out ? "gave " + shown + " instead of undefined" : "";
            }
            const auto& wanted = entry.at("result");
            const bool unordered = entry.contains("unordered") && out && out->is_array();
            const bool good = out && (unordered ? same_items(out->as_array(), wanted.as_array())
                                                : same(*out, wanted));
            return good ? "" : "gave " + shown + " instead of " + json::serialize(wanted);
        } catch (const Error& caught) {
            const auto& wanted = code != nullptr    ? *code
                                 : error != nullptr ? error->at("code")
                                                    : json::value{};
            const bool good = wanted.is_string() && caught.code() == wanted.as_string();
            return good ? check_error(caught, entry)
                        : "failed with " + caught.code() + " (" + caught.what() + ")";
        }
    }

    static std::string check_error(const Error& caught, const json::object& entry) {
        const auto* const error = entry.if_contains("error");
        const auto* const details = error != nullptr ? &error->as_object() : &entry;
        const auto* const token = details->if_contains("token");
        if (token != nullptr && caught.token() != token->as_string()) {
            return "blames " + caught.token();
        }
        const auto* const message = details->if_contains("message");
        return message != nullptr && caught.what() != message->as_string() ? caught.what()
                                                                           : std::string{};
    }

    json::value document_;
};

TEST_F(Suite, AtLeastNinetyNineInAHundredCasesHoldWithoutEval) {
    std::size_t run = 0;
    std::size_t good = 0;
    for (const auto& entry : document_.at("cases").as_array()) {
        const auto& object = entry.as_object();
        if (std::string_view{object.at("expr").as_string()}.find("$eval") !=
            std::string_view::npos) {
            continue;
        }
        ++run;
        const auto found = problem(object);
        good += found.empty() ? 1 : 0;
        if (!found.empty()) {
            std::cout << object.at("id").as_string() << ": " << object.at("expr").as_string()
                      << "\n    " << found << "\n";
        }
    }
    std::cout << good << " of " << run << " cases hold\n";
    EXPECT_GE(good * 100, run * 99);
}

}  // namespace
}  // namespace kiln::jsonata
