#include "machines/machine_rules.hpp"

#include "machines/tests/values.hpp"

namespace kiln::machines::testing {
namespace {

namespace change = ports::machine_change;

// --- Creation.

struct Again {
    std::string name;
    std::function<void(CheckedMachine&)> differs;
    std::string refused;  ///< a code; "": the answer of the first time
};

class CreatedAgain : public ::testing::TestWithParam<Again> {};

TEST_P(CreatedAgain, IsTheSameAnswerOnlyForTheSame) {
    auto checked = checked_machine();
    checked.command.publish = true;
    checked.command.version_description = "one";
    const auto there = after(create_machine(nullptr, checked, facts()));
    GetParam().differs(checked);
    const auto later = facts(100);
    const auto decided = create_machine(&there, checked, later);
    if (!GetParam().refused.empty()) {
        EXPECT_EQ(code_of(decided), GetParam().refused);
        return;
    }
    const auto& made = decision(decided);
    EXPECT_EQ(made.answer.arn, there.arn);
    EXPECT_EQ(made.answer.created, there.created);
    EXPECT_THAT(made.changes, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    CreatedAgain,
    ::testing::Values(
        Again{"Nothing", [](auto&) {}, ""},
        Again{"Role", [](auto& it) { it.command.role = "another"; }, ""},
        Again{
            "Tags",
            [](auto& it) {
                it.command.tags = {{"k", "v"}};
            },
            ""},
        Again{"WithoutPublishing", [](auto& it) { it.command.publish = false; }, ""},
        Again{"Definition", [](auto& it) { it.digest = "other"; }, "StateMachineAlreadyExists"},
        Again{
            "Type",
            [](auto& it) { it.command.type = MachineType::express; },
            "StateMachineAlreadyExists"},
        Again{
            "Logging",
            [](auto& it) { it.configuration.logging["includeExecutionData"] = true; },
            "StateMachineAlreadyExists"},
        Again{
            "Tracing",
            [](auto& it) { it.configuration.tracing["enabled"] = true; },
            "StateMachineAlreadyExists"},
        Again{
            "VersionDescription",
            [](auto& it) { it.command.version_description = "two"; },
            "StateMachineAlreadyExists"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Creation, NamesTheMachineAndItsFirstRevision) {
    const auto decided = create_machine(nullptr, checked_machine(), facts());
    const auto& made = decision(decided);
    EXPECT_EQ(made.answer.arn, kArn);
    EXPECT_EQ(made.answer.version_arn, "");
    EXPECT_EQ(made.after->current->id, "");
    EXPECT_EQ(made.after->current->number, 7);
    EXPECT_THAT(made.changes, SizeIs(2));
}

TEST(Creation, MayPublishAtOnce) {
    auto checked = checked_machine();
    checked.command.publish = true;
    const auto decided = create_machine(nullptr, checked, facts());
    EXPECT_EQ(decision(decided).answer.version_arn, std::string{kArn} + ":1");
    EXPECT_EQ(decision(decided).after->last_version, 1);
}

TEST(Creation, OfAMachineThatIsBeingDeletedIsRefused) {
    auto there = machine();
    there.status = MachineStatus::deleting;
    EXPECT_EQ(code_of(create_machine(&there, checked_machine(), facts())), "StateMachineDeleting");
}

TEST(Creation, WithTooManyTagsIsRefused) {
    auto checked = checked_machine();
    for (int number = 0; number < 51; ++number) {
        checked.command.tags.emplace_back(std::to_string(number), "");
    }
    EXPECT_EQ(code_of(create_machine(nullptr, checked, facts())), "TooManyTags");
}

// --- Updates.

TEST(Update, ThatChangesNothingKeepsTheRevision) {
    const auto there = machine();
    UpdateMachine command;
    command.arn = there.arn;
    command.role = there.current->role;
    const auto decided = update_machine(&there, command, "", facts(9));
    EXPECT_EQ(decision(decided).answer.revision_id, "");
    EXPECT_THAT(decision(decided).changes, IsEmpty());
}

TEST(Update, MakesARevisionAndRetiresTheOneBefore) {
    const auto there = machine();
    UpdateMachine command;
    command.arn = there.arn;
    command.definition = "new";
    const auto decided = update_machine(&there, command, "digest of new", facts(9));
    const auto& made = decision(decided);
    EXPECT_EQ(made.answer.revision_id, "uuid");
    EXPECT_EQ(made.after->current->number, 9);
    ASSERT_THAT(made.changes, SizeIs(3));
    const auto& added = std::get<change::AddRevision>(made.changes[0]);
    EXPECT_EQ(added.row.definition, "new");
    EXPECT_EQ(added.definition_of, std::nullopt);
    EXPECT_EQ(std::get<change::RetireRevision>(made.changes[2]).number, 7);
}

TEST(Update, OfTheRoleAloneKeepsTheDefinition) {
    const auto there = machine();
    UpdateMachine command;
    command.arn = there.arn;
    command.role = "another";
    const auto decided = update_machine(&there, command, "", facts(9));
    const auto& added = std::get<change::AddRevision>(decision(decided).changes[0]);
    EXPECT_EQ(added.definition_of, 7);
    EXPECT_EQ(added.row.role, "another");
    EXPECT_EQ(added.row.digest, there.current->digest);
}

TEST(Update, KeepsARevisionThatAVersionIsOf) {
    const auto there = published(machine());
    UpdateMachine command;
    command.arn = there.arn;
    command.role = "another";
    const auto decided = update_machine(&there, command, "", facts(9));
    for (const auto& each : decision(decided).changes) {
        EXPECT_FALSE(std::holds_alternative<change::RetireRevision>(each));
    }
}

TEST(Update, MayPublishAndPublishesARevisionOnce) {
    auto there = machine();
    UpdateMachine command;
    command.arn = there.arn;
    command.role = "another";
    command.publish = true;
    const auto first = update_machine(&there, command, "", facts(9));
    EXPECT_EQ(decision(first).answer.version_arn, std::string{kArn} + ":1");
    const auto now = *decision(first).after;
    const auto second = update_machine(&now, command, "", facts(10));
    EXPECT_EQ(decision(second).answer.version_arn, std::string{kArn} + ":1");
    EXPECT_THAT(decision(second).changes, IsEmpty());
}

TEST(Update, OfNothingIsRefused) {
    UpdateMachine command;
    command.arn = std::string{kArn} + ":1";
    const auto decided = update_machine(nullptr, command, "", facts());
    EXPECT_EQ(code_of(decided), "StateMachineDoesNotExist");
    EXPECT_EQ(
        std::get<Refusal>(decided).message, "State Machine Does Not Exist: '" + command.arn + "'"
    );
}

TEST(Update, OfADeletedMachineOrToABadConfigurationIsRefused) {
    auto there = machine();
    UpdateMachine command;
    command.arn = there.arn;
    command.logging = json::object{{"level", "ALL"}};
    EXPECT_EQ(code_of(update_machine(&there, command, "", facts())), "InvalidLoggingConfiguration");
    there.status = MachineStatus::deleting;
    EXPECT_EQ(code_of(update_machine(&there, command, "", facts())), "StateMachineDeleting");
}

// --- Deletion.

TEST(Deletion, TakesAMachineWithoutExecutionsAtOnceAndRetiresItsRevisions) {
    auto there = published(machine());
    UpdateMachine command;
    command.arn = there.arn;
    command.role = "another";
    there = after(update_machine(&there, command, "", facts(9)));
    const auto decided = delete_machine(&there, 0, facts());
    const auto& made = decision(decided);
    EXPECT_FALSE(made.after);
    ASSERT_THAT(made.changes, SizeIs(3));
    EXPECT_EQ(std::get<change::RetireRevision>(made.changes[0]).number, 7);
    EXPECT_EQ(std::get<change::RetireRevision>(made.changes[1]).number, 9);
    EXPECT_EQ(std::get<change::RemoveMachine>(made.changes[2]).arn, kArn);
}

TEST(Deletion, WaitsForOpenExecutions) {
    const auto there = machine();
    const auto first = delete_machine(&there, 2, facts());
    EXPECT_EQ(decision(first).after->status, MachineStatus::deleting);
    const auto again = delete_machine(&*decision(first).after, 1, facts());
    EXPECT_THAT(decision(again).changes, IsEmpty());
    EXPECT_EQ(decision(again).after->status, MachineStatus::deleting);
    const auto last = delete_machine(&*decision(again).after, 0, facts());
    EXPECT_FALSE(decision(last).after);
}

TEST(Deletion, OfNothingIsSuccess) {
    EXPECT_THAT(decision(delete_machine(nullptr, 0, facts())).changes, IsEmpty());
}

// --- Versions.

TEST(Publishing, IsDoneOncePerRevision) {
    const auto there = published(machine());
    const auto again = publish_version(&there, {there.arn, std::nullopt, "other words"}, facts());
    EXPECT_EQ(decision(again).answer.arn, std::string{kArn} + ":1");
    EXPECT_THAT(decision(again).changes, IsEmpty());
}

TEST(Publishing, NeverGivesANumberTwice) {
    auto there = published(machine());
    there = after(delete_version(&there, 1, facts()));
    const auto again = publish_version(&there, {there.arn, std::nullopt, std::nullopt}, facts());
    EXPECT_EQ(decision(again).answer.arn, std::string{kArn} + ":2");
}

TEST(Publishing, OfAnotherRevisionThanTheCurrentOneIsAConflict) {
    const auto there = machine();
    const auto decided = publish_version(&there, {there.arn, "older", std::nullopt}, facts());
    EXPECT_EQ(
        std::get<Refusal>(decided),
        (Refusal{
            "ConflictException",
            "Failed to publish the State Machine version for revision older. The current State "
            "Machine revision is INITIAL."})
    );
    const auto initial = publish_version(&there, {there.arn, "INITIAL", std::nullopt}, facts());
    EXPECT_EQ(decision(initial).answer.arn, std::string{kArn} + ":1");
}

TEST(Publishing, EndsAtTheQuota) {
    auto limits = facts();
    limits.most_versions = 1;
    auto there = published(machine());
    UpdateMachine command;
    command.arn = there.arn;
    command.role = "another";
    there = after(update_machine(&there, command, "", facts(9)));
    const auto decided = publish_version(&there, {there.arn, std::nullopt, std::nullopt}, limits);
    EXPECT_EQ(code_of(decided), "ServiceQuotaExceededException");
}

TEST(VersionDeletion, RetiresARevisionThatIsNotTheCurrentOne) {
    auto there = published(machine());
    EXPECT_THAT(decision(delete_version(&there, 1, facts())).changes, SizeIs(1));
    UpdateMachine command;
    command.arn = there.arn;
    command.role = "another";
    there = after(update_machine(&there, command, "", facts(9)));
    EXPECT_THAT(decision(delete_version(&there, 1, facts())).changes, SizeIs(2));
}

TEST(VersionDeletion, OfOneThatIsNotThereIsSuccess) {
    const auto there = machine();
    EXPECT_THAT(decision(delete_version(&there, 5, facts())).changes, IsEmpty());
    EXPECT_THAT(decision(delete_version(nullptr, 5, facts())).changes, IsEmpty());
}

TEST(VersionDeletion, OfOneThatAnAliasLeadsToIsAConflict) {
    auto there = published(machine());
    there.aliases.emplace("live", Alias{"live", std::nullopt, {{1, 100}}, {}, {}});
    EXPECT_EQ(
        std::get<Refusal>(delete_version(&there, 1, facts())).message,
        "Version to be deleted must not be referenced by an alias. Current list of aliases "
        "referencing this version: [live]"
    );
}

}  // namespace
}  // namespace kiln::machines::testing
