// Rules of single types of states, and of their error handling.

#include "asl/tests/refusals.hpp"

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

using testing::errors_of;
using testing::one_jsonata_state;
using testing::one_state;
using testing::Row;
using testing::schema;

class StateTypes : public ::testing::TestWithParam<Row> {};

TEST_P(StateTypes, AreRefusedWithEveryFault) {
    const auto parsed = parse_definition(GetParam().definition, {.type = GetParam().type});
    EXPECT_EQ(errors_of(parsed), GetParam().errors);
    EXPECT_EQ(parsed.machine == nullptr, !GetParam().errors.empty());
}

std::string name_of(const ::testing::TestParamInfo<Row>& row) {
    return row.param.name;
}

std::string task(const std::string& rest) {
    return one_state(
        R"({"Type":"Task","End":true,"Resource":"arn:aws:states:::sqs:sendMessage",)" + rest + "}"
    );
}

std::string calls(const std::string& resource) {
    return one_state(R"({"Type":"Task","End":true,"Resource":")" + resource + "\"}");
}

INSTANTIATE_TEST_SUITE_P(
    Task,
    StateTypes,
    ::testing::Values(
        Row{"NoResource",
            one_state(R"({"Type":"Task","End":true})"),
            {schema("These fields are required: [Resource] at /States/A")}},
        Row{"NoArn",
            calls("sqs"),
            {schema("Value is not a valid resource ARN at /States/A/Resource")}},
        Row{"UnknownAction",
            calls("arn:aws:states:::dynamodb:query"),
            {schema("The resource provided arn:aws:states:::dynamodb:query is not recognized. The "
                    "value is not a valid "
                    "resource ARN, or the resource is not available in this region. at "
                    "/States/A/Resource")}},
        Row{"OtherService",
            calls("arn:aws:swf:r:1:task:X"),
            {schema("The resource provided arn:aws:swf:r:1:task:X is not recognized. The value is "
                    "not a valid "
                    "resource ARN, or the resource is not available in this region. at "
                    "/States/A/Resource")}},
        Row{"ExpressSync",
            calls("arn:aws:states:::states:startExecution.sync"),
            {schema("Express state machine does not support '.sync' service integration at "
                    "/States/A/Resource")},
            MachineType::express},
        Row{"ExpressToken",
            calls("arn:aws:states:::sqs:sendMessage.waitForTaskToken"),
            {schema("Express state machine does not support '.waitForTaskToken' service "
                    "integration  at "
                    "/States/A/Resource")},
            MachineType::express},
        Row{"ExpressActivity",
            calls("arn:aws:states:r:1:activity:a"),
            {schema("Express state machine does not support Activity ARN at /States/A/Resource")},
            MachineType::express},
        Row{"ExpressInBranch",
            one_state(
                R"({"Type":"Parallel","End":true,"Branches":[{"StartAt":"B","States":{"B":{"Type":"Task","End":true,"Resource":"arn:aws:states:r:1:activity:a"}}}]})"
            ),
            {schema("Express state machine does not support Activity ARN at "
                    "/States/A/Branches[0]/States/B/Resource")},
            MachineType::express},
        Row{"Timeout",
            task(R"("TimeoutSeconds":0,"HeartbeatSeconds":1.5)"),
            {schema("Minimum value is 1 at /States/A/TimeoutSeconds"),
             schema("Expected value of type Integer at /States/A/HeartbeatSeconds")}},
        Row{"LongTimeout",
            task(R"("TimeoutSeconds":100000000)"),
            {schema("Maximum value is 99999999 at /States/A/TimeoutSeconds")}},
        Row{"TimeoutTwice",
            task(R"("TimeoutSeconds":1,"TimeoutSecondsPath":"$.t")"),
            {schema("There should only be one of the following fields: [TimeoutSeconds, "
                    "TimeoutSecondsPath] at /States/A")}},
        Row{"HeartbeatBeyondTimeout",
            task(R"("TimeoutSeconds":5,"HeartbeatSeconds":5)"),
            {schema(
                "HeartbeatSeconds must be smaller than TimeoutSeconds at /States/A/HeartbeatSeconds"
            )}},
        Row{"TimeoutPath",
            task(R"("TimeoutSecondsPath":"$.a..b")"),
            {schema("Value is not a Reference Path at /States/A/TimeoutSecondsPath")}},
        Row{"CredentialsWithoutRole",
            task(R"("Credentials":{"X":"y"})"),
            {schema("The field 'RoleArn' is required but was missing at /States/A/Credentials")}},
        Row{"CredentialsOfActivity",
            one_state(
                R"({"Type":"Task","End":true,"Resource":"arn:aws:states:r:1:activity:a","Credentials":{"RoleArn":"x"}})"
            ),
            {schema(
                "The field 'Credentials' is not supported for activities at /States/A/Credentials"
            )}},
        Row{"Good",
            task(
                R"("TimeoutSecondsPath":"$.t","HeartbeatSeconds":3,"Credentials":{"RoleArn.$":"$.r"},"ResultSelector":{"a.$":"$.b"},"ResultPath":null,"InputPath":null,"OutputPath":"$.x[0]")"
            ),
            {}}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    ErrorHandling,
    StateTypes,
    ::testing::Values(
        Row{"NoErrors",
            task(R"("Retry":[{}],"Catch":[{}])"),
            {schema("These fields are required: [ErrorEquals] at /States/A/Retry[0]"),
             schema("These fields are required: [ErrorEquals, Next] at /States/A/Catch[0]")}},
        Row{"EmptyErrors",
            task(R"("Retry":[{"ErrorEquals":[]}])"),
            {schema("Value cannot be empty at /States/A/Retry[0]/ErrorEquals")}},
        Row{"ErrorOfOtherType",
            task(R"("Retry":[{"ErrorEquals":[1]}])"),
            {schema("Expected value of type [STRING] at /States/A/Retry[0]/ErrorEquals[0]")}},
        Row{"AllNotAlone",
            task(R"("Retry":[{"ErrorEquals":["States.ALL","x"]}])"),
            {schema(
                "States.ALL must appear alone and at end of list at /States/A/Retry[0]/ErrorEquals"
            )}},
        Row{"AllNotLast",
            task(
                R"("Catch":[{"ErrorEquals":["States.ALL"],"Next":"A"},{"ErrorEquals":["x"],"Next":"A"}])"
            ),
            {schema(
                "States.ALL must appear alone and at end of list at /States/A/Catch[0]/ErrorEquals"
            )}},
        Row{"Numbers",
            task(
                R"("Retry":[{"ErrorEquals":["x"],"IntervalSeconds":-1,"MaxAttempts":-1,"BackoffRate":0.5,"MaxDelaySeconds":0,"JitterStrategy":"SOME"}])"
            ),
            {schema("Minimum value is 0 at /States/A/Retry[0]/IntervalSeconds"),
             schema("Minimum value is 0 at /States/A/Retry[0]/MaxAttempts"),
             schema("Minimum value is 1.0 at /States/A/Retry[0]/BackoffRate"),
             schema("Minimum value is 1 at /States/A/Retry[0]/MaxDelaySeconds"),
             schema("Value should be one of the following: [NONE, FULL] at "
                    "/States/A/Retry[0]/JitterStrategy")}},
        Row{"LargeNumbers",
            task(
                R"("Retry":[{"ErrorEquals":["x"],"IntervalSeconds":1e9,"MaxAttempts":100000000,"MaxDelaySeconds":31622401}])"
            ),
            {schema("Maximum value is 99999999 at /States/A/Retry[0]/IntervalSeconds"),
             schema("Maximum value is 99999999 at /States/A/Retry[0]/MaxAttempts"),
             schema("Maximum value is 31622400 at /States/A/Retry[0]/MaxDelaySeconds")}},
        Row{"UnknownField",
            task(R"("Catch":[{"ErrorEquals":["x"],"Next":"A","_comment":"x"}])"),
            {schema("Field '_comment' is not supported at /States/A/Catch[0]")}},
        Row{"CatchTarget",
            task(R"("Catch":[{"ErrorEquals":["x"],"Next":"B","ResultPath":"x"}])"),
            {schema("Value is not a Reference Path: Reference path didn't start with '$' at "
                    "/States/A/Catch[0]/ResultPath"),
             "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Catch[0]/Next"}},
        Row{"Good",
            task(
                R"("Retry":[{"ErrorEquals":["x"],"MaxAttempts":0,"BackoffRate":1},{"ErrorEquals":["States.ALL"],"JitterStrategy":"FULL"}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"A","Comment":"again"}])"
            ),
            {}}
    ),
    name_of
);

INSTANTIATE_TEST_SUITE_P(
    WaitFailParallel,
    StateTypes,
    ::testing::Values(
        Row{"WaitForNothing",
            one_state(R"({"Type":"Wait","End":true})"),
            {schema("This object should have only one of the following fields: [SecondsPath, "
                    "Seconds, TimestampPath, "
                    "Timestamp] at /States/A")}},
        Row{"WaitForTwo",
            one_state(R"({"Type":"Wait","Seconds":1,"Timestamp":"2016-03-14T01:59:00Z","End":true})"
            ),
            {schema("There should only be one of the following fields: [SecondsPath, Seconds, "
                    "TimestampPath, Timestamp] "
                    "at /States/A")}},
        Row{"NegativeWait",
            one_state(R"({"Type":"Wait","Seconds":-1,"End":true})"),
            {schema("Minimum value is 0 at /States/A/Seconds")}},
        Row{"WaitUntilWhen",
            one_state(R"({"Type":"Wait","Timestamp":"2016-12-05 21:29:29Z","End":true})"),
            {schema("String does not match RFC3339 timestamp at /States/A/Timestamp")}},
        Row{"WaitForPath",
            one_state(R"({"Type":"Wait","TimestampPath":"$.a[1:2]","End":true})"),
            {schema("Value is not a Reference Path at /States/A/TimestampPath")}},
        Row{"FailTwice",
            one_state(
                R"({"Type":"Fail","Error":"a","ErrorPath":"$.a","Cause":"b","CausePath":"$.b"})"
            ),
            {schema(
                 "There should only be one of the following fields: [Error, ErrorPath] at /States/A"
             ),
             schema(
                 "There should only be one of the following fields: [Cause, CausePath] at /States/A"
             )}},
        Row{"FailPath",
            one_state(R"({"Type":"Fail","ErrorPath":"a"})"),
            {schema("Value must be a valid JSONPath or a valid intrinsic function call at "
                    "/States/A/ErrorPath")}},
        Row{"FailInput",
            one_state(R"({"Type":"Fail","InputPath":"$"})"),
            {schema("Field 'InputPath' is not supported at /States/A")}},
        Row{"FailGood",
            one_state(
                R"--({"Type":"Fail","ErrorPath":"$.a","CausePath":"States.Format('{}', $.b)"})--"
            ),
            {}},
        Row{"NoBranches",
            one_state(R"({"Type":"Parallel","Branches":[],"End":true})"),
            {schema("Value cannot be empty at /States/A/Branches")}},
        Row{"EmptyBranch",
            one_state(R"({"Type":"Parallel","Branches":[{}],"End":true})"),
            {schema("These fields are required: [States, StartAt] at /States/A/Branches[0]")}},
        Row{"BranchLanguage",
            one_state(
                R"({"Type":"Parallel","Branches":[{"QueryLanguage":"JSONata","StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"End":true})"
            ),
            {schema("Field 'QueryLanguage' is not supported at /States/A/Branches[0]")}},
        Row{"BranchLeavesIt",
            one_state(
                R"({"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","Next":"A"}}}],"End":true})"
            ),
            {"MISSING_TRANSITION_TARGET: Missing 'Next' target: A at "
             "/States/A/Branches[0]/States/B/Next"}},
        Row{"BranchHasMachinesLanguage",
            one_state(
                R"({"Type":"Parallel","QueryLanguage":"JSONata","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","Output":1,"End":true}}}],"End":true})"
            ),
            {schema("The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported "
                    "for the 'JSONata' "
                    "QueryLanguage at /States/A/Branches[0]/States/B")}}
    ),
    name_of
);

