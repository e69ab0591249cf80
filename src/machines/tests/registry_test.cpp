#include "machines/registry.hpp"

#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_machine_store.hpp"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::machines::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kDefinition =
    R"({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}})";
constexpr std::string_view kOther = R"({"StartAt": "B", "States": {"B": {"Type": "Succeed"}}})";

/// A store that answers when it is told to.
class SlowStore final : public ports::MachineStore {
  public:
    explicit SlowStore(ports::MachineStore& store) : store_{store} {}

    std::vector<ports::MachineRow> machines() override { return store_.machines(); }

    std::vector<ports::RevisionRow> live_revisions() override { return store_.live_revisions(); }

    std::vector<ports::VersionRow> versions() override { return store_.versions(); }

    std::vector<ports::AliasRow> aliases() override { return store_.aliases(); }

    std::vector<ports::ActivityRow> activities() override { return store_.activities(); }

    ports::RevisionNumber last_revision() override { return store_.last_revision(); }

    std::optional<ports::RevisionRow> find_revision(ports::RevisionNumber number) override {
        return store_.find_revision(number);
    }

    void apply(ports::MachineChanges changes, Applied done) override {
        if (!held_) {
            return store_.apply(std::move(changes), std::move(done));
        }
        waiting_.emplace_back(std::move(changes), std::move(done));
    }

    void hold() { held_ = true; }

    void release_one() {
        auto [changes, done] = std::move(waiting_.front());
        waiting_.pop_front();
        store_.apply(std::move(changes), std::move(done));
    }

    void fail_one() {
        auto done = std::move(waiting_.front().second);
        waiting_.pop_front();
        done(std::make_exception_ptr(Error{ErrorKind::exhausted, "disk full"}));
    }

    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  private:
    ports::MachineStore& store_;
    bool held_ = false;
    std::deque<std::pair<ports::MachineChanges, Applied>> waiting_;
};

class RegistryTest : public ::testing::Test {
  protected:
    RegistryTest() { start(); }

    /// As a process that starts again.
    void start() {
        registry_.reset();
        slow_.emplace(store_);
        registry_ = std::make_unique<Registry>(
            *slow_,
            clock_,
            Surroundings{
                .uuid = [this] { return "uuid " + std::to_string(++uuids_); },
                .random = [this] { return random_; },
                .open_executions = [this](std::string_view) { return open_; }},
            RegistrySettings{}
        );
    }

    template <class T, class Ask>
    Result<T> ask(Ask ask) {
        std::optional<Result<T>> answer;
        ask([&](Result<T> result) { answer = std::move(result); });
        EXPECT_TRUE(answer) << "not answered";
        return answer.value_or(Refusal{"none", "none"});
    }

    static CreateMachine command(std::string_view definition = kDefinition) {
        CreateMachine command;
        command.name = "m";
        command.definition = definition;
        command.role = "role";
        return command;
    }

    Result<CreatedMachine> create(CreateMachine made = command()) {
        return ask<CreatedMachine>([&](auto done) {
            registry_->create_machine(std::move(made), std::move(done));
        });
    }

    Result<UpdatedMachine> update(UpdateMachine made) {
        return ask<UpdatedMachine>([&](auto done) {
            registry_->update_machine(std::move(made), std::move(done));
        });
    }

    Result<PublishedVersion> publish() {
        return ask<PublishedVersion>([&](auto done) {
            registry_->publish_version({kArn, std::nullopt, std::nullopt}, std::move(done));
        });
    }

    Result<Done> remove() {
        return ask<Done>([&](auto done) { registry_->delete_machine(kArn, std::move(done)); });
    }

    template <class T>
    static std::string code(const Result<T>& result) {
        const auto* const refusal = std::get_if<Refusal>(&result);
        return refusal == nullptr ? "" : refusal->code;
    }

    static inline const std::string kArn = "arn:aws:states:us-east-1:000000000000:stateMachine:m";

