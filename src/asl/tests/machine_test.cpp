// What becomes of a definition.

#include "asl/parse.hpp"
#include "asl/tests/refusals.hpp"
#include "asl/variables.hpp"

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

using testing::errors_of;
using testing::one_state;

StateMachinePtr machine_of(const std::string& text) {
    auto parsed = parse_definition(text);
    EXPECT_EQ(errors_of(parsed), std::vector<std::string>{});
    return parsed.machine;
}

TEST(Machines, HaveTheirStatesInTheOrderOfTheDefinition) {
    const auto machine = machine_of(
        R"({"Comment":"c","TimeoutSeconds":60,"StartAt":"Z","States":{)"
        R"("B":{"Type":"Succeed"},"Z":{"Type":"Pass","Next":"A"},"A":{"Type":"Pass","Next":"B"}}})"
    );
    ASSERT_NE(machine, nullptr);
    EXPECT_EQ(machine->comment, "c");
    EXPECT_EQ(machine->timeout_seconds, 60);
    ASSERT_EQ(machine->top.states.size(), 3U);
    EXPECT_EQ(machine->top.states[0].name, "B");
    EXPECT_EQ(machine->top.start_at, 1U);
    EXPECT_EQ(machine->top.states[1].next, 2U);
    EXPECT_EQ(machine->top.states[2].next, 0U);
    EXPECT_EQ(machine->top.states[0].next, std::nullopt);
    EXPECT_EQ(machine->top.by_name.at("A"), 2U);
}

TEST(Machines, KeepTheNumbersOfRetriers) {
    const auto machine = machine_of(one_state(
        R"({"Type":"Task","End":true,"Resource":"arn:aws:states:::sqs:sendMessage","Retry":[{"ErrorEquals":["a","b"]},)"
        R"({"ErrorEquals":["States.ALL"],"IntervalSeconds":2,"MaxAttempts":0,"BackoffRate":1.5,"MaxDelaySeconds":9,)"
        R"("JitterStrategy":"FULL"}],"Catch":[{"ErrorEquals":["x"],"Next":"A","ResultPath":"$.e"}]})"
    ));
    ASSERT_NE(machine, nullptr);
    const auto& state = machine->top.states[0];
    ASSERT_EQ(state.retry.size(), 2U);
    EXPECT_EQ(state.retry[0].interval_seconds, 1);
    EXPECT_EQ(state.retry[0].max_attempts, 3);
    EXPECT_EQ(state.retry[0].backoff_rate, 2.0);
    EXPECT_EQ(state.retry[0].max_delay_seconds, std::nullopt);
    EXPECT_EQ(state.retry[1].interval_seconds, 2);
    EXPECT_EQ(state.retry[1].max_attempts, 0);
    EXPECT_EQ(state.retry[1].backoff_rate, 1.5);
    EXPECT_EQ(state.retry[1].max_delay_seconds, 9);
    EXPECT_EQ(state.retry[1].jitter, Jitter::full);
    ASSERT_EQ(state.catchers.size(), 1U);
    EXPECT_EQ(state.catchers[0].next, 0U);
    EXPECT_EQ(state.catchers[0].result_path.kind, PathSetting::Kind::path);
}

TEST(Machines, TellAbsentPathsFromNull) {
    const auto machine = machine_of(
        one_state(R"({"Type":"Pass","InputPath":null,"OutputPath":"$.a","End":true,"Result":null})")
    );
    ASSERT_NE(machine, nullptr);
    const auto& state = machine->top.states[0];
    EXPECT_EQ(state.input_path.kind, PathSetting::Kind::null);
    EXPECT_EQ(state.output_path.kind, PathSetting::Kind::path);
    EXPECT_EQ(state.result_path.kind, PathSetting::Kind::absent);
    EXPECT_EQ(std::get<PassFields>(state.fields).result, json::value(nullptr));
}

