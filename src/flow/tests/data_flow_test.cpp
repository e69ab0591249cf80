#include "flow/tests/play.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::flow::testing {
namespace {

/// One state, its input, and what its execution ends with.
struct Row {
    const char* name;
    const char* state;  ///< without its End
    const char* input;
    const char* output;  ///< "" it fails
    const char* error = "";
    const char* cause = "";  ///< behind AWS' prefix
};

class OneState : public ::testing::TestWithParam<Row> {};

std::string one_state(std::string_view fields) {
    return fmt::format(R"({{"StartAt":"S","States":{{"S":{{{},"End":true}}}}}})", fields);
}

TEST_P(OneState, hasItsOutputOrItsError) {
    const auto& row = GetParam();
    Play play{one_state(row.state), row.input};
    play.run();
    EXPECT_EQ(play.output(), row.output);
    EXPECT_EQ(play.execution.error.value_or(""), row.error);
    const std::string prefix =
        *row.cause == '\0'
            ? ""
            : "An error occurred while executing the state 'S' (entered at the event id #2). ";
    EXPECT_EQ(play.execution.cause.value_or(""), prefix + row.cause);
}

const std::vector<Row> kRows{
    {"pass", R"("Type":"Pass")", R"({"a":1})", R"({"a":1})"},
    {"result", R"("Type":"Pass","Result":{"b":2})", R"({"a":1})", R"({"b":2})"},
    {"input_path", R"("Type":"Pass","InputPath":"$.a")", R"({"a":[1]})", "[1]"},
    {"input_path_null", R"("Type":"Pass","InputPath":null)", R"({"a":1})", "{}"},
    {"output_path", R"("Type":"Pass","OutputPath":"$.a")", R"({"a":1.5})", "1.5"},
    {"result_path",
     R"("Type":"Pass","Result":2,"ResultPath":"$.b.c")",
     R"({"a":1})",
     R"({"a":1,"b":{"c":2}})"},
    {"result_path_null",
     R"("Type":"Pass","Result":2,"ResultPath":null)",
     R"({"a":1})",
     R"({"a":1})"},
    {"result_into_the_raw_input",
     R"("Type":"Pass","InputPath":"$.a","ResultPath":"$.r")",
     R"({"a":1})",
     R"({"a":1,"r":1})"},
    {"parameters",
     R"("Type":"Pass","Parameters":{"x.$":"$.a","y":"z"})",
     R"({"a":1})",
     R"({"x":1,"y":"z"})"},
    {"context", R"("Type":"Pass","Parameters":{"n.$":"$$.State.Name"})", "{}", R"({"n":"S"})"},
    {"jsonata",
     R"("Type":"Pass","QueryLanguage":"JSONata","Output":{"n":"{% $states.input.a + 1 %}"})",
     R"({"a":1})",
     R"({"n":2})"},
    {"jsonata_context",
     R"("Type":"Pass","QueryLanguage":"JSONata","Output":"{% $states.context.State.Name %}")",
     "{}",
     R"("S")"},
    {"jsonata_undefined",
     R"("Type":"Pass","QueryLanguage":"JSONata","Output":{"n":"{% $nothing %}"})",
     "{}",
     "",
     "States.QueryEvaluationError",
     "The JSONata expression '$nothing' specified for the field 'Output/n' returned nothing "
     "(undefined)."},
    {"input_path_missing",
     R"("Type":"Pass","InputPath":"$.x")",
     "{}",
     "",
     "States.Runtime",
     "Invalid path '$.x' : No results for path: $['x']"},
    {"template_missing",
     R"("Type":"Pass","Parameters":{"x.$":"$.a"})",
     "{}",
     "",
     "States.Runtime",
     "The JSONPath '$.a' specified for the field 'x.$' could not be found in the input '{}'"},
    {"wait_negative",
     R"("Type":"Wait","SecondsPath":"$.s")",
     R"({"s":-1})",
     "",
     "States.Runtime",
     "The SecondsPath parameter references a negative value: $.s == -1"},
    {"wait_fraction",
     R"("Type":"Wait","SecondsPath":"$.s")",
     R"({"s":1.5})",
     "",
     "States.Runtime",
     "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"},
    {"wait_missing",
     R"("Type":"Wait","SecondsPath":"$.s")",
     "{}",
     "",
     "States.Runtime",
     "The SecondsPath parameter does not reference an input value: $.s"},
    {"wait_text", R"("Type":"Wait","SecondsPath":"$.s")", R"({"s":"2"})", R"({"s":"2"})"},
    {"wait_past",
     R"("Type":"Wait","TimestampPath":"$.t")",
     R"({"t":"2016-03-14T01:59:00Z"})",
     R"({"t":"2016-03-14T01:59:00Z"})"},
    {"wait_too_long",
     R"("Type":"Wait","TimestampPath":"$.t")",
     R"({"t":"2300-03-14T01:59:00Z"})",
     "",
     "States.Runtime",
     "Wait state delay is too long."},
    {"wait_no_timestamp",
     R"("Type":"Wait","TimestampPath":"$.t")",
     R"({"t":"soon"})",
     "",
     "States.Runtime",
     "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time "
     "format string: $.t == soon"},
};

INSTANTIATE_TEST_SUITE_P(States, OneState, ::testing::ValuesIn(kRows), [](const auto& row) {
    return row.param.name;
});

TEST(Variables, areSeenFromTheNextStateOnAndInInnerScopes) {
    Play play{
        R"({"StartAt":"A","States":{
        "A":{"Type":"Pass","Assign":{"x":1,"y.$":"$.v"},"Next":"B"},
        "B":{"Type":"Pass","Assign":{"x":2,"was.$":"$x"},"Next":"P"},
        "P":{"Type":"Parallel","Branches":[{"StartAt":"I","States":{
            "I":{"Type":"Pass","Parameters":{"x.$":"$x","was.$":"$was","y.$":"$y"},"End":true}}}],
            "End":true}}})",
        R"({"v":"w"})"};
    EXPECT_EQ(play.output(), R"([{"x":2,"was":1,"y":"w"}])");
}