    ports::testing::FakeClock clock_;
    ports::testing::MemoryMachineStore store_;
    std::optional<SlowStore> slow_;
    std::size_t open_ = 0;
    std::uint64_t random_ = 0;
    int uuids_ = 0;
    std::unique_ptr<Registry> registry_;
};

TEST_F(RegistryTest, AMachineIsFoundAfterARestart) {
    ASSERT_EQ(code(create()), "");
    for (int starts = 0; starts < 2; ++starts) {
        const auto found = registry_->find(kArn);
        ASSERT_EQ(code(found), "");
        const auto& target = std::get<Target>(found);
        EXPECT_EQ(target.machine->name, "m");
        EXPECT_EQ(target.revision->role, "role");
        EXPECT_EQ(target.version, std::nullopt);
        const auto row = registry_->stored_revision(target.revision->number);
        ASSERT_TRUE(row);
        EXPECT_EQ(row->definition, kDefinition);
        const auto compiled = registry_->revision(target.revision->number);
        ASSERT_TRUE(compiled);
        EXPECT_EQ(compiled->top.states[0].name, "A");
        start();
    }
}

TEST_F(RegistryTest, ADefinitionIsCompiledOnceWhileSomebodyUsesIt) {
    ASSERT_EQ(code(create()), "");
    EXPECT_EQ(registry_->revision(1), registry_->revision(1));
    EXPECT_EQ(registry_->revision(2), nullptr);
}

TEST_F(RegistryTest, ABadDefinitionIsRefusedInWordsOfAws) {
    const auto refused = create(command(R"({"Comment": "c", "StartAt": "A"})"));
    EXPECT_EQ(
        std::get<Refusal>(refused),
        (Refusal{
            "InvalidDefinition",
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are "
            "required: [States] at /'"})
    );
    EXPECT_THAT(store_.machines(), IsEmpty());
}

TEST_F(RegistryTest, TheSameNameWithAnotherDefinitionIsRefused) {
    ASSERT_EQ(code(create()), "");
    EXPECT_EQ(code(create()), "");
    EXPECT_EQ(code(create(command(kOther))), "StateMachineAlreadyExists");
}

TEST_F(RegistryTest, AnUpdatedRoleKeepsTheDefinition) {
    ASSERT_EQ(code(create()), "");
    UpdateMachine changed;
    changed.arn = kArn;
    changed.role = "another";
    const auto updated = update(changed);
    ASSERT_EQ(code(updated), "");
    EXPECT_EQ(std::get<UpdatedMachine>(updated).revision_id, "uuid 2");
    const auto found = std::get<Target>(registry_->find(kArn));
    EXPECT_EQ(found.revision->role, "another");
    EXPECT_EQ(registry_->stored_revision(found.revision->number)->definition, kDefinition);
    EXPECT_TRUE(registry_->stored_revision(1)->retired);
}

TEST_F(RegistryTest, AnUpdateOfNothingIsRefusedAndOneOfAVersionToo) {
    ASSERT_EQ(code(create()), "");
    ASSERT_EQ(code(publish()), "");
    UpdateMachine nothing;
    nothing.arn = kArn;
    EXPECT_EQ(code(update(nothing)), "MissingRequiredParameter");
    UpdateMachine version;
    version.arn = kArn + ":1";
    version.role = "r";
    EXPECT_EQ(code(update(version)), "StateMachineDoesNotExist");
}