TEST(Machines, MakeALabelForADistributedMapWithoutOne) {
    const auto text = one_state(
        R"({"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},)"
        R"("StartAt":"B","States":{"B":{"Type":"Succeed"}}}})"
    );
    const auto machine = machine_of(text);
    ASSERT_NE(machine, nullptr);
    const auto& map = std::get<MapFields>(machine->top.states[0].fields);
    EXPECT_TRUE(map.distributed);
    EXPECT_EQ(map.child_type, ChildType::express);
    EXPECT_THAT(map.label, ::testing::MatchesRegex("[0-9a-f-]{36}"));
    EXPECT_EQ(map.label, std::get<MapFields>(machine_of(text)->top.states[0].fields).label);
}

TEST(Machines, NestConditions) {
    const auto machine = machine_of(
        R"({"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Not":{"And":[)"
        R"({"Variable":"$.a","NumericGreaterThanEqualsPath":"$x"},{"Variable":"$$.b","IsPresent":false}]},"Next":"B"}],)"
        R"("Default":"B"},"B":{"Type":"Fail"}}})"
    );
    ASSERT_NE(machine, nullptr);
    const auto& choice = std::get<ChoiceFields>(machine->top.states[0].fields);
    EXPECT_EQ(choice.fallback, 1U);
    const auto& inner = std::get<NoneOf>(choice.rules.at(0).condition.test).condition.at(0);
    const auto& all = std::get<AllOf>(inner.test).conditions;
    const auto& first = std::get<Comparison>(all.at(0).test);
    EXPECT_EQ(first.field, "NumericGreaterThanEqualsPath");
    EXPECT_EQ(first.comparator, Comparator::numeric_greater_equals);
    EXPECT_EQ(std::get<jsonpath::Path>(first.operand).text(), "$x");
    const auto& second = std::get<Comparison>(all.at(1).test);
    EXPECT_EQ(second.comparator, Comparator::is_present);
    EXPECT_EQ(std::get<json::value>(second.operand), json::value(false));
    EXPECT_EQ(variables_of(machine->top.states[0]), std::vector<std::string>{"x"});
}

TEST(Machines, KeepConstantsOfJsonataWhole) {
    const auto machine = machine_of(testing::one_jsonata_state(
        R"({"Type":"Pass","Output":{"a":[1,{"b":"x"}],"c":"{% 1 + 1 %}"},"End":true})"
    ));
    ASSERT_NE(machine, nullptr);
    const auto& output = std::get<JsonataTemplate>(machine->top.states[0].output->value);
    const auto& members = std::get<JsonataTemplate::Object>(output.node);
    ASSERT_EQ(members.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<json::value>(members[0].value.node));
    EXPECT_EQ(std::get<JsonataField>(members[1].value.node).text, "1 + 1");
}

TEST(Machines, MayBeWarnedOf) {
    const auto parsed = parse_definition(
        R"--({"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a":["$.x",{"b":"States.UUID()","c":"States.Timeout"}],)--"
        R"--("d":"$.x"},"Result":"$.y","Next":"B"},"B":{"Type":"Choice","Choices":[)--"
        R"--({"Variable":"$.a","StringEquals":"$.b","Next":"C"}]},"C":{"Type":"Fail","Error":"$$.x"}}})--"
    );
    ASSERT_NE(parsed.machine, nullptr);
    std::vector<std::string> told;
    for (const auto& each : parsed.diagnostics) {
        EXPECT_EQ(each.severity, Severity::warning);
        told.push_back(each.code + " at " + each.location);
    }
    EXPECT_THAT(
        told,
        ::testing::ElementsAre(
            "NO_DOLLAR at /States/A/Parameters",
            "NO_DOLLAR at /States/A/Parameters",
            "PASS_RESULT_IS_STATIC at /States/A/Result",
            "NO_PATH at /States/B/Choices[0]/StringEquals",
            "NO_PATH at /States/C/Error"
        )
    );
}

TEST(Machines, AreRefusedWhenTooLong) {
    const auto text = one_state(R"({"Type":"Succeed"})");
    EXPECT_NE(parse_definition(text, {.limit_bytes = text.size()}).machine, nullptr);
    EXPECT_EQ(
        errors_of(parse_definition(text, {.limit_bytes = text.size() - 1})),
        std::vector<std::string>{
            "SCHEMA_VALIDATION_FAILED: Definition is longer than " +
            std::to_string(text.size() - 1) + " bytes"}
    );
}

