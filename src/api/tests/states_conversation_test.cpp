// The registry's part of the API: machines, versions, aliases, activities, tags; and requests that
// are none.

#include "api/tests/states_conversation.hpp"

namespace kiln::api::states::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> texts(const json::object& answer, const char* list, const char* member) {
    std::vector<std::string> found;
    for (const auto& item : answer.at(list).as_array()) {
        found.emplace_back(item.as_object().at(member).as_string());
    }
    return found;
}

// --- Protocol.

TEST_F(Conversation, AnAnswerIsAwsJsonWithARequestId) {
    const auto answer = ask("ListStateMachines", {});
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.value_or("x-amzn-RequestId", ""), "request-1");
    EXPECT_EQ(answer.headers.value_or("Content-Type", ""), "application/x-amz-json-1.0");
    EXPECT_EQ(json::serialize(answer.body), R"({"stateMachines":[]})");
}

TEST_F(Conversation, AnEmptyBodyIsAnEmptyInput) {
    EXPECT_EQ(ask_text("ListActivities", "").status, 200U);
}

TEST_F(Conversation, UnknownOperationsAreRefused) {
    const auto answer = ask("InventStateMachine", {});
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.text("__type"), "UnknownOperationException");
    EXPECT_THAT(answer.text("message"), HasSubstr("InventStateMachine"));
}

struct BadBody {
    std::string name;
    std::string body;
};

class BadBodies : public Conversation, public ::testing::WithParamInterface<BadBody> {};