std::string nested(int levels) {
    std::string state = R"({"Type":"Succeed"})";
    for (int i = 0; i < levels; ++i) {
        const auto name = "s" + std::to_string(i);
        state = R"({"Type":"Parallel","End":true,"Branches":[{"StartAt":")" + name +
                R"(","States":{")" + name + "\":" + state + "}}]}";
    }
    return one_state(state);
}

TEST(StateTypes, MayBeNestedToADepth) {
    EXPECT_EQ(errors_of(parse_definition(nested(25))), std::vector<std::string>{});
    const auto errors = errors_of(parse_definition(nested(26)));
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_THAT(
        errors[0],
        ::testing::StartsWith(
            "TOO_DEEPLY_NESTED: States are nested deeper than 25 levels at /States/A"
        )
    );
}

TEST(StateTypes, HostileNamesAndManyFaultsStaySmall) {
    std::string fields;
    for (int i = 0; i < 30'000; ++i) {
        fields += ",\"f" + std::to_string(i) + "\":0";
    }
    const auto name = std::string(500'000, 'n');
    const auto parsed = parse_definition(
        R"({"StartAt":"A","States":{")" + name + R"(":{"Type":"Pass","End":true)" + fields + "}}}"
    );
    EXPECT_EQ(parsed.machine, nullptr);
    std::size_t bytes = 0;
    for (const auto& each : parsed.diagnostics) {
        bytes += each.message.size() + each.location.size();
    }
    EXPECT_LT(bytes, 4U << 20);
}

TEST(StateTypes, HostileNestingEndsWithAnAnswer) {
    EXPECT_EQ(parse_definition(nested(190)).machine, nullptr);
    const auto lists = std::string(900, '[') + std::string(900, ']');
    EXPECT_EQ(
        parse_definition(
            one_state(R"({"Type":"Pass","Parameters":{"a":)" + lists + R"(},"End":true})")
        )
            .machine,
        nullptr
    );
    EXPECT_EQ(
        parse_definition(
            one_jsonata_state(R"({"Type":"Pass","Output":)" + lists + R"(,"End":true})")
        )
            .machine,
        nullptr
    );
    EXPECT_NE(
        parse_definition(one_state(R"({"Type":"Pass","Result":)" + lists + R"(,"End":true})"))
            .machine,
        nullptr
    );
}

}  // namespace
}  // namespace kiln::asl