TEST_F(RegistryTest, AnAliasLeadsToItsVersionsByChance) {
    ASSERT_EQ(code(create()), "");
    ASSERT_EQ(code(publish()), "");
    UpdateMachine changed;
    changed.arn = kArn;
    changed.definition = kOther;
    changed.publish = true;
    ASSERT_EQ(std::get<UpdatedMachine>(update(changed)).version_arn, kArn + ":2");
    const auto made = ask<CreatedAlias>([&](auto done) {
        registry_->create_alias(
            {"live", std::nullopt, {{kArn + ":1", 90}, {kArn + ":2", 10}}}, std::move(done)
        );
    });
    ASSERT_EQ(code(made), "");
    start();
    random_ = 89;
    EXPECT_EQ(std::get<Target>(registry_->find(kArn + ":live")).version->number, 1);
    random_ = 90;
    const auto target = std::get<Target>(registry_->find_startable(kArn + ":live"));
    EXPECT_EQ(target.version->number, 2);
    EXPECT_EQ(target.alias->name, "live");
    EXPECT_EQ(registry_->revision(target.revision->number)->top.states[0].name, "B");
    EXPECT_EQ(code(registry_->find(kArn + ":other")), "StateMachineDoesNotExist");
    EXPECT_EQ(code(registry_->find_alias(kArn + ":other")), "ResourceNotFound");
}

TEST_F(RegistryTest, AMachineWithOpenExecutionsGoesWhenTheyHaveEnded) {
    ASSERT_EQ(code(create()), "");
    open_ = 1;
    ASSERT_EQ(code(remove()), "");
    EXPECT_EQ(std::get<Target>(registry_->find(kArn)).machine->status, MachineStatus::deleting);
    EXPECT_EQ(code(registry_->find_startable(kArn)), "StateMachineDeleting");
    EXPECT_EQ(code(create()), "StateMachineDeleting");
    EXPECT_THAT(registry_->machines("", 10), IsEmpty());
    start();
    EXPECT_EQ(code(create()), "StateMachineDeleting");
    open_ = 0;
    EXPECT_EQ(code(create(command(kOther))), "");
    EXPECT_TRUE(registry_->stored_revision(1)) << "its executions may be asked for";
}

TEST_F(RegistryTest, AMachineThatIsBeingDeletedIsKnownAfterAStartAndGoesThoughNobodyLooks) {
    ASSERT_EQ(code(create()), "");
    EXPECT_THAT(registry_->deleting(), IsEmpty());
    open_ = 1;
    ASSERT_EQ(code(remove()), "");
    start();
    EXPECT_THAT(registry_->deleting(), ElementsAre(kArn));
    registry_->forget_ended();
    EXPECT_THAT(registry_->deleting(), ElementsAre(kArn));
    open_ = 0;
    registry_->forget_ended();
    EXPECT_THAT(registry_->deleting(), IsEmpty());
    EXPECT_THAT(store_.machines(), IsEmpty());
}

TEST_F(RegistryTest, AMachineThatIsGoneIsNotFound) {
    ASSERT_EQ(code(create()), "");
    open_ = 1;
    ASSERT_EQ(code(remove()), "");
    open_ = 0;
    EXPECT_EQ(code(registry_->find(kArn)), "StateMachineDoesNotExist");
    EXPECT_THAT(store_.machines(), IsEmpty());
    EXPECT_EQ(code(remove()), "");
}

TEST_F(RegistryTest, AnAnswerComesWhenItIsDurable) {
    slow_->hold();
    std::optional<Result<CreatedMachine>> first, second;
    registry_->create_machine(command(), [&](auto result) { first = std::move(result); });
    registry_->create_machine(command(kOther), [&](auto result) { second = std::move(result); });
    EXPECT_FALSE(first);
    EXPECT_EQ(code(registry_->find(kArn)), "StateMachineDoesNotExist");
    EXPECT_EQ(slow_->waiting(), 1U) << "the second is decided on what is durable";
    slow_->release_one();
    ASSERT_TRUE(first);
    EXPECT_EQ(code(*first), "");
    ASSERT_TRUE(second);
    EXPECT_EQ(code(*second), "StateMachineAlreadyExists");
}

