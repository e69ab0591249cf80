#include "api/states/constraints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::api::states {
namespace {

struct Row {
    std::string name;
    std::string operation;
    std::string input;
    std::string code;  ///< "": nothing is wrong
    std::string message;
};

class Inputs : public ::testing::TestWithParam<Row> {};

TEST_P(Inputs, AreJudgedByTheModel) {
    const auto& row = GetParam();
    const auto* const shape = input_of(row.operation);
    ASSERT_NE(shape, nullptr);
    const auto refused = refuse_input(*shape, parse_json(row.input).as_object());
    if (row.code.empty()) {
        EXPECT_FALSE(refused) << refused->message;
        return;
    }
    ASSERT_TRUE(refused);
    EXPECT_EQ(*refused, (Failure{row.code, row.message}));
}

constexpr auto kOne = "1 validation error detected: ";
constexpr auto kValidation = "ValidationException";
constexpr auto kSerialization = "SerializationException";

const std::string kToken = std::string(1025, 'x');
const std::string kListToken = std::string(3097, 'x');
const std::string kRoute = R"({"stateMachineVersionArn":"a:1","weight":50})";

INSTANTIATE_TEST_SUITE_P(
    Constraints,
    Inputs,
    ::testing::Values(
        Row{"Nothing", "ListStateMachines", "{}", "", ""},
        Row{"NullCountsAsAbsent", "ListStateMachines", R"({"nextToken":null})", "", ""},
        Row{"MostResults", "ListStateMachines", R"({"maxResults":1000})", "", ""},
        Row{"TooManyResults",
            "ListStateMachines",
            R"({"maxResults":1001})",
            kValidation,
            std::string{kOne} + "Value '1001' at 'maxResults' failed to satisfy constraint: Member "
                                "must have value less than or equal to 1000"},
        Row{"TooFewResults",
            "ListStateMachines",
            R"({"maxResults":-1})",
            kValidation,
            std::string{kOne} + "Value '-1' at 'maxResults' failed to satisfy constraint: Member "
                                "must have value greater than or equal to 0"},
        Row{"LongToken",
            "ListStateMachines",
            R"({"nextToken":")" + kToken + "\"}",
            kValidation,
            std::string{kOne} + "Value '" + kToken +
                "' at 'nextToken' failed to satisfy constraint: Member must have length less than "
                "or equal to 1024"},
        Row{"LongTokenOfExecutions",
            "ListExecutions",
            R"({"nextToken":")" + kListToken + "\"}",
            kValidation,
            std::string{kOne} + "Value '" + kListToken +
                "' at 'nextToken' failed to satisfy constraint: Member must have length less than "
                "or equal to 3096"},
        Row{"UnknownStatus",
            "ListExecutions",
            R"({"statusFilter":"succeeded"})",
            kValidation,
            std::string{kOne} +
                "Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must "
                "satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, "
                "RUNNING]"},
        Row{"MissingMember",
            "DescribeExecution",
            "{}",
            kValidation,
            std::string{kOne} + "Value null at 'executionArn' failed to satisfy constraint: Member "
                                "must not be null"},
        Row{"SeveralInTheOrderOfTheModel",
            "CreateStateMachine",
            R"({"name":"","definition":"{}","type":"FAST"})",
            kValidation,
            "3 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member "
            "must have length greater than or equal to 1; Value null at 'roleArn' failed to "
            "satisfy constraint: Member must not be null; Value 'FAST' at 'type' failed to satisfy "
            "constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]"},
        Row{"SecretsAreNotRepeated",
            "CreateStateMachine",
            R"({"name":"n","definition":"","roleArn":"r"})",
            kValidation,
            std::string{kOne} + "Value at 'definition' failed to satisfy constraint: Member must "
                                "have length greater than or equal to 1"},
        Row{"Pattern",
            "CreateStateMachineAlias",
            R"({"name":"123","routingConfiguration":[)" + kRoute + "]}",
            kValidation,
            std::string{kOne} +
                R"(Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular )"
                R"(expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$)"},
        Row{"LongName",
            "CreateStateMachineAlias",
            R"({"name":")" + std::string(81, 'A') + R"(","routingConfiguration":[)" + kRoute + "]}",
            kValidation,
            std::string{kOne} + "Value '" + std::string(81, 'A') +
                "' at 'name' failed to satisfy constraint: Member must have length less than or "
                "equal to 80"},
        Row{"WithinAList",
            "CreateStateMachineAlias",
            R"({"name":"n","routingConfiguration":[{"stateMachineVersionArn":"a","weight":101}]})",
            kValidation,
            std::string{kOne} + "Value '101' at 'routingConfiguration.1.member.weight' failed to "
                                "satisfy constraint: Member must have value less than or equal to "
                                "100"},
        Row{"LongList",
            "CreateStateMachineAlias",
            R"({"name":"n","routingConfiguration":[)" + kRoute + "," + kRoute + "," + kRoute + "]}",
            kValidation,
            std::string{kOne} +
                "Value '[RoutingConfigurationListItem(stateMachineVersionArn=a:1, weight=50), "
                "RoutingConfigurationListItem(stateMachineVersionArn=a:1, weight=50), "
                "RoutingConfigurationListItem(stateMachineVersionArn=a:1, weight=50)]' at "
                "'routingConfiguration' failed to satisfy constraint: Member must have length less "
                "than or equal to 2"},
        Row{"ShortList",
            "CreateStateMachineAlias",
            R"({"name":"n","routingConfiguration":[]})",
            kValidation,
            std::string{kOne} + "Value '[]' at 'routingConfiguration' failed to satisfy "
                                "constraint: Member must have length greater than or equal to 1"},
        Row{"LengthInUtf16",
            "CreateActivity",
            R"({"name":")" + std::string(79, 'a') + "\xf0\x9f\x98\x80\"}",
            kValidation,
            std::string{kOne} + "Value '" + std::string(79, 'a') +
                "\xf0\x9f\x98\x80' at 'name' failed to satisfy constraint: Member must have length "
                "less than or equal to 80"},
        Row{"Decimal",
            "UpdateMapRun",
            R"({"mapRunArn":"a","toleratedFailurePercentage":0.5})",
            "",
            ""},
        Row{"LargeDecimal",
            "UpdateMapRun",
            R"({"mapRunArn":"a","toleratedFailurePercentage":100.5})",
            kValidation,
            std::string{kOne} +
                "Value '1.005E2' at 'toleratedFailurePercentage' failed to satisfy constraint: "
                "Member must have value less than or equal to 100"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

INSTANTIATE_TEST_SUITE_P(
    Types,
    Inputs,
    ::testing::Values(
        Row{"NumberForText",
            "DescribeExecution",
            R"({"executionArn":5})",
            kSerialization,
            "NUMBER_VALUE cannot be converted to String at 'executionArn'"},
        Row{"TextForNumber",
            "ListStateMachines",
            R"({"maxResults":"5"})",
            kSerialization,
            "STRING_VALUE cannot be converted to Long at 'maxResults'"},
        Row{"FractionForNumber",
            "ListStateMachines",
            R"({"maxResults":1.5})",
            kSerialization,
            "NUMBER_VALUE cannot be converted to Long at 'maxResults'"},
        Row{"ImmenseNumber",
            "ListStateMachines",
            R"({"maxResults":1e300})",
            kSerialization,
            "NUMBER_VALUE cannot be converted to Long at 'maxResults'"},
        Row{"TextForBoolean",
            "CreateStateMachine",
            R"({"publish":"true"})",
            kSerialization,
            "STRING_VALUE cannot be converted to Boolean at 'publish'"},
        Row{"ObjectForText",
            "StartExecution",
            R"({"stateMachineArn":"a","input":{"a":1}})",
            kSerialization,
            "Start of structure or map found where not expected at 'input'"},
        Row{"ObjectForList",
            "TagResource",
            R"({"resourceArn":"a","tags":{}})",
            kSerialization,
            "Start of structure or map found where not expected at 'tags'"},
        Row{"TextForList",
            "UntagResource",
            R"({"resourceArn":"a","tagKeys":"k"})",
            kSerialization,
            "STRING_VALUE found where the start of a list was expected at 'tagKeys'"},
        Row{"NullInAList",
            "UntagResource",
            R"({"resourceArn":"a","tagKeys":[null]})",
            kSerialization,
            "NULL_VALUE cannot be converted to String at 'tagKeys.1.member'"},
        Row{"TextForStructure",
            "TagResource",
            R"({"resourceArn":"a","tags":["k"]})",
            kSerialization,
            "STRING_VALUE found where the start of a structure was expected at 'tags.1.member'"},
        Row{"UnknownMember",
            "DescribeExecution",
            R"({"executionARN":"a"})",
            kSerialization,
            R"(unknown member 'executionARN'; did you mean "executionArn"?)"},
        Row{"UnknownMemberWithin",
            "CreateActivity",
            R"({"name":"n","tags":[{"key":"k","worth":"v"}]})",
            kSerialization,
            R"(unknown member 'tags.1.member.worth')"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Model, HasEveryOperationWithAnInput) {
    EXPECT_EQ(operation_names().size(), 37U);
    for (const auto name : operation_names()) {
        ASSERT_NE(input_of(name), nullptr) << name;
        EXPECT_EQ(input_of(name)->kind, Kind::structure) << name;
    }
    EXPECT_EQ(input_of("StartExecutions"), nullptr);
    EXPECT_EQ(input_of(""), nullptr);
}

}  // namespace
}  // namespace kiln::api::states
