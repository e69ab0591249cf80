// Definitions that were given to AWS, with what AWS said: the recorded conversations.

#include "asl/parse.hpp"
#include "asl/variables.hpp"
#include "base/json.hpp"
#include "base/testing/conformance_data.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

std::filesystem::path vectors_file() {
    return conformance_data("stepfunctions/vectors.json");
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// The script takes these from answers of earlier calls.
std::string filled_in(std::string text) {
    constexpr std::string_view kBase = "arn:aws:states:us-east-1:111111111111:";
    text = replaced(text, "${0.activityArn}", std::string{kBase} + "activity:a");
    return replaced(text, "${0.stateMachineArn}", std::string{kBase} + "stateMachine:m");
}

/// Every string inside `value` that says that a definition is refused.
void collect_refusals(const json::value& value, std::vector<std::string>& out) {
    if (const auto* const text = value.if_string()) {
        constexpr std::string_view kPhrase = "Invalid State Machine Definition: '";
        const auto at = std::string_view{*text}.find(kPhrase);
        if (at != std::string_view::npos) {
            out.emplace_back(std::string_view{*text}.substr(at));
        }
    } else if (const auto* const items = value.if_array()) {
        for (const auto& item : *items) {
            collect_refusals(item, out);
        }
    } else if (const auto* const object = value.if_object()) {
        for (const auto& member : *object) {
            collect_refusals(member.value(), out);
        }
    }
}

const json::value* find_member(const json::value& value, std::string_view key) {
    if (const auto* const object = value.if_object()) {
        if (const auto* const found = object->if_contains(key)) {
            return found;
        }
        for (const auto& member : *object) {
            if (const auto* const found = find_member(member.value(), key)) {
                return found;
            }
        }
    }
    return nullptr;
}

json::array shown(const std::vector<Diagnostic>& diagnostics) {
    json::array out;
    for (const auto& each : diagnostics) {
        if (each.severity == Severity::warning) {
            continue;  // AWS shows them on request only
        }
        json::object one{
            {"severity", to_string(each.severity)}, {"code", each.code}, {"message", each.message}};
        if (!each.location.empty()) {
            one["location"] = each.location;
        }
        out.emplace_back(std::move(one));
    }
    return out;
}

bool has_definition(const json::object& arguments) {
    const auto* const definition = arguments.if_contains("definition");
    return definition != nullptr && definition->is_string();
}

class Vectors : public ::testing::Test {
  protected:
    void SetUp() override {
        std::ifstream file{vectors_file()};
        if (!file) {
            GTEST_SKIP() << "no " << vectors_file() << "; KILN_CONFORMANCE names its folder";
        }
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        document_ = json::parse(text);
    }

    [[nodiscard]] const json::array& vectors() const { return document_.at("vectors").as_array(); }

    /// Calls `visit(vector, operation, arguments, step)` for each call with a definition.
    template <class Visit>
    void each_definition(const Visit& visit) const {
        for (const auto& vector : vectors()) {
            for (const auto& step : vector.at("steps").as_array()) {
                const auto* const operation = step.as_object().if_contains("op");
                const auto* const arguments = step.as_object().if_contains("args");
                if (operation != nullptr && arguments != nullptr && arguments->is_object() &&
                    has_definition(arguments->as_object())) {
                    visit(
                        vector,
                        std::string{operation->as_string()},
                        arguments->as_object(),
                        step.as_object()
                    );
                }
            }
        }
    }

    json::value document_;
};

ParseOptions options_of(const json::object& arguments) {
    const auto* const type = arguments.if_contains("type");
    return {
        .type =
            type != nullptr && *type == "EXPRESS" ? MachineType::express : MachineType::standard};
}

TEST_F(Vectors, AreRefusedOrAcceptedAsByAws) {
    int accepted = 0;
    int refused = 0;
    each_definition(
        [&](const auto& vector, const auto& operation, const auto& arguments, const auto& step) {
            if (operation == "validate_state_machine_definition") {
                return;
            }
            const auto text = filled_in(std::string{arguments.at("definition").as_string()});
            const auto parsed = operation == "test_state"
                                    ? parse_state(text, "StateName", options_of(arguments))
                                    : parse_definition(text, options_of(arguments));
            std::vector<std::string> refusals;
            collect_refusals(vector.at("expected"), refusals);
            const auto fails = step.contains("expect_error");
            const auto made_up = vector.at("localstack_text").as_bool();
            if (parsed.machine != nullptr) {
                ++accepted;
                EXPECT_TRUE(refusals.empty() || !fails) << vector.at("id") << "\n" << text;
                EXPECT_FALSE(made_up && fails) << vector.at("id") << "\n" << text;
                return;
            }
            ++refused;
            const auto said =
                replaced(refusal_text(parsed.diagnostics), "arn:aws:", "arn:<partition>:");
            if (made_up && fails) {
                return;
            }
            EXPECT_THAT(refusals, ::testing::Contains(said)) << vector.at("id") << "\n" << text;
        }
    );
    EXPECT_GT(accepted, 1000);
    EXPECT_GT(refused, 80);
}

TEST_F(Vectors, HaveTheRecordedDiagnostics) {
    int checked = 0;
    each_definition(
        [&](const auto& vector, const auto& operation, const auto& arguments, const auto&) {
            const auto* const expected = find_member(vector.at("expected"), "diagnostics");
            if (operation == "validate_state_machine_definition" && expected != nullptr) {
                ++checked;
                const auto parsed = parse_definition(
                    std::string{arguments.at("definition").as_string()}, options_of(arguments)
                );
                EXPECT_EQ(json::value(shown(parsed.diagnostics)), *expected) << vector.at("id");
            }
        }
    );
    EXPECT_GE(checked, 12);
}

TEST_F(Vectors, HaveTheRecordedVariableReferences) {
    int checked = 0;
    each_definition(
        [&](const auto& vector, const auto& operation, const auto& arguments, const auto&) {
            const auto* const expected = find_member(vector.at("expected"), "variableReferences");
            if (operation == "create_state_machine" && expected != nullptr) {
                ++checked;
                const auto parsed =
                    parse_definition(std::string{arguments.at("definition").as_string()});
                ASSERT_NE(parsed.machine, nullptr) << vector.at("id");
                EXPECT_EQ(json::value(variable_references(*parsed.machine)), *expected)
                    << vector.at("id");
            }
        }
    );
    EXPECT_GE(checked, 10);
}

}  // namespace
}  // namespace kiln::asl