TEST(Variables, areCountedAndGivenBack) {
    Play play{
        R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
        {"StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":"12345678"},"Next":"T"},
            "T":{"Type":"Task","Resource":"arn:aws:states:us-east-1:111111111111:activity:a","End":true}}}]}}})",
        "{}"};
    EXPECT_EQ(play.execution.variables_bytes, 10);
    play.succeed_task("1");
    EXPECT_EQ(play.execution.variables_bytes, 0);
}

TEST(Variables, haveALimitEachAndTogether) {
    const auto definition = R"({"StartAt":"A","States":{
        "A":{"Type":"Pass","Assign":{"x.$":"$.v"},"Next":"B"},
        "B":{"Type":"Pass","Assign":{"y.$":"$.v"},"End":true}}})";
    Limits limits;
    limits.variable_bytes = 10;
    EXPECT_EQ(Play(definition, R"({"v":"12345678"})", limits).execution.error, std::nullopt);
    EXPECT_EQ(
        Play(definition, R"({"v":"123456789"})", limits).execution.error, "States.DataLimitExceeded"
    );
    limits.all_variables_bytes = 19;
    EXPECT_EQ(
        Play(definition, R"({"v":"12345678"})", limits).execution.error, "States.DataLimitExceeded"
    );
}

TEST(PayloadLimit, failsTheState) {
    Limits limits;
    limits.payload_bytes = 100;
    Play play{
        one_state(R"("Type":"Pass","Parameters":{"a.$":"$","b.$":"$"})"),
        json_text(json::string(60, 'x')),
        limits};
    EXPECT_EQ(play.execution.error, "States.DataLimitExceeded");
    EXPECT_EQ(
        play.execution.cause,
        "The state/task 'S' returned a result with a size exceeding the maximum number of bytes "
        "service limit."
    );
}

TEST(PayloadDepth, isBoundedWhenAMachineWrapsItsInputForEver) {
    Play play{
        R"({"StartAt":"S","States":{"S":{"Type":"Pass","Parameters":{"a.$":"$"},"Next":"C"},
        "C":{"Type":"Choice","Choices":[{"Variable":"$.never","IsPresent":true,"Next":"E"}],"Default":"S"},
        "E":{"Type":"Succeed"}}})",
        "1"};
    EXPECT_EQ(play.execution.error, "States.Runtime");
    EXPECT_THAT(play.execution.cause.value(), ::testing::HasSubstr("nested deeper than 1000"));
}

TEST(Choice, withoutAMatchOrADefaultFails) {
    Play play{
        R"({"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[
        {"Variable":"$.a","NumericEquals":1,"Next":"E"}]},"E":{"Type":"Succeed"}}})",
        R"({"a":2})"};
    EXPECT_EQ(play.execution.error, "States.Runtime");
}

TEST(Choice, combinesConditions) {
    const auto definition = R"({"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[
        {"And":[{"Variable":"$.a","NumericEquals":1},{"Not":{"Variable":"$.b","IsPresent":true}}],"Next":"Yes"},
        {"Or":[{"Variable":"$.a","NumericEquals":2},{"Variable":"$.a","NumericEquals":3}],"Next":"Perhaps"}],
        "Default":"No"},
        "Yes":{"Type":"Pass","Result":"yes","End":true},
        "Perhaps":{"Type":"Pass","Result":"perhaps","End":true},
        "No":{"Type":"Pass","Result":"no","End":true}}})";
    EXPECT_EQ(Play(definition, R"({"a":1})").output(), "\"yes\"");
    EXPECT_EQ(Play(definition, R"({"a":1,"b":1})").output(), "\"no\"");
    EXPECT_EQ(Play(definition, R"({"a":3})").output(), "\"perhaps\"");
}

TEST(FailState, takesErrorAndCauseFromPaths) {
    Play play{
        R"x({"StartAt":"F","States":{"F":{"Type":"Fail","ErrorPath":"$.e",
            "CausePath":"States.Format('of {}', $.e)"}}})x",
        R"({"e":"E1"})"};
    EXPECT_EQ(play.execution.error, "E1");
    EXPECT_EQ(play.execution.cause, "of E1");
}

}  // namespace
}  // namespace kiln::flow::testing