TEST_P(BadBodies, AreSerializationFaults) {
    const auto answer = ask_text("ListStateMachines", GetParam().body);
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.text("__type"), "SerializationException");
    EXPECT_NE(answer.text("message"), "");
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadBodies,
    ::testing::Values(
        BadBody{"NoJson", "not json"},
        BadBody{"HalfAnObject", R"({"maxResults":)"},
        BadBody{"AnArray", "[]"},
        BadBody{"AText", "\"a\""},
        BadBody{"Null", "null"},
        BadBody{"NoUtf8", "{\"nextToken\":\"\xff\"}"},
        BadBody{"TwoDocuments", "{} {}"},
        BadBody{"DeepNesting", std::string(100'000, '[')},
        BadBody{"UnknownMember", R"({"maxResult":5})"},
        BadBody{"WrongType", R"({"maxResults":{"a":[]}})"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(Conversation, AHugeInputIsRefusedByTheModel) {
    create();
    const auto answer =
        ask("StartExecution",
            {{"stateMachineArn", kPrefix + "stateMachine:m"},
             {"input", '"' + std::string(300'000, 'x') + '"'}});
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(
        answer.text("message"),
        "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must "
        "have length less than or equal to 262144"
    );
}

TEST_F(Conversation, AWrongSignatureIsDenied) {
    auto client = connect();
    ASSERT_TRUE(client.ask(
        "POST /",
        "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: "
        "AWSStepFunctions.ListActivities\r\n",
        "{}"
    ));
    const auto answer = read(client);
    EXPECT_EQ(answer.status, 403U);
    EXPECT_THAT(answer.text("__type"), HasSubstr("MissingAuthenticationTokenException"));
}

// --- State machines.

TEST_F(Conversation, AMachineIsDescribedAsItWasCreated) {
    const auto arn = create();
    EXPECT_EQ(arn, kPrefix + "stateMachine:m");
    const auto answer = done("DescribeStateMachine", {{"stateMachineArn", arn}});
    auto expected = parse_json(R"({
        "stateMachineArn": "", "name": "m", "status": "ACTIVE", "roleArn": "role",
        "type": "STANDARD",
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": false},
        "tracingConfiguration": {"enabled": false},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}})")
                        .as_object();
    expected["stateMachineArn"] = arn;
    expected["definition"] = kDefinition;
    expected["creationDate"] = epoch_seconds(clock_.now());
    EXPECT_EQ(answer, expected);
}

TEST_F(Conversation, MetadataAloneIsDescribedWithoutTheDefinition) {
    const auto arn = create();
    const auto answer =
        done("DescribeStateMachine", {{"stateMachineArn", arn}, {"includedData", "METADATA_ONLY"}});
    EXPECT_EQ(answer.at("definition").as_string(), "{}");
}

TEST_F(Conversation, VariablesThatStatesReadAreDescribed) {
    const auto arn = create({{"definition", R"({
        "StartAt": "A", "States": {
            "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
            "B": {"Type": "Pass", "Parameters": {"y.$": "$x"}, "End": true}}})"}});
    const auto answer = done("DescribeStateMachine", {{"stateMachineArn", arn}});
    EXPECT_EQ(answer.at("variableReferences"), parse_json(R"({"B": ["x"]})"));
}

TEST_F(Conversation, AMapsProcessorIsDescribedByItsLabel) {
    const auto arn = create({{"definition", R"({
        "StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "Label": "L",
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}})"}});
    const auto answer = done("DescribeStateMachine", {{"stateMachineArn", arn + "/L"}});
    EXPECT_EQ(answer.at("label").as_string(), "L");
    const auto definition = parse_json(answer.at("definition").as_string());
    EXPECT_EQ(definition.as_object().at("StartAt").as_string(), "P");
}

TEST_F(Conversation, AMachineThatIsNotThereIsNotDescribed) {
    const auto arn = kPrefix + "stateMachine:none";
    EXPECT_EQ(
        refusal("DescribeStateMachine", {{"stateMachineArn", arn}}),
        "StateMachineDoesNotExist: State Machine Does Not Exist: '" + arn + "'"
    );
    EXPECT_EQ(
        refusal("DescribeStateMachine", {{"stateMachineArn", "not_a_valid_arn"}}),
        "InvalidArn: Invalid Arn: 'Invalid ARN prefix: not_a_valid_arn'"
    );
}

TEST_F(Conversation, ABadCreationIsRefused) {
    json::object input{{"name", "m"}, {"definition", "{}"}, {"roleArn", "r"}};
    EXPECT_EQ(
        refusal("CreateStateMachine", input),
        "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These "
        "fields are required: [States, StartAt] at /'"
    );
    input["definition"] = kDefinition;
    input["name"] = "a b";
    EXPECT_EQ(refusal("CreateStateMachine", input), "InvalidName: Invalid Name: 'a b'");
    input["name"] = "m";
    input["versionDescription"] = "words";
    EXPECT_EQ(
        refusal("CreateStateMachine", input),
        "ValidationException: Version description can only be set when publish is true"
    );
    input.erase("versionDescription");
    input["tags"] = parse_json(R"([{"key":"k"}])");
    EXPECT_EQ(
        refusal("CreateStateMachine", input),
        "ValidationException: 1 validation error detected: Value null at 'tags.1.member.value' "
        "failed to satisfy constraint: Member must not be null"
    );
}

TEST_F(Conversation, AnUpdateMakesARevision) {
    const auto arn = create();
    const auto first =
        done("UpdateStateMachine", {{"stateMachineArn", arn}, {"definition", kOtherDefinition}});
    EXPECT_TRUE(first.contains("updateDate"));
    EXPECT_FALSE(first.contains("stateMachineVersionArn"));
    const auto described = done("DescribeStateMachine", {{"stateMachineArn", arn}});
    EXPECT_EQ(described.at("revisionId"), first.at("revisionId"));
    EXPECT_EQ(described.at("definition").as_string(), kOtherDefinition);
    EXPECT_EQ(
        refusal("UpdateStateMachine", {{"stateMachineArn", arn}}),
        "MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, "
        "or the TracingConfiguration must be specified"
    );
}

TEST_F(Conversation, AnUpdateThatChangesNothingPublishesTheFirstRevision) {
    const auto arn = create();
    const auto answer = done(
        "UpdateStateMachine",
        {{"stateMachineArn", arn}, {"definition", kDefinition}, {"publish", true}}
    );
    EXPECT_FALSE(answer.contains("revisionId"));
    EXPECT_EQ(answer.at("stateMachineVersionArn").as_string(), arn + ":1");
}

TEST_F(Conversation, ADeletedMachineIsGoneAndTheEngineKnows) {
    const auto arn = create();
    EXPECT_THAT(done("DeleteStateMachine", {{"stateMachineArn", arn}}), IsEmpty());
    EXPECT_THAT(script().calls, ElementsAre("deleted " + arn));
    EXPECT_THAT(texts(done("ListStateMachines", {}), "stateMachines", "name"), IsEmpty());
    EXPECT_THAT(done("DeleteStateMachine", {{"stateMachineArn", arn}}), IsEmpty());
    EXPECT_THAT(
        refusal("DeleteStateMachine", {{"stateMachineArn", arn + ":1"}}),
        HasSubstr("ValidationException")
    );
}

TEST_F(Conversation, MachinesAreListedByNamePageByPage) {
    for (const auto* const name : {"c", "a", "b"}) {
        create({{"name", name}});
    }
    const auto first = done("ListStateMachines", {{"maxResults", 2}});
    EXPECT_THAT(texts(first, "stateMachines", "name"), ElementsAre("a", "b"));
    const auto rest = done("ListStateMachines", {{"nextToken", first.at("nextToken")}});
    EXPECT_THAT(texts(rest, "stateMachines", "name"), ElementsAre("c"));
    EXPECT_FALSE(rest.contains("nextToken"));
    EXPECT_EQ(
        refusal("ListActivities", {{"nextToken", first.at("nextToken")}}),
        "InvalidToken: Invalid Token: 'Invalid token'"
    );
}

TEST_F(Conversation, ADefinitionIsValidated) {
    const auto good = done("ValidateStateMachineDefinition", {{"definition", kDefinition}});
    EXPECT_EQ(good.at("result").as_string(), "OK");
    EXPECT_FALSE(good.at("truncated").as_bool());
    const auto bad = done("ValidateStateMachineDefinition", {{"definition", "{}"}});
    EXPECT_EQ(bad.at("result").as_string(), "FAIL");
    EXPECT_EQ(bad.at("diagnostics"), parse_json(R"([{
        "severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "location": "/",
        "message": "These fields are required: [States, StartAt]"}])"));
}

// --- Versions and aliases.

TEST_F(Conversation, VersionsAreListedNewestFirstAndDeleted) {
    const auto arn = create({{"publish", true}, {"versionDescription", "first"}});
    const json::object machine{{"stateMachineArn", arn}};
    EXPECT_EQ(
        done("DescribeStateMachine", {{"stateMachineArn", arn + ":1"}})
            .at("description")
            .as_string(),
        "first"
    );
    done("UpdateStateMachine", {{"stateMachineArn", arn}, {"definition", kOtherDefinition}});
    const auto published = done("PublishStateMachineVersion", machine);
    EXPECT_EQ(published.at("stateMachineVersionArn").as_string(), arn + ":2");
    const auto versions = [&](const json::object& input) {
        return texts(
            done("ListStateMachineVersions", input),
            "stateMachineVersions",
            "stateMachineVersionArn"
        );
    };
    EXPECT_THAT(versions(machine), ElementsAre(arn + ":2", arn + ":1"));
    const auto page =
        done("ListStateMachineVersions", {{"stateMachineArn", arn}, {"maxResults", 1}});
    EXPECT_THAT(
        versions({{"stateMachineArn", arn}, {"nextToken", page.at("nextToken")}}),
        ElementsAre(arn + ":1")
    );
    done("DeleteStateMachineVersion", {{"stateMachineVersionArn", arn + ":1"}});
    EXPECT_THAT(versions(machine), ElementsAre(arn + ":2"));
    EXPECT_THAT(
        refusal("PublishStateMachineVersion", {{"stateMachineArn", arn}, {"revisionId", "x"}}),
        HasSubstr("ConflictException: Failed to publish the State Machine version for revision x.")
    );
}

TEST_F(Conversation, AnAliasIsCreatedChangedListedAndDeleted) {
    const auto arn = create({{"publish", true}});
    const auto route = [&](int version, int weight) -> json::value {
        return {
            {"stateMachineVersionArn", arn + ":" + std::to_string(version)}, {"weight", weight}};
    };
    const auto made = done(
        "CreateStateMachineAlias",
        {{"name", "live"}, {"routingConfiguration", json::array{route(1, 100)}}}
    );
    const json::object alias{{"stateMachineAliasArn", made.at("stateMachineAliasArn")}};
    EXPECT_EQ(made.at("stateMachineAliasArn").as_string(), arn + ":live");
    done(
        "UpdateStateMachine",
        {{"stateMachineArn", arn}, {"definition", kOtherDefinition}, {"publish", true}}
    );
    auto changes = alias;
    changes["description"] = "words";
    changes["routingConfiguration"] = json::array{route(1, 30), route(2, 70)};
    EXPECT_TRUE(done("UpdateStateMachineAlias", changes).contains("updateDate"));
    const auto described = done("DescribeStateMachineAlias", alias);
    EXPECT_EQ(described.at("description").as_string(), "words");
    EXPECT_EQ(described.at("name").as_string(), "live");
    EXPECT_EQ(described.at("routingConfiguration"), (json::array{route(1, 30), route(2, 70)}));
    EXPECT_THAT(
        texts(
            done("ListStateMachineAliases", {{"stateMachineArn", arn}}),
            "stateMachineAliases",
            "stateMachineAliasArn"
        ),
        ElementsAre(arn + ":live")
    );
    EXPECT_EQ(
        refusal("DeleteStateMachineVersion", {{"stateMachineVersionArn", arn + ":2"}}),
        "ConflictException: Version to be deleted must not be referenced by an alias. Current list "
        "of aliases referencing this version: [live]"
    );
    done("DeleteStateMachineAlias", alias);
    done("DeleteStateMachineAlias", alias);
    EXPECT_EQ(
        refusal("DescribeStateMachineAlias", alias),
        "ResourceNotFound: Request references a resource that does not exist."
    );
}

TEST_F(Conversation, AliasesArePagedAndForeignTokensRefused) {
    const auto arn = create({{"publish", true}});
    for (const auto* const name : {"a-1", "a-2", "a-3"}) {
        const json::array routes{{{"stateMachineVersionArn", arn + ":1"}, {"weight", 100}}};
        done("CreateStateMachineAlias", {{"name", name}, {"routingConfiguration", routes}});
    }
    const auto page =
        done("ListStateMachineAliases", {{"stateMachineArn", arn}, {"maxResults", 1}});
    const auto rest = done(
        "ListStateMachineAliases", {{"stateMachineArn", arn}, {"nextToken", page.at("nextToken")}}
    );
    EXPECT_THAT(
        texts(rest, "stateMachineAliases", "stateMachineAliasArn"),
        ElementsAre(arn + ":a-2", arn + ":a-3")
    );
    EXPECT_EQ(
        refusal("ListStateMachineAliases", {{"stateMachineArn", arn}, {"nextToken", "Invalid"}}),
        "InvalidToken: Invalid Token: 'Invalid token'"
    );
}

// --- Activities and tags.

TEST_F(Conversation, AnActivityIsCreatedOnceDescribedListedAndDeleted) {
    const auto made = done("CreateActivity", {{"name", "work"}});
    EXPECT_EQ(done("CreateActivity", {{"name", "work"}}), made);
    const json::object activity{{"activityArn", made.at("activityArn")}};
    const auto described = done("DescribeActivity", activity);
    EXPECT_EQ(described.at("name").as_string(), "work");
    EXPECT_EQ(described.at("encryptionConfiguration"), parse_json(R"({"type": "AWS_OWNED_KEY"})"));
    EXPECT_THAT(texts(done("ListActivities", {}), "activities", "name"), ElementsAre("work"));
    done("DeleteActivity", activity);
    done("DeleteActivity", activity);
    EXPECT_EQ(
        refusal("DescribeActivity", activity),
        "ActivityDoesNotExist: Activity Does Not Exist: '" + kPrefix + "activity:work'"
    );
    const std::string nul{"\0activity", 9};
    EXPECT_EQ(
        refusal("CreateActivity", {{"name", nul}}), "InvalidName: Invalid Name: '" + nul + "'"
    );
    EXPECT_EQ(refusal("CreateActivity", {{"name", "a*b"}}), "InvalidName: Invalid Name: 'a*b'");
}

TEST_F(Conversation, TagsAreAddedListedAndRemoved) {
    const auto arn = create({{"tags", parse_json(R"([{"key":"a","value":"1"}])")}});
    const json::object resource{{"resourceArn", arn}};
    auto input = resource;
    input["tags"] = parse_json(R"([{"key":"b","value":""},{"key":"a","value":"2"}])");
    EXPECT_THAT(done("TagResource", input), IsEmpty());
    EXPECT_EQ(
        done("ListTagsForResource", resource).at("tags"),
        parse_json(R"([{"key":"a","value":"2"},{"key":"b","value":""}])")
    );
    auto keys = resource;
    keys["tagKeys"] = json::array{"a", "none"};
    EXPECT_THAT(done("UntagResource", keys), IsEmpty());
    EXPECT_EQ(
        done("ListTagsForResource", resource).at("tags"), parse_json(R"([{"key":"b","value":""}])")
    );
    EXPECT_EQ(
        refusal("ListTagsForResource", {{"resourceArn", arn + ":1"}}),
        "ResourceNotFound: Resource not found: '" + arn + ":1'"
    );
}

}  // namespace
}  // namespace kiln::api::states::testing
