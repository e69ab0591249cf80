// TestState calls that were recorded from AWS, answered here and compared whole.

#include "base/testing/conformance_data.hpp"
#include "flow/test_state/test_state.hpp"
#include "flow/tests/fake_world.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace kiln::flow {
namespace {

constexpr std::string_view kFolder = "/test_state/";
constexpr std::string_view kErrorPhrase = " when calling the TestState operation: ";

std::filesystem::path vectors_file() {
    return conformance_data("stepfunctions/vectors.json");
}

std::optional<std::string> text_of(const json::object& from, std::string_view member) {
    const auto* const value = from.if_contains(member);
    return value != nullptr ? std::optional<std::string>{value->as_string()} : std::nullopt;
}

std::optional<std::int64_t> number_of(const json::object& from, std::string_view member) {
    const auto* const value = from.if_contains(member);
    return value != nullptr ? std::optional{value->as_int64()} : std::nullopt;
}

Mock mock_of(const json::object& from) {
    Mock mock;
    mock.result = text_of(from, "result");
    if (const auto* const error = from.if_contains("errorOutput")) {
        const auto& object = error->as_object();
        mock.error_output = ErrorOutput{text_of(object, "error"), text_of(object, "cause")};
    }
    const auto mode = text_of(from, "fieldValidationMode").value_or("STRICT");
    mock.validation = mode == "NONE"      ? FieldValidation::none
                      : mode == "PRESENT" ? FieldValidation::present
                                          : FieldValidation::strict;
    return mock;
}

TestStateRequest request_of(const json::object& arguments) {
    TestStateRequest request;
    request.definition = text_of(arguments, "definition").value_or("");
    request.state_name = text_of(arguments, "stateName");
    request.role_arn = text_of(arguments, "roleArn");
    request.input = text_of(arguments, "input");
    request.variables = text_of(arguments, "variables");
    request.context = text_of(arguments, "context");
    const auto level = text_of(arguments, "inspectionLevel").value_or("INFO");
    request.level = level == "TRACE"   ? InspectionLevel::trace
                    : level == "DEBUG" ? InspectionLevel::debug
                                       : InspectionLevel::info;
    const auto* const secrets = arguments.if_contains("revealSecrets");
    request.reveal_secrets = secrets != nullptr && secrets->as_bool();
    if (const auto* const mock = arguments.if_contains("mock")) {
        request.mock = mock_of(mock->as_object());
    }
    if (const auto* const given = arguments.if_contains("stateConfiguration")) {
        const auto& object = given->as_object();
        request.configuration = {
            number_of(object, "retrierRetryCount"),
            text_of(object, "errorCausedByState"),
            number_of(object, "mapIterationFailureCount"),
            text_of(object, "mapItemReaderData")};
    }
    request.place = {"aws", "us-east-1", "111111111111"};
    return request;
}

/// The answer, or {"Code":…,"Message":…}.
json::object answer_of(const TestStateOutcome& outcome) {
    if (const auto* const refusal = std::get_if<Refusal>(&outcome)) {
        return {{"Code", refusal->code}, {"Message", refusal->message}};
    }
    const auto* const answer = std::get_if<json::object>(&outcome);
    return answer != nullptr ? *answer : json::object{{"call", true}};
}

/// What was recorded in the same form.
json::object expected_of(json::object recorded) {
    recorded.erase("ResponseMetadata");
    if (const auto* const error = recorded.if_contains("Error")) {
        return error->as_object();
    }
    if (const auto* const text = recorded.if_contains("exception_value")) {
        const std::string whole{text->as_string()};
        const auto at = whole.find(kErrorPhrase);
        return {
            {"Code", recorded.at("exception_typename")},
            {"Message", at == std::string::npos ? whole : whole.substr(at + kErrorPhrase.size())}};
    }
    return recorded;
}

/// JSON in a text is compared as JSON.
json::value opened(const json::value& value) {
    const auto* const text = value.if_string();
    if (text == nullptr || text->empty() || (text->front() != '{' && text->front() != '[')) {
        return value;
    }
    json::error_code error;
    auto inside = json::parse(*text, error);
    return error ? value : inside;
}

/// Texts that the recorder put in the place of others.
class Placeholders {
  public:
    explicit Placeholders(const json::array& transformers) {
        for (const auto& transformer : transformers) {
            if (const auto* const parts = transformer.if_array(); parts && parts->size() > 2) {
                words_.insert(std::string{parts->at(2).as_string()});
            } else if (const auto* const described = transformer.if_string()) {
                constexpr std::string_view kBefore = "'replacement': '";
                std::string text{*described};
                if (const auto at = text.find(kBefore); at != std::string::npos) {
                    text.erase(0, at + kBefore.size());
                    words_.insert(text.substr(0, text.find('\'')));
                }
            }
        }
    }

