// Rules of Choices.

#include "asl/tests/refusals.hpp"

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

using testing::errors_of;
using testing::Row;
using testing::schema;

class Choices : public ::testing::TestWithParam<Row> {};

TEST_P(Choices, AreRefusedWithEveryFault) {
    const auto parsed = parse_definition(GetParam().definition, {.type = GetParam().type});
    EXPECT_EQ(errors_of(parsed), GetParam().errors);
    EXPECT_EQ(parsed.machine == nullptr, !GetParam().errors.empty());
}

std::string name_of(const ::testing::TestParamInfo<Row>& row) {
    return row.param.name;
}

std::string choice(const std::string& rule) {
    return R"({"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[)" + rule +
           R"(]},"B":{"Type":"Succeed"}}})";
}

std::string jsonata_choice(const std::string& rule) {
    return R"({"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Choice","Choices":[)" +
           rule + R"(]},"B":{"Type":"Succeed"}}})";
}

std::string deep_not(int levels) {
    std::string rule = R"({"Variable":"$.a","IsNull":true})";
    for (int i = 0; i < levels; ++i) {
        rule = R"({"Not":)" + rule + "}";
    }
    rule.insert(1, R"("Next":"B",)");
    return rule;
}

INSTANTIATE_TEST_SUITE_P(
    All,
    Choices,
    ::testing::Values(
        Row{"NoRules",
            R"({"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[],"Default":"B"},"B":{"Type":"Succeed"}}})",
            {schema("Value cannot be empty at /States/A/Choices")}},
        Row{"NoNext",
            R"({"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true}],"Default":"B"},"B":{"Type":"Succeed"}}})",
            {schema("These fields are required: [Next] at /States/A/Choices[0]")}},
        Row{"MissingDefault",
            R"({"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"B"}],"Default":"C"},"B":{"Type":"Succeed"}}})",
            {"MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Default"}},
        Row{"NextOfInnerRule",
            choice(R"({"And":[{"Variable":"$.a","IsNull":true,"Next":"B"}],"Next":"B"})"),
            {schema("Field 'Next' is not supported at /States/A/Choices[0]/And[0]")}},
        Row{"TwoSelectors",
            choice(R"({"Variable":"$.a","Not":{"Variable":"$.a","IsNull":true},"Next":"B"})"),
            {schema("The object must have only one of the following fields, [And, Or, Not, "
                    "Variable, Condition] at "
                    "/States/A/Choices[0]")}},
        Row{"NoSelector",
            choice(R"({"Next":"B"})"),
            {schema("The object must have only one of the following fields, [And, Or, Not, "
                    "Variable, Condition] at "
                    "/States/A/Choices[0]")}},
        Row{"EmptyOr",
            choice(R"({"Or":[],"Next":"B"})"),
            {schema("Value cannot be empty at /States/A/Choices[0]/Or")}},
        Row{"Variable",
            choice(R"--({"Variable":"States.UUID()","IsNull":true,"Next":"B"})--"),
            {schema("Value is not a Reference Path: Reference path didn't start with '$' at "
                    "/States/A/Choices[0]/Variable")}},
        Row{"TextOperand",
            choice(R"({"Variable":"$.a","StringEquals":1,"Next":"B"})"),
            {schema("Expected value of type [STRING] at /States/A/Choices[0]/StringEquals")}},
        Row{"NumberOperand",
            choice(R"({"Variable":"$.a","NumericLessThan":"1","Next":"B"})"),
            {schema("Expected value of type [NUMBER] at /States/A/Choices[0]/NumericLessThan")}},
        Row{"BooleanOperand",
            choice(R"({"Variable":"$.a","IsPresent":"yes","Next":"B"})"),
            {schema("Expected value of type [BOOLEAN] at /States/A/Choices[0]/IsPresent")}},
        Row{"TimeOperand",
            choice(R"({"Variable":"$.a","TimestampEquals":"2016-13-05T21:29:29Z","Next":"B"})"),
            {schema(
                "String does not match RFC3339 timestamp at /States/A/Choices[0]/TimestampEquals"
            )}},
        Row{"PathOperand",
            choice(R"({"Variable":"$.a","StringEqualsPath":"b","Next":"B"})"),
            {schema("Value is not a Reference Path: Reference path didn't start with '$' at "
                    "/States/A/Choices[0]/StringEqualsPath")}},
        Row{"UnknownField",
            choice(R"({"Variable":"$.a","IsNul":true,"IsNull":true,"Next":"B"})"),
            {schema("Field 'IsNul' is not supported at /States/A/Choices[0]")}},
        Row{"ConditionInJsonPath",
            choice(R"({"Condition":"{% true %}","Next":"B"})"),
            {schema("The QueryLanguage is set to 'JSONPath', but field 'Condition' is only "
                    "supported for the 'JSONata' "
                    "QueryLanguage at /States/A/Choices[0]")}},
        Row{"VariableInJsonata",
            jsonata_choice(R"({"Variable":"$.a","Condition":true,"Next":"B"})"),
            {schema("The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported "
                    "for the 'JSONPath' "
                    "QueryLanguage at /States/A/Choices[0]")}},
        Row{"NoCondition",
            jsonata_choice(R"({"Next":"B"})"),
            {schema("These fields are required: [Condition] at /States/A/Choices[0]")}},
        Row{"ConditionOfText",
            jsonata_choice(R"({"Condition":"true","Next":"B"})"),
            {schema("JSONata string must start with {% and end with %} at "
                    "/States/A/Choices[0]/Condition")}},
        Row{"DeepButGood", choice(deep_not(100)), {}},
        Row{"TooDeep",
            choice(deep_not(400)),
            {"TOO_DEEPLY_NESTED: Conditions are nested deeper than 100 levels at "
             "/States/A/Choices[0]" +
             [] {
                 std::string path;
                 for (int i = 0; i < 101; ++i) {
                     path += "/Not";
                 }
                 return path;
             }()}},
        Row{"Good",
            choice(
                R"({"And":[{"Or":[{"Not":{"Variable":"$$.a","TimestampEqualsPath":"$b"}}]},{"Variable":"$x.y[0]","NumericEquals":1.5}],"Next":"B","Comment":"c","Assign":{"z":1}})"
            ),
            {}},
        Row{"GoodJsonata",
            jsonata_choice(
                R"({"Condition":"{% $states.input.a > 1 %}","Output":{"a":1},"Assign":{"b":2},"Next":"B"})"
            ),
            {}}
    ),
    name_of
);

}  // namespace
}  // namespace kiln::asl
