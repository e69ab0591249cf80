// One row for each rule of the language: without the rule its row fails.

#include "asl/tests/refusals.hpp"

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

using testing::errors_of;
using testing::one_jsonata_state;
using testing::one_state;
using testing::Row;
using testing::schema;

class Definitions : public ::testing::TestWithParam<Row> {};

TEST_P(Definitions, AreRefusedWithEveryFault) {
    const auto parsed = parse_definition(GetParam().definition, {.type = GetParam().type});
    EXPECT_EQ(errors_of(parsed), GetParam().errors);
    EXPECT_EQ(parsed.machine == nullptr, !GetParam().errors.empty());
}

std::string name_of(const ::testing::TestParamInfo<Row>& row) {
    return row.param.name;
}

std::string other_language(const std::string& is, const std::string& field, const std::string& at) {
    const auto* const other = is == "JSONata" ? "JSONPath" : "JSONata";
    return schema(
        "The QueryLanguage is set to '" + is + "', but field '" + field +
        "' is only supported for the '" + other + "' QueryLanguage at " + at
    );
}

INSTANTIATE_TEST_SUITE_P(
    Whole,
    Definitions,
    ::testing::Values(
        Row{"Nothing", " ", {schema("Definition must be a valid JSON object")}},
        Row{"NoObject", "[1]", {schema("Definition must be a valid JSON object")}},
        Row{"NoJson",
            "x",
            {"INVALID_JSON_DESCRIPTION: Unrecognized token 'x': was expecting (JSON String, "
             "Number, Array, Object or "
             "token 'null', 'true' or 'false')\n at [Source: (String)\"x\"; line: 1, column: 2] at "
             "[Source: (String)\"x\"; line: 1, column: 2]"}},
        Row{"Empty", "{}", {schema("These fields are required: [States, StartAt] at /")}},
        Row{"NoStates",
            R"({"StartAt":"A","States":{}})",
            {schema("Value cannot be empty at /States")}},
        Row{"StatesOfOtherType",
            R"({"StartAt":"A","States":[]})",
            {schema("Expected value of type [OBJECT] at /States")}},
        Row{"StateOfOtherType",
            R"({"StartAt":"A","States":{"A":1,"B":{"Type":"Succeed"}}})",
            {schema("Expected value of type [OBJECT] at /States/A"),
             "MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B"}},
        Row{"UnknownField",
            R"({"StartAt":"A","Stats":1,"States":{"A":{"Type":"Succeed"}}})",
            {schema("Field 'Stats' is not supported at /")}},
        Row{"Version",
            R"({"Version":"2.0","StartAt":"A","States":{"A":{"Type":"Succeed"}}})",
            {schema("Value should be one of the following: [1.0] at /Version")}},
        Row{"Timeout",
            R"({"TimeoutSeconds":"x","StartAt":"A","States":{"A":{"Type":"Succeed"}}})",
            {schema("Expected value of type Integer at /TimeoutSeconds")}},
        Row{"LongTimeout",
            R"({"TimeoutSeconds":100000000,"StartAt":"A","States":{"A":{"Type":"Succeed"}}})",
            {schema("Maximum value is 99999999 at /TimeoutSeconds")}},
        Row{"Language",
            R"({"QueryLanguage":"XPath","StartAt":"A","States":{"A":{"Type":"Succeed"}}})",
            {schema("Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage"
            )}},
        Row{"StartAtNothing",
            R"({"StartAt":"B","States":{"A":{"Type":"Succeed"}}})",
            {"MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /StartAt",
             "MISSING_TRANSITION_TARGET: State \"A\" is not reachable. at /States/A"}},
        Row{"MissingTarget",
            R"({"StartAt":"a","States":{"a":{"Type":"Pass","Next":"c"},"b":{"Type":"Pass","End":true}}})",
            {"MISSING_TRANSITION_TARGET: Missing 'Next' target: c at /States/a/Next",
             "MISSING_TRANSITION_TARGET: State \"b\" is not reachable. at /States/b"}},
        Row{"NoEnd",
            R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}})",
            {"MISSING_END_STATE: Workflow has no terminal state"}},
        Row{"UnreachableEnd",
            R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"},"C":{"Type":"Pass","End":true}}})",
            {"MISSING_TRANSITION_TARGET: State \"C\" is not reachable. at /States/C"}},
        Row{"LongName",
            R"({"StartAt":")" + std::string(81, 'n') + R"(","States":{")" + std::string(81, 'n') +
                R"(":{"Type":"Succeed"}}})",
            {"INVALID_STATE_NAME: Invalid State name: " + std::string(81, 'n') +
             " exceeds the 80-character limit allowed by the service at /States/" +
             std::string(81, 'n')}},
        Row{"SameNameTwice",
            R"({"StartAt":"A","States":{"A":{"Type":"Fail"},"A":{"Type":"Succeed"}}})",
            {"DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A"}},
        Row{"SameNameInside",
            one_state(
                R"({"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}]})"
            ),
            {"DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A"}},
        Row{"SameNameTwiceInside",
            one_state(
                R"({"Type":"Parallel","End":true,"Branches":[{"StartAt":"X","States":{"X":{"Type":"Succeed"}}},)"
                R"({"StartAt":"B","States":{"B":{"Type":"Fail"},"B":{"Type":"Succeed"}}}]})"
            ),
            {"DUPLICATE_STATE_NAME: Duplicate State name: B at /States/A/Branches[1]/States/B"}}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    Common,
    Definitions,
    ::testing::Values(
        Row{"NoType",
            one_state(R"({"End":true})"),
            {schema("These fields are required: [Type] at /States/A")}},
        Row{"UnknownType",
            one_state(R"({"Type":"Loop","End":true})"),
            {schema("The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, "
                    "Fail, Choice, "
                    "Parallel, Map] at /States/A/Type")}},
        Row{"FieldOfOtherState",
            one_state(R"({"Type":"Pass","Catch":[],"End":true})"),
            {schema("Field 'Catch' is not supported at /States/A")}},
        Row{"NextOfSucceed",
            one_state(R"({"Type":"Succeed","Next":"A"})"),
            {schema("Field 'Next' is not supported at /States/A")}},
        Row{"EndAndNext",
            one_state(R"({"Type":"Pass","Next":"A","End":true})"),
            {schema("There should only be one of the following fields: [Next, End] at /States/A")}},
        Row{"NoTransition",
            R"({"StartAt":"A","States":{"A":{"Type":"Pass","End":false},"B":{"Type":"Succeed"}}})",
            {schema("This object should have only one of the following fields: [Next, End] at "
                    "/States/A"),
             "MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B"}},
        Row{"EndOfOtherType",
            R"({"StartAt":"A","States":{"A":{"Type":"Pass","End":"true","Next":"B"},"B":{"Type":"Succeed"}}})",
            {schema("Expected value of type [BOOLEAN] at /States/A/End")}},
        Row{"CommentOfOtherType",
            one_state(R"({"Type":"Succeed","Comment":1})"),
            {schema("Expected value of type [STRING] at /States/A/Comment")}},
        Row{"JsonataFieldsInJsonPath",
            one_state(
                R"({"Type":"Task","Resource":"arn:aws:lambda:r:1:function:f","Arguments":{},"Output":1,"End":true})"
            ),
            {other_language("JSONPath", "Arguments", "/States/A"),
             other_language("JSONPath", "Output", "/States/A")}},
        Row{"JsonPathFieldsInJsonata",
            one_jsonata_state(
                R"({"Type":"Pass","InputPath":"$","Parameters":{},"Result":1,"ResultPath":"$","OutputPath":"$","End":true})"
            ),
            {other_language("JSONata", "InputPath", "/States/A"),
             other_language("JSONata", "Parameters", "/States/A"),
             other_language("JSONata", "Result", "/States/A"),
             other_language("JSONata", "ResultPath", "/States/A"),
             other_language("JSONata", "OutputPath", "/States/A")}},
        Row{"BackToJsonPath",
            one_jsonata_state(R"({"Type":"Pass","QueryLanguage":"JSONPath","Result":1,"End":true})"
            ),
            {schema("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state "
                    "machine at /States/A")}},
        Row{"StateLanguage",
            one_state(R"({"Type":"Succeed","QueryLanguage":"jsonata"})"),
            {schema("Value should be one of the following: [JSONPath, JSONata] at "
                    "/States/A/QueryLanguage")}},
        Row{"InputPath",
            one_state(R"({"Type":"Pass","InputPath":"x","OutputPath":"$[","End":true})"),
            {schema("Value must be a valid JSONPath. at /States/A/InputPath"),
             schema("Value must be a valid JSONPath. at /States/A/OutputPath")}},
        Row{"ResultPathOfMany",
            one_state(R"({"Type":"Pass","ResultPath":"$.a[*]","End":true})"),
            {schema("Value is not a Reference Path at /States/A/ResultPath")}},
        Row{"ResultPathOfContext",
            one_state(R"({"Type":"Pass","ResultPath":"$$.a","End":true})"),
            {schema("Value is not a Reference Path at /States/A/ResultPath")}},
        Row{"ResultPathOfVariable",
            one_state(R"({"Type":"Pass","ResultPath":"$a","End":true})"),
            {schema("Value is not a Reference Path at /States/A/ResultPath")}},
        Row{"ResultPathWithoutDollar",
            one_state(R"({"Type":"Pass","ResultPath":"a","End":true})"),
            {schema("Value is not a Reference Path: Reference path didn't start with '$' at "
                    "/States/A/ResultPath")}},
        Row{"Template",
            one_state(
                R"--({"Type":"Pass","Parameters":{"a":{"b.$":"x"},"c.$":"States.No()"},"End":true})--"
            ),
            {schema("The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic "
                    "function call at "
                    "/States/A/Parameters"),
             schema("The value for the field 'c.$' must be a valid JSONPath or a valid intrinsic "
                    "function call at "
                    "/States/A/Parameters")}},
        Row{"TemplateOfText",
            one_state(R"({"Type":"Pass","Parameters":"$","End":true})"),
            {schema("Expected value of type [OBJECT] at /States/A/Parameters")}},
        Row{"TemplateTwice",
            one_state(R"({"Type":"Pass","Parameters":{"a":1,"a.$":"$.x"},"End":true})"),
            {schema("Field 'a.$' stands twice, with and without '.$' at /States/A/Parameters")}}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    Jsonata,
    Definitions,
    ::testing::Values(
        Row{"Syntax",
            one_jsonata_state(R"({"Type":"Pass","Output":{"v":["{% 1 + %}"]},"End":true})"),
            {"INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output/v[0]"}},
        Row{"HalfOpen",
            one_jsonata_state(R"({"Type":"Pass","Output":"{% 1","End":true})"),
            {schema("JSONata string must start with {% and end with %} at /States/A/Output")}},
        Row{"TopLevelName",
            one_jsonata_state(R"({"Type":"Pass","Output":{"v":"{% phone %}"},"End":true})"),
            {"UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not "
             "supported. at "
             "/States/A/Output/v"}},
        Row{"TopLevelDollar",
            one_jsonata_state(R"({"Type":"Pass","Output":"{% $ %}","End":true})"),
            {"UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$' at the top level is not supported. "
             "at /States/A/Output"}},
        Row{"Root",
            one_jsonata_state(R"({"Type":"Pass","Output":"{% $$ %}","End":true})"),
            {"UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at "
             "/States/A/Output"}},
        Row{"NestedNames",
            one_jsonata_state(
                R"({"Type":"Pass","Output":"{% $states.input.items[price > 1].name %}","End":true})"
            ),
            {}},
        Row{"ResultOfPass",
            one_jsonata_state(R"({"Type":"Pass","Output":"{% $states.result %}","End":true})"),
            {"UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at "
             "/States/A/Output"}},
        Row{"ResultInArguments",
            one_jsonata_state(
                R"({"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Arguments":{"x":"{% $states.result %}"},"End":true})"
            ),
            {"UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at "
             "/States/A/Arguments/x"}},
        Row{"ResultOfTask",
            one_jsonata_state(
                R"({"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Output":"{% $states.result %}","Assign":{"x":"{% $states.result %}"},"End":true})"
            ),
            {}},
        Row{"ErrorOutputOutside",
            one_jsonata_state(R"({"Type":"Succeed","Output":"{% $states.errorOutput %}"})"),
            {"UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.errorOutput' does not exist. at "
             "/States/A/Output"}},
        Row{"ErrorOutputOfCatcher",
            one_jsonata_state(
                R"({"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","End":true,"Catch":[{"ErrorEquals":["x"],"Next":"A","Output":"{% $states.errorOutput %}","Assign":{"e":"{% $states.errorOutput.Cause %}"}}]})"
            ),
            {}},
        Row{"UnknownMember",
            one_jsonata_state(R"({"Type":"Succeed","Output":"{% $states.inputs %}"})"),
            {"UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.inputs' does not exist. at "
             "/States/A/Output"}},
        Row{"UnknownVariableIsNoFault",
            one_jsonata_state(R"({"Type":"Succeed","Output":"{% $nobody.x %}"})"),
            {}},
        Row{"TextArguments",
            one_jsonata_state(
                R"({"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Arguments":"x","End":true})"
            ),
            {schema("JSONata string must start with {% and end with %} at /States/A/Arguments")}},
        Row{"NumberThatIsText",
            one_jsonata_state(R"({"Type":"Wait","Seconds":"5","End":true})"),
            {schema("Expected value of type Integer at /States/A/Seconds")}},
        Row{"NumberThatIsComputed",
            one_jsonata_state(R"({"Type":"Wait","Seconds":"{% 5 %}","End":true})"),
            {}}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    Assign,
    Definitions,
    ::testing::Values(
        Row{"OtherType",
            one_state(R"({"Type":"Pass","Assign":[],"End":true})"),
            {schema("Expected value of type [OBJECT] at /States/A/Assign")}},
        Row{"Reserved",
            one_state(R"({"Type":"Pass","Assign":{"states.$":"$"},"End":true})"),
            {"RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at "
             "/States/A/Assign/states.$"}},
        Row{"PartOfAVariable",
            one_state(R"({"Type":"Pass","Assign":{"x.y":42},"End":true})"),
            {"INVALID_VARIABLE_NAME: Invalid variable name 'x.y': the variable name contains "
             "invalid characters. at "
             "/States/A/Assign/x.y"}},
        Row{"FirstCharacter",
            one_state(R"({"Type":"Pass","Assign":{"_x":1},"End":true})"),
            {"INVALID_VARIABLE_NAME: Invalid variable name '_x': the variable name contains "
             "invalid characters. at "
             "/States/A/Assign/_x"}},
        Row{"OtherAlphabets",
            one_state(R"({"Type":"Pass","Assign":{"größe":1,"名前2_":2},"End":true})"),
            {}},
        Row{"LongName",
            one_state(
                R"({"Type":"Pass","Assign":{")" + std::string(81, 'v') + R"(":1},"End":true})"
            ),
            {"INVALID_VARIABLE_NAME: Invalid variable name '" + std::string(81, 'v') +
             "': the variable name exceeds the 80-character limit allowed by the service. at "
             "/States/A/Assign/" +
             std::string(81, 'v')}},
        Row{"OuterName",
            one_state(
                R"({"Type":"Parallel","Assign":{"x":1},"End":true,"Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"x.$":"$"},"End":true}}}]})"
            ),
            {"DUPLICATE_VARIABLE_NAME: The variable name 'x' was already defined in a parent "
             "scope. at "
             "/States/A/Branches[0]/States/B/Assign/x.$"}},
        Row{"OuterNameOfARule",
            R"({"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"A","Assign":{"x":1}}]},"A":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"x":2},"End":true}}}}}})",
            {"DUPLICATE_VARIABLE_NAME: The variable name 'x' was already defined in a parent "
             "scope. at "
             "/States/A/ItemProcessor/States/B/Assign/x"}},
        Row{"BranchesAreApart",
            one_state(
                R"({"Type":"Parallel","End":true,"Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"x":1},"End":true}}},{"StartAt":"C","States":{"C":{"Type":"Pass","Assign":{"x":1},"End":true}}}]})"
            ),
            {}},
        Row{"OfSucceed",
            one_state(R"({"Type":"Succeed","Assign":{}})"),
            {schema("Field 'Assign' is not supported at /States/A")}}
    ),
    name_of
);

}  // namespace
}  // namespace kiln::asl