    [[nodiscard]] bool alike(std::string_view recorded, std::string_view shown) const {
        if (recorded == shown || words_.contains(std::string{recorded})) {
            return true;
        }
        if (recorded == "date") {
            return shown.find('T') == 10 && shown.ends_with('Z');
        }
        const auto open = recorded.find('<');
        if (open == std::string_view::npos) {
            return false;
        }
        const auto close = recorded.find('>', open);
        if (close == std::string_view::npos || !shown.starts_with(recorded.substr(0, open))) {
            return false;
        }
        const auto rest = recorded.substr(close + 1);
        for (auto at = open; at <= shown.size(); ++at) {
            if (alike(rest, shown.substr(at))) {
                return true;
            }
        }
        return false;
    }

  private:
    std::set<std::string> words_;
};

std::string difference(
    const json::value& recorded_raw,
    const json::value& shown_raw,
    const std::string& path,
    const Placeholders& placeholders
) {
    const auto recorded = opened(recorded_raw);
    const auto shown = opened(shown_raw);
    const auto differ = [&] {
        return fmt::format(
            "{}: recorded {}, shown {}\n", path, json::serialize(recorded), json::serialize(shown)
        );
    };
    if (recorded.is_object() && shown.is_object()) {
        std::string all;
        for (const auto& member : recorded.get_object()) {
            const auto* const other = shown.get_object().if_contains(member.key());
            const auto at = path + "/" + std::string{member.key()};
            all += other == nullptr ? at + ": missing\n"
                                    : difference(member.value(), *other, at, placeholders);
        }
        for (const auto& member : shown.get_object()) {
            if (!recorded.get_object().contains(member.key())) {
                all += path + "/" + std::string{member.key()} + ": not recorded\n";
            }
        }
        return all;
    }
    if (recorded.is_array() && shown.is_array() &&
        recorded.get_array().size() == shown.get_array().size()) {
        std::string all;
        for (std::size_t i = 0; i < shown.get_array().size(); ++i) {
            all += difference(
                recorded.get_array()[i],
                shown.get_array()[i],
                fmt::format("{}[{}]", path, i),
                placeholders
            );
        }
        return all;
    }
    if (recorded.is_string() && shown.is_string()) {
        return placeholders.alike(recorded.get_string(), shown.get_string()) ? "" : differ();
    }
    return recorded.kind() == shown.kind() && recorded == shown ? "" : differ();
}

/// The answers of one recorded conversation, by the name under which each was recorded.
std::map<std::string, json::object> play(const json::array& steps) {
    testing::FakeWorld world;
    std::vector<json::object> answers;
    std::map<std::string, json::object> named;
    for (const auto& step : steps) {
        const auto& object = step.as_object();
        if (object.contains("op")) {
            answers.push_back(
                answer_of(test_state(request_of(object.at("args").as_object()), world, {}))
            );
        } else {
            const auto& call = object.at("call");
            const auto index =
                call.is_int64() ? static_cast<std::size_t>(call.as_int64()) : answers.size() - 1;
            named[std::string{object.at("match").as_string()}] = answers.at(index);
        }
    }
    return named;
}

/// An SDK refuses some calls before it sends them.
bool is_of_service(const json::object& vector) {
    for (const auto& expected : vector.at("expected").as_object()) {
        const auto* const object = expected.value().if_object();
        const auto* const type =
            object != nullptr ? object->if_contains("exception_typename") : nullptr;
        if (object == nullptr || (type != nullptr && *type == "ParamValidationError")) {
            return false;
        }
    }
    return true;
}

TEST(TestState, AnswersAsAwsDidWhenItWasRecorded) {
    if (!std::filesystem::exists(vectors_file())) {
        GTEST_SKIP() << "no " << vectors_file() << "; KILN_CONFORMANCE names its folder";
    }
    std::ifstream file{vectors_file()};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    std::size_t played = 0;
    std::size_t failed = 0;
    const auto document = json::parse(text);
    for (const auto& raw : document.at("vectors").as_array()) {
        const auto& vector = raw.as_object();
        const std::string id{vector.at("id").as_string()};
        if (id.find(kFolder) == std::string::npos || !is_of_service(vector)) {
            continue;
        }
        ++played;
        const Placeholders placeholders{vector.at("transformers").as_array()};
        const auto answers = play(vector.at("steps").as_array());
        std::string differences;
        for (const auto& expected : vector.at("expected").as_object()) {
            differences += difference(
                expected_of(expected.value().as_object()),
                answers.at(std::string{expected.key()}),
                std::string{expected.key()},
                placeholders
            );
        }
        failed += differences.empty() ? 0U : 1U;
        EXPECT_EQ(differences, "") << id;
    }
    RecordProperty("played", static_cast<int>(played));
    RecordProperty("failed", static_cast<int>(failed));
    EXPECT_GT(played, 0U);
}

}  // namespace
}  // namespace kiln::flow