TEST_F(RegistryTest, AFailedStoreChangesNothing) {
    slow_->hold();
    std::optional<Result<CreatedMachine>> first, second;
    registry_->create_machine(command(), [&](auto result) { first = std::move(result); });
    registry_->create_machine(command(kOther), [&](auto result) { second = std::move(result); });
    slow_->fail_one();
    ASSERT_TRUE(first);
    EXPECT_EQ(code(*first), "InternalFailure");
    EXPECT_FALSE(second);
    slow_->release_one();
    ASSERT_TRUE(second);
    EXPECT_EQ(code(*second), "");
    const auto target = std::get<Target>(registry_->find(kArn));
    EXPECT_EQ(registry_->revision(target.revision->number)->top.states[0].name, "B");
}

TEST_F(RegistryTest, ListsAreByNameAndGoOnAfterOne) {
    for (const auto* const name : {"c", "a", "b"}) {
        auto made = command();
        made.name = name;
        ASSERT_EQ(code(create(made)), "");
        ASSERT_EQ(
            code(ask<CreatedActivity>([&](auto done) {
                registry_->create_activity({name, std::nullopt, {}}, std::move(done));
            })),
            ""
        );
    }
    std::vector<std::string> names;
    for (const auto& machine : registry_->machines("a", 10)) {
        names.push_back(machine->name);
    }
    EXPECT_THAT(names, ElementsAre("b", "c"));
    names.clear();
    for (const auto& activity : registry_->activities("", 2)) {
        names.push_back(activity->name);
    }
    EXPECT_THAT(names, ElementsAre("a", "b"));
}

TEST_F(RegistryTest, AnActivityIsThereUntilItIsDeleted) {
    const auto made = ask<CreatedActivity>([&](auto done) {
        registry_->create_activity({"work", std::nullopt, {{"k", "v"}}}, std::move(done));
    });
    const auto arn = std::get<CreatedActivity>(made).arn;
    EXPECT_EQ(arn, "arn:aws:states:us-east-1:000000000000:activity:work");
    start();
    EXPECT_TRUE(registry_->has_activity(arn));
    EXPECT_THAT(std::get<Tags>(registry_->tags(arn)), ElementsAre(std::pair{"k", "v"}));
    for (int times = 0; times < 2; ++times) {
        EXPECT_EQ(
            code(ask<Done>([&](auto done) { registry_->delete_activity(arn, std::move(done)); })),
            ""
        );
    }
    EXPECT_FALSE(registry_->has_activity(arn));
    EXPECT_EQ(code(registry_->find_activity(arn)), "ActivityDoesNotExist");
    EXPECT_EQ(code(registry_->tags(arn)), "ResourceNotFound");
}

struct BadArn {
    std::string name;
    std::string arn;
    std::string message;
};

class Arns : public RegistryTest, public ::testing::WithParamInterface<BadArn> {};

TEST_P(Arns, ThatAreNoneOfAMachineAreRefused) {
    const auto found = registry_->find(GetParam().arn);
    ASSERT_TRUE(std::holds_alternative<Refusal>(found));
    EXPECT_EQ(std::get<Refusal>(found), (Refusal{"InvalidArn", GetParam().message}));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Arns,
    ::testing::Values(
        BadArn{"NoArn", "not_a_valid_arn", "Invalid Arn: 'Invalid ARN prefix: not_a_valid_arn'"},
        BadArn{
            "Activity",
            "arn:aws:states:us-east-1:000000000000:activity:a",
            "Invalid Arn: 'Resource type not valid in this context: activity'"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(RegistryTest, RevisionsThatNobodyCanReferToAreForgotten) {
    ASSERT_EQ(code(create()), "");
    UpdateMachine changed;
    changed.arn = kArn;
    changed.role = "another";
    ASSERT_EQ(code(update(changed)), "");
    registry_->forget_retired(std::chrono::hours{1});
    EXPECT_TRUE(registry_->stored_revision(1));
    clock_.advance(std::chrono::hours{2});
    registry_->forget_retired(std::chrono::hours{1});
    EXPECT_FALSE(registry_->stored_revision(1));
    EXPECT_TRUE(registry_->stored_revision(2));
}

}  // namespace
}  // namespace kiln::machines::testing