TEST(RefusalText, JoinsTheErrors) {
    EXPECT_EQ(
        refusal_text(
            {{Severity::error, "A", "a", "/x"},
             {Severity::warning, "W", "w", "/w"},
             {Severity::error, "B", "b", ""}}
        ),
        "Invalid State Machine Definition: 'A: a at /x, B: b at null'"
    );
}

TEST(SingleStates, LeadOutOfTheText) {
    const auto parsed = parse_state(
        R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Next":"There","Catch":[)"
        R"({"ErrorEquals":["x"],"Next":"Elsewhere"},{"ErrorEquals":["States.ALL"],"Next":"There"}]})"
    );
    ASSERT_NE(parsed.machine, nullptr);
    const auto& top = parsed.machine->top;
    ASSERT_EQ(top.states.size(), 3U);
    EXPECT_EQ(top.states[0].name, "StateName");
    EXPECT_EQ(top.states[*top.states[0].next].name, "There");
    EXPECT_EQ(top.states[top.states[0].catchers[0].next].name, "Elsewhere");
    EXPECT_EQ(top.states[1].type, StateType::succeed);
}

TEST(SingleStates, AreRefusedUnderTheirName) {
    EXPECT_EQ(
        errors_of(parse_state(R"({"Type":"Parallel","Branches":[],"End":true})")),
        std::vector<std::string>{
            "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/StateName/Branches"}
    );
    EXPECT_EQ(
        errors_of(parse_state(R"({"End":true})", "Mine")),
        std::vector<std::string>{
            "SCHEMA_VALIDATION_FAILED: These fields are required: [Type] at /States/Mine"}
    );
}

TEST(SingleStates, AreToldFromWholeDefinitions) {
    const auto whole = one_state(R"({"Type":"Succeed"})");
    EXPECT_TRUE(is_whole_definition(whole));
    EXPECT_FALSE(is_whole_definition(R"({"Type":"Succeed"})"));
    EXPECT_FALSE(is_whole_definition("x"));
    const auto parsed = parse_state(whole);
    ASSERT_NE(parsed.machine, nullptr);
    EXPECT_EQ(parsed.machine->top.states[0].name, "A");
}

TEST(Variables, AreFoundInEveryField) {
    const auto machine = machine_of(
        R"({"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$a","MaxConcurrencyPath":"$b","ItemSelector":{"x.$":"$c"},)"
        R"("ToleratedFailureCountPath":"$d","ToleratedFailurePercentagePath":"$e","ResultSelector":{"x.$":"$f"},)"
        R"("InputPath":"$g","OutputPath":"$h","Assign":{"y.$":"$i"},"Catch":[{"ErrorEquals":["x"],"Next":"W","Assign":{"z.$":"$j"}}],)"
        R"("ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket.$":"$k"},"ReaderConfig":{"InputType":"JSON","MaxItemsPath":"$l"}},)"
        R"("ItemBatcher":{"MaxItemsPerBatchPath":"$m","MaxInputBytesPerBatchPath":"$n","BatchInput":{"x.$":"$o"}},)"
        R"("ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket.$":"$p"}},"Next":"W",)"
        R"("ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"T","States":{)"
        R"("T":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","TimeoutSecondsPath":"$q","HeartbeatSecondsPath":"$r",)"
        R"("Credentials":{"RoleArn.$":"$s"},"End":true}}}},)"
        R"("W":{"Type":"Wait","SecondsPath":"$w","Next":"F"},"F":{"Type":"Fail","ErrorPath":"$t","CausePath":"$u"}}})"
    );
    ASSERT_NE(machine, nullptr);
    EXPECT_EQ(
        json::serialize(variable_references(*machine)),
        R"({"M":["a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p"],"T":["q","r","s"],"W":["w"],"F":["t","u"]})"
    );
}

}  // namespace
}  // namespace kiln::asl
