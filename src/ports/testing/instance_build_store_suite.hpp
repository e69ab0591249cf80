#pragma once

#include "ports/instance_build_store.hpp"
#include "ports/testing/kind_of.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every store of instance builds does. A driver has
/// `static std::optional<std::string> unavailable()` and `InstanceBuildStore& store()`, empty at
/// first.
namespace kiln::ports::testing {

template <class Driver>
class InstanceBuildStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    InstanceBuildStore& store() { return driver->store(); }

    static TimePoint at(std::int64_t seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

    static InstanceBuildRow build(const std::string& id, std::int64_t created = 5) {
        return {
            .id = id,
            .revision = 1,
            .state = "pending",
            .created = at(created),
            .open = true,
            .document = R"({"a":"\u00e9"})"};
    }

    static InitScriptRow script(const std::string& build) {
        return {build, std::string(64, 'a'), "secret", "#!/bin/sh\n100%\n", at(9), at(8)};
    }

    static InstanceNoteRow instance(const std::string& id, const std::string& build) {
        return {id, build, at(7), std::nullopt, "", "up", ""};
    }

    static InstanceGroupRow group(const std::string& id, std::int64_t created = 5) {
        return {id, 1, at(created), R"({"g":1})"};
    }

    std::vector<std::string> ids(const InstanceBuildFilter& filter) {
        std::vector<std::string> found;
        for (const auto& row : store().list(filter)) {
            found.push_back(row.id);
        }
        return found;
    }

    std::optional<Driver> driver;
};

TYPED_TEST_SUITE_P(InstanceBuildStoreConformance);

TYPED_TEST_P(InstanceBuildStoreConformance, ANewOneIsEmpty) {
    EXPECT_EQ(this->store().find("b"), std::nullopt);
    EXPECT_THAT(this->store().list({}), ::testing::IsEmpty());
    EXPECT_EQ(this->store().find_script("b"), std::nullopt);
    EXPECT_EQ(this->store().find_instance("i"), std::nullopt);
    EXPECT_THAT(this->store().live_instances(), ::testing::IsEmpty());
    EXPECT_THAT(this->store().active_images(), ::testing::IsEmpty());
    EXPECT_THAT(this->store().groups(), ::testing::IsEmpty());
}

TYPED_TEST_P(InstanceBuildStoreConformance, ABuildIsReadBackWholeAndInsertedOnce) {
    auto row = this->build("b");
    row.revision = 77;
    EXPECT_TRUE(this->store().insert(row));
    auto other = this->build("b", 6);
    EXPECT_FALSE(this->store().insert(other));
    EXPECT_EQ(this->store().find("b"), this->build("b"));
}

TYPED_TEST_P(InstanceBuildStoreConformance, AChangeWritesAllOfARowAndRaisesItsRevision) {
    this->store().insert(this->build("b"));
    auto row = this->build("b", 6);
    row.state = "finished";
    row.open = false;
    row.document = "[]";
    EXPECT_EQ(this->store().change({.row = row}), 2);
    row.revision = 2;
    EXPECT_EQ(this->store().find("b"), row);
}

TYPED_TEST_P(InstanceBuildStoreConformance, AChangeOfAnOldRevisionChangesNothingAtAll) {
    this->store().insert(this->build("b"));
    this->store().change({.row = this->build("b")});
    auto late = this->build("b");
    late.state = "failed";
    InstanceBuildChange change{
        .row = late,
        .script = this->script("b"),
        .remove_script = false,
        .instances = {this->instance("i", "b")}};
    EXPECT_EQ(kind_of([&] { this->store().change(change); }), ErrorKind::conflict);
    EXPECT_EQ(this->store().find("b")->state, "pending");
    EXPECT_EQ(this->store().find_script("b"), std::nullopt);
    EXPECT_EQ(this->store().find_instance("i"), std::nullopt);
}

TYPED_TEST_P(InstanceBuildStoreConformance, AChangeOfWhatThereIsNotIsRefused) {
    EXPECT_EQ(
        kind_of([&] { this->store().change({.row = this->build("b")}); }), ErrorKind::not_found
    );
}

TYPED_TEST_P(InstanceBuildStoreConformance, OfManyWhoChangeTheSameRevisionOneWins) {
    this->store().insert(this->build("b"));
    std::atomic<int> won{0}, lost{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                const auto kind = kind_of([&] { this->store().change({.row = this->build("b")}); });
                won += kind ? 0 : 1;
                lost += kind == ErrorKind::conflict ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 7);
}

TYPED_TEST_P(InstanceBuildStoreConformance, ScriptAndInstancesComeWithAChange) {
    this->store().insert(this->build("b"));
    this->store().change(
        {.row = this->build("b"),
         .script = this->script("b"),
         .remove_script = false,
         .instances = {this->instance("i2", "b"), this->instance("i1", "b")}}
    );
    EXPECT_EQ(this->store().find_script("b"), this->script("b"));
    EXPECT_THAT(
        this->store().instances_of("b"),
        ::testing::ElementsAre(this->instance("i1", "b"), this->instance("i2", "b"))
    );
    auto row = this->build("b");
    row.revision = 2;
    auto written_over = this->script("b");
    written_over.secret = "";
    this->store().change({.row = row, .script = written_over});
    EXPECT_EQ(this->store().find_script("b"), written_over);
    row.revision = 3;
    this->store().change({.row = row, .remove_script = true});
    EXPECT_EQ(this->store().find_script("b"), std::nullopt);
}

TYPED_TEST_P(
    InstanceBuildStoreConformance, ScriptsThatHaveExpiredLoseTheirTextWhenTheirSecretIsSent
) {
    const auto put = [&](const std::string& id, std::int64_t expires, const std::string& secret) {
        auto script = this->script(id);
        script.expires = this->at(expires);
        script.secret = secret;
        this->store().insert(this->build(id));
        this->store().change({.row = this->build(id), .script = script});
    };
    put("expired", 9, "");
    put("valid", 10, "");
    put("to be sent", 9, "secret");
    this->store().clear_scripts(this->at(9));
    EXPECT_EQ(this->store().find_script("expired")->script, "");
    EXPECT_EQ(this->store().find_script("expired")->digest, this->script("b").digest);
    EXPECT_NE(this->store().find_script("valid")->script, "");
    EXPECT_NE(this->store().find_script("to be sent")->script, "");
}

TYPED_TEST_P(InstanceBuildStoreConformance, BuildsAreListedNewestFirstInPages) {
    this->store().insert(this->build("a", 1));
    this->store().insert(this->build("c", 2));
    this->store().insert(this->build("b", 2));
    EXPECT_THAT(this->ids({}), ::testing::ElementsAre("c", "b", "a"));
    EXPECT_THAT(this->ids({.limit = 2}), ::testing::ElementsAre("c", "b"));
    EXPECT_THAT(this->ids({.older_than = "c"}), ::testing::ElementsAre("b", "a"));
    EXPECT_THAT(this->ids({.older_than = "b"}), ::testing::ElementsAre("a"));
    EXPECT_THAT(this->ids({.older_than = "x"}), ::testing::IsEmpty());
}

TYPED_TEST_P(InstanceBuildStoreConformance, BuildsAreListedByStateAndOpenness) {
    this->store().insert(this->build("a", 1));
    auto row = this->build("b", 2);
    row.state = "failed";
    row.open = false;
    this->store().insert(row);
    EXPECT_THAT(this->ids({.open = true}), ::testing::ElementsAre("a"));
    EXPECT_THAT(this->ids({.open = false}), ::testing::ElementsAre("b"));
    EXPECT_THAT(this->ids({.state = "failed"}), ::testing::ElementsAre("b"));
    EXPECT_THAT(this->ids({.open = true, .state = "failed"}), ::testing::IsEmpty());
}

TYPED_TEST_P(InstanceBuildStoreConformance, WhatIsClosedAndOldIsForgottenWithAllThatItHad) {
    for (const auto* id : {"old", "open", "young"}) {
        this->store().insert(this->build(id, std::string_view{id} == "young" ? 20 : 10));
        auto row = this->build(id, std::string_view{id} == "young" ? 20 : 10);
        row.open = std::string_view{id} == "open";
        this->store().change(
            {.row = row,
             .script = this->script(id),
             .remove_script = false,
             .instances = {this->instance(std::string{"i-"} + id, id)}}
        );
    }
    EXPECT_EQ(this->store().forget(this->at(20)), 1U);
    EXPECT_THAT(this->ids({}), ::testing::ElementsAre("young", "open"));
    EXPECT_EQ(this->store().find_script("old"), std::nullopt);
    EXPECT_EQ(this->store().find_instance("i-old"), std::nullopt);
    EXPECT_TRUE(this->store().find_script("open"));
    EXPECT_TRUE(this->store().find_instance("i-young"));
}

TYPED_TEST_P(InstanceBuildStoreConformance, EveryFieldOfAnInstanceIsReadBackAndWrittenOver) {
    this->store().put_instance(this->instance("i", "b"));
    const InstanceNoteRow whole{"i", "", this->at(1), this->at(2), "why", "down", "{}"};
    this->store().put_instance(whole);
    EXPECT_EQ(this->store().find_instance("i"), whole);
}

TYPED_TEST_P(InstanceBuildStoreConformance, InstancesThatAreNotGoneAreListedById) {
    auto gone = this->instance("i1", "b");
    gone.gone = this->at(9);
    this->store().put_instance(gone);
    this->store().put_instance(this->instance("i3", ""));
    this->store().put_instance(this->instance("i2", "b"));
    EXPECT_THAT(
        this->store().live_instances(),
        ::testing::ElementsAre(this->instance("i2", "b"), this->instance("i3", ""))
    );
}

TYPED_TEST_P(InstanceBuildStoreConformance, ARoleHasOneActiveImage) {
    this->store().activate_image("web", "ami-1");
    this->store().activate_image("db", "ami-1");
    this->store().activate_image("web", "ami-2");
    using Marks = std::map<std::string, std::string>;
    EXPECT_EQ(this->store().active_images(), (Marks{{"db", "ami-1"}, {"web", "ami-2"}}));
    this->store().activate_image("db", "");
    EXPECT_EQ(this->store().active_images(), (Marks{{"web", "ami-2"}}));
}

TYPED_TEST_P(InstanceBuildStoreConformance, AGroupIsInsertedOnceChangedByRevisionAndRemoved) {
    EXPECT_TRUE(this->store().insert_group(this->group("b", 1)));
    EXPECT_FALSE(this->store().insert_group(this->group("b", 2)));
    EXPECT_TRUE(this->store().insert_group(this->group("a", 2)));
    EXPECT_THAT(
        this->store().groups(), ::testing::ElementsAre(this->group("b", 1), this->group("a", 2))
    );
    auto row = this->group("b", 1);
    row.document = "{}";
    EXPECT_EQ(this->store().change_group(row), 2);
    EXPECT_EQ(kind_of([&] { this->store().change_group(row); }), ErrorKind::conflict);
    row.revision = 2;
    EXPECT_EQ(this->store().find_group("b"), row);
    this->store().remove_group("b");
    this->store().remove_group("b");
    EXPECT_EQ(this->store().find_group("b"), std::nullopt);
    EXPECT_EQ(kind_of([&] { this->store().change_group(row); }), ErrorKind::not_found);
}

REGISTER_TYPED_TEST_SUITE_P(
    InstanceBuildStoreConformance,
    ANewOneIsEmpty,
    ABuildIsReadBackWholeAndInsertedOnce,
    AChangeWritesAllOfARowAndRaisesItsRevision,
    AChangeOfAnOldRevisionChangesNothingAtAll,
    AChangeOfWhatThereIsNotIsRefused,
    OfManyWhoChangeTheSameRevisionOneWins,
    ScriptAndInstancesComeWithAChange,
    ScriptsThatHaveExpiredLoseTheirTextWhenTheirSecretIsSent,
    BuildsAreListedNewestFirstInPages,
    BuildsAreListedByStateAndOpenness,
    WhatIsClosedAndOldIsForgottenWithAllThatItHad,
    EveryFieldOfAnInstanceIsReadBackAndWrittenOver,
    InstancesThatAreNotGoneAreListedById,
    ARoleHasOneActiveImage,
    AGroupIsInsertedOnceChangedByRevisionAndRemoved
);

}  // namespace kiln::ports::testing
