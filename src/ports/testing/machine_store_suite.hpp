#pragma once

#include "ports/machine_store.hpp"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every store of state machines does. A driver has
/// `static std::optional<std::string> unavailable()` and `MachineStore& store()`, empty at first.
namespace kiln::ports::testing {

template <class Driver>
class MachineStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    MachineStore& store() { return driver->store(); }

    void apply(MachineChanges changes) {
        std::promise<std::exception_ptr> ended;
        store().apply(std::move(changes), [&](std::exception_ptr failure) {
            ended.set_value(std::move(failure));
        });
        if (auto failure = ended.get_future().get()) {
            std::rethrow_exception(failure);
        }
    }

    static TimePoint at(std::int64_t seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

    static MachineRow machine(const std::string& arn, RevisionNumber revision = 1) {
        return {arn, "name of " + arn, "EXPRESS", "ACTIVE", revision, 3, at(5), R"([["a","b"]])"};
    }

    static RevisionRow revision(RevisionNumber number, const std::string& definition = "{}") {
        return {
            .number = number,
            .machine = "m",
            .id = "some id",
            .definition = definition,
            .digest = "some digest",
            .role = "some role",
            .logging = R"({"level":"OFF"})",
            .tracing = R"({"enabled":false})",
            .encryption = R"({"type":"AWS_OWNED_KEY"})",
            .created = at(6),
            .retired = std::nullopt};
    }

    std::vector<RevisionNumber> live() {
        std::vector<RevisionNumber> numbers;
        for (const auto& row : store().live_revisions()) {
            numbers.push_back(row.number);
        }
        return numbers;
    }

    std::optional<Driver> driver;
};

TYPED_TEST_SUITE_P(MachineStoreConformance);

TYPED_TEST_P(MachineStoreConformance, ANewOneIsEmpty) {
    EXPECT_THAT(this->store().machines(), ::testing::IsEmpty());
    EXPECT_THAT(this->store().live_revisions(), ::testing::IsEmpty());
    EXPECT_THAT(this->store().versions(), ::testing::IsEmpty());
    EXPECT_THAT(this->store().aliases(), ::testing::IsEmpty());
    EXPECT_THAT(this->store().activities(), ::testing::IsEmpty());
    EXPECT_EQ(this->store().last_revision(), 0);
    EXPECT_EQ(this->store().find_revision(1), std::nullopt);
}

TYPED_TEST_P(MachineStoreConformance, EveryFieldOfAMachineIsReadBackAndWrittenOver) {
    const auto first = this->machine("m");
    this->apply({machine_change::PutMachine{first}});
    EXPECT_THAT(this->store().machines(), ::testing::ElementsAre(first));
    const MachineRow second{"m", "n", "STANDARD", "DELETING", 9, 4, this->at(7), "[]"};
    this->apply({machine_change::PutMachine{second}});
    EXPECT_THAT(this->store().machines(), ::testing::ElementsAre(second));
}

TYPED_TEST_P(MachineStoreConformance, MachinesAreReadByArn) {
    this->apply({
        machine_change::PutMachine{this->machine("b")},
        machine_change::PutMachine{this->machine("a")},
    });
    EXPECT_THAT(
        this->store().machines(), ::testing::ElementsAre(this->machine("a"), this->machine("b"))
    );
}

TYPED_TEST_P(MachineStoreConformance, ARevisionIsReadBackWholeAndListedWithoutItsDefinition) {
    const auto row = this->revision(1, "{\"StartAt\": \"\xc3\xa9\"}");
    this->apply({machine_change::AddRevision{row, std::nullopt}});
    EXPECT_EQ(this->store().find_revision(1), row);
    auto listed = row;
    listed.definition = "";
    EXPECT_THAT(this->store().live_revisions(), ::testing::ElementsAre(listed));
    EXPECT_EQ(this->store().last_revision(), 1);
}

TYPED_TEST_P(MachineStoreConformance, ARevisionMayHaveTheDefinitionOfAnother) {
    this->apply({
        machine_change::AddRevision{this->revision(1, "one"), std::nullopt},
        machine_change::AddRevision{this->revision(2, ""), 1},
    });
    ASSERT_TRUE(this->store().find_revision(2));
    EXPECT_EQ(this->store().find_revision(2)->definition, "one");
    EXPECT_EQ(this->store().find_revision(1)->definition, "one");
}

TYPED_TEST_P(MachineStoreConformance, ARetiredRevisionIsNotListedButFound) {
    this->apply({
        machine_change::AddRevision{this->revision(1), std::nullopt},
        machine_change::AddRevision{this->revision(2), std::nullopt},
        machine_change::RetireRevision{1, this->at(8)},
    });
    EXPECT_THAT(this->live(), ::testing::ElementsAre(2));
    ASSERT_TRUE(this->store().find_revision(1));
    EXPECT_EQ(this->store().find_revision(1)->retired, this->at(8));
}

TYPED_TEST_P(MachineStoreConformance, WhatWasRetiredBeforeIsForgottenButForTheNewest) {
    MachineChanges changes;
    for (RevisionNumber number = 1; number <= 4; ++number) {
        changes.push_back(machine_change::AddRevision{this->revision(number), std::nullopt});
    }
    changes.push_back(machine_change::RetireRevision{1, this->at(10)});
    changes.push_back(machine_change::RetireRevision{2, this->at(20)});
    changes.push_back(machine_change::RetireRevision{4, this->at(10)});
    changes.push_back(machine_change::ForgetRetired{this->at(20)});
    this->apply(std::move(changes));
    EXPECT_FALSE(this->store().find_revision(1));
    EXPECT_TRUE(this->store().find_revision(2));
    EXPECT_TRUE(this->store().find_revision(3));
    EXPECT_TRUE(this->store().find_revision(4));
    EXPECT_EQ(this->store().last_revision(), 4);
}

TYPED_TEST_P(MachineStoreConformance, EveryFieldOfAVersionIsReadBack) {
    const VersionRow plain{"m", 1, 7, std::nullopt, this->at(3)};
    const VersionRow described{"m", 2, 8, "what it does", this->at(4)};
    this->apply({machine_change::PutVersion{described}, machine_change::PutVersion{plain}});
    EXPECT_THAT(this->store().versions(), ::testing::ElementsAre(plain, described));
    this->apply({machine_change::RemoveVersion{"m", 1}, machine_change::RemoveVersion{"n", 2}});
    EXPECT_THAT(this->store().versions(), ::testing::ElementsAre(described));
}

TYPED_TEST_P(MachineStoreConformance, EveryFieldOfAnAliasIsReadBackAndWrittenOver) {
    const AliasRow first{"m", "live", std::nullopt, "[[1,100]]", this->at(3), this->at(3)};
    const AliasRow second{"m", "live", "two", "[[1,50],[2,50]]", this->at(3), this->at(9)};
    this->apply({machine_change::PutAlias{first}});
    EXPECT_THAT(this->store().aliases(), ::testing::ElementsAre(first));
    this->apply({machine_change::PutAlias{second}, machine_change::RemoveAlias{"n", "live"}});
    EXPECT_THAT(this->store().aliases(), ::testing::ElementsAre(second));
    this->apply({machine_change::RemoveAlias{"m", "live"}});
    EXPECT_THAT(this->store().aliases(), ::testing::IsEmpty());
}

TYPED_TEST_P(MachineStoreConformance, AMachineGoesWithItsVersionsAndAliasesButNotItsRevisions) {
    this->apply({
        machine_change::AddRevision{this->revision(1), std::nullopt},
        machine_change::PutMachine{this->machine("m")},
        machine_change::PutMachine{this->machine("n")},
        machine_change::PutVersion{{"m", 1, 1, std::nullopt, this->at(1)}},
        machine_change::PutVersion{{"n", 1, 1, std::nullopt, this->at(1)}},
        machine_change::PutAlias{{"m", "a", std::nullopt, "[]", this->at(1), this->at(1)}},
        machine_change::PutAlias{{"n", "a", std::nullopt, "[]", this->at(1), this->at(1)}},
        machine_change::RemoveMachine{"m"},
    });
    EXPECT_THAT(this->store().machines(), ::testing::ElementsAre(this->machine("n")));
    ASSERT_THAT(this->store().versions(), ::testing::SizeIs(1));
    EXPECT_EQ(this->store().versions()[0].machine, "n");
    ASSERT_THAT(this->store().aliases(), ::testing::SizeIs(1));
    EXPECT_EQ(this->store().aliases()[0].machine, "n");
    EXPECT_TRUE(this->store().find_revision(1));
}

TYPED_TEST_P(MachineStoreConformance, EveryFieldOfAnActivityIsReadBackAndWrittenOver) {
    const ActivityRow first{"a", "name", R"({"type":"AWS_OWNED_KEY"})", this->at(2), "[]"};
    auto second = first;
    second.tags = R"([["k","v"]])";
    this->apply({machine_change::PutActivity{first}});
    EXPECT_THAT(this->store().activities(), ::testing::ElementsAre(first));
    this->apply({machine_change::PutActivity{second}, machine_change::RemoveActivity{"b"}});
    EXPECT_THAT(this->store().activities(), ::testing::ElementsAre(second));
    this->apply({machine_change::RemoveActivity{"a"}});
    EXPECT_THAT(this->store().activities(), ::testing::IsEmpty());
}

REGISTER_TYPED_TEST_SUITE_P(
    MachineStoreConformance,
    ANewOneIsEmpty,
    EveryFieldOfAMachineIsReadBackAndWrittenOver,
    MachinesAreReadByArn,
    ARevisionIsReadBackWholeAndListedWithoutItsDefinition,
    ARevisionMayHaveTheDefinitionOfAnother,
    ARetiredRevisionIsNotListedButFound,
    WhatWasRetiredBeforeIsForgottenButForTheNewest,
    EveryFieldOfAVersionIsReadBack,
    EveryFieldOfAnAliasIsReadBackAndWrittenOver,
    AMachineGoesWithItsVersionsAndAliasesButNotItsRevisions,
    EveryFieldOfAnActivityIsReadBackAndWrittenOver
);

}  // namespace kiln::ports::testing
