#pragma once

#include "ports/flow_store.hpp"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every store of executions does. A driver has `static std::optional<std::string>
/// unavailable()` and `FlowStore& store()`, empty at first.
namespace kiln::ports::testing {

template <class Driver>
class FlowStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    FlowStore& store() { return driver->store(); }

    void apply(FlowChanges changes) {
        std::promise<std::exception_ptr> ended;
        store().apply(std::move(changes), [&](std::exception_ptr failure) {
            ended.set_value(std::move(failure));
        });
        if (auto failure = ended.get_future().get()) {
            std::rethrow_exception(failure);
        }
    }

    static TimePoint at(std::int64_t seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

    static ExecutionRow row(ExecutionNumber number, const std::string& machine = "m") {
        ExecutionRow row;
        row.number = number;
        row.arn = "arn " + std::to_string(number);
        row.name = "n";
        row.machine = machine;
        row.revision = 3;
        row.status = "RUNNING";
        row.role = "r";
        row.started = at(number);
        row.input = R"({"a":"ü"})";
        row.more = std::string{"\0\xff\x01", 3};
        return row;
    }

    static flow_change::AddExecution added(ExecutionRow row) { return {std::move(row)}; }

    static FrameRow frame(std::int64_t id, const std::string& head = "h") {
        FrameRow row;
        row.frame = id;
        row.waits_since = at(5);
        row.head = head;
        return row;
    }

    std::vector<ExecutionNumber> listed(const ExecutionFilter& filter) {
        std::vector<ExecutionNumber> numbers;
        for (const auto& each : store().list(filter)) {
            numbers.push_back(each.number);
        }
        return numbers;
    }

    std::vector<std::pair<ExecutionNumber, std::string>> waiting() {
        std::vector<std::pair<ExecutionNumber, std::string>> all;
        store().visit_waiting([&](const FlowStore::Waiting& each) {
            all.emplace_back(
                each.execution,
                std::to_string(each.frame) + (each.wakes ? " wakes " : " ") +
                    std::string{each.waits_for}
            );
        });
        return all;
    }

    std::optional<Driver> driver;
};

TYPED_TEST_SUITE_P(FlowStoreConformance);

TYPED_TEST_P(FlowStoreConformance, StartsEmpty) {
    EXPECT_EQ(this->store().last_number(), 0);
    EXPECT_EQ(this->store().find("arn 1"), std::nullopt);
    EXPECT_EQ(this->store().find(ExecutionNumber{1}), std::nullopt);
    EXPECT_TRUE(this->store().frames(1).empty());
    EXPECT_TRUE(this->store().history(1, 1, 10).empty());
    EXPECT_TRUE(this->store().open_map_runs().empty());
    EXPECT_TRUE(this->waiting().empty());
}

TYPED_TEST_P(FlowStoreConformance, AnExecutionIsReadBackAsItWasAdded) {
    auto row = this->row(7);
    row.version = "v";
    row.alias = "a";
    row.map_run = "run";
    row.map_index = 4;
    row.redrives = 2;
    row.stopped = this->at(9);
    row.output = "1";
    row.error = "";
    row.cause = "why";
    this->apply({this->added(row)});
    EXPECT_EQ(this->store().find("arn 7"), row);
    EXPECT_EQ(this->store().find(ExecutionNumber{7}), row);
    EXPECT_EQ(this->store().last_number(), 7);
}

TYPED_TEST_P(FlowStoreConformance, WhatChangesOfAnExecutionIsWrittenOver) {
    auto row = this->row(1);
    this->apply({this->added(row)});
    const ExecutionState state{"FAILED", 1, this->at(8), "", "e", std::nullopt, "more"};
    this->apply({flow_change::SetExecution{1, state}, flow_change::SetExecution{2, state}});
    row.status = "FAILED";
    row.redrives = 1;
    row.stopped = this->at(8);
    row.error = "e";
    row.more = "more";
    EXPECT_EQ(this->store().find("arn 1"), row);
}

TYPED_TEST_P(FlowStoreConformance, OpenExecutionsAreThoseThatHaveNotStopped) {
    auto ended = this->row(2);
    ended.stopped = this->at(3);
    this->apply({this->added(this->row(1)), this->added(ended)});
    std::vector<std::string> open;
    this->store().visit_open([&](ExecutionNumber, std::string_view arn) { open.emplace_back(arn); }
    );
    EXPECT_THAT(open, ::testing::ElementsAre("arn 1"));
}

TYPED_TEST_P(FlowStoreConformance, AFrameKeepsItsBodyUnlessAnotherIsGiven) {
    auto first = this->frame(0, std::string{"\0h", 2});
    first.body = "body";
    first.wakes = this->at(4);
    this->apply(
        {flow_change::PutFrame{1, first, true}, flow_change::PutFrame{1, this->frame(-1), false}}
    );
    EXPECT_THAT(this->store().frames(1), ::testing::ElementsAre(this->frame(-1), first));
    auto second = this->frame(0, "new");
    this->apply({flow_change::PutFrame{1, second, false}});
    second.body = "body";
    EXPECT_THAT(this->store().frames(1), ::testing::ElementsAre(this->frame(-1), second));
    second.body = "";
    this->apply({flow_change::PutFrame{1, second, true}});
    EXPECT_THAT(this->store().frames(1), ::testing::ElementsAre(this->frame(-1), second));
}

TYPED_TEST_P(FlowStoreConformance, FramesOfOneExecutionAreRemovedOneByOneOrAll) {
    this->apply(
        {flow_change::PutFrame{1, this->frame(0), true},
         flow_change::PutFrame{1, this->frame(1), true},
         flow_change::PutFrame{2, this->frame(0), true}}
    );
    this->apply({flow_change::RemoveFrame{1, 0}, flow_change::RemoveFrame{1, 9}});
    EXPECT_THAT(this->store().frames(1), ::testing::ElementsAre(this->frame(1)));
    this->apply({flow_change::ClearFrames{1}});
    EXPECT_TRUE(this->store().frames(1).empty());
    EXPECT_THAT(this->store().frames(2), ::testing::ElementsAre(this->frame(0)));
}

TYPED_TEST_P(FlowStoreConformance, FramesThatWaitAreTold) {
    auto timer = this->frame(0);
    timer.wakes = this->at(4);
    auto task = this->frame(kMostFrames - 1);
    task.waits_for = "activity";
    this->apply(
        {flow_change::PutFrame{1, timer, true},
         flow_change::PutFrame{2, task, true},
         flow_change::PutFrame{2, this->frame(0), true}}
    );
    EXPECT_THAT(
        this->waiting(),
        ::testing::UnorderedElementsAre(
            std::pair{1, "0 wakes "}, std::pair{2, std::to_string(kMostFrames - 1) + " activity"}
        )
    );
}

TYPED_TEST_P(FlowStoreConformance, HistoryIsReadByTheEventsThatChunksHold) {
    const HistoryChunk one{1, 3, std::string{"\0one", 4}};
    const HistoryChunk two{4, 4, "two"};
    const HistoryChunk three{5, 9, "three"};
    this->apply(
        {flow_change::AddHistory{1, one},
         flow_change::AddHistory{1, two},
         flow_change::AddHistory{1, three},
         flow_change::AddHistory{2, one}}
    );
    using ::testing::ElementsAre;
    EXPECT_THAT(this->store().history(1, 1, 100), ElementsAre(one, two, three));
    EXPECT_THAT(this->store().history(1, 2, 2), ElementsAre(one));
    EXPECT_THAT(this->store().history(1, 3, 4), ElementsAre(one, two));
    EXPECT_THAT(this->store().history(1, 7, 7), ElementsAre(three));
    EXPECT_THAT(this->store().history(1, 10, 20), ElementsAre());
    EXPECT_EQ(this->store().last_event(1), 9);
    EXPECT_EQ(this->store().last_event(2), 3);
    EXPECT_EQ(this->store().last_event(3), 0);
}

TYPED_TEST_P(FlowStoreConformance, ListsAreNewestFirstAndFiltered) {
    auto two = this->row(2);
    two.version = "v";
    two.alias = "a";
    auto three = this->row(3);
    three.status = "FAILED";
    three.redrives = 1;
    auto four = this->row(4, "other");
    four.map_run = "run";
    this->apply({this->added(this->row(1)), this->added(two), this->added(three), this->added(four)}
    );
    using ::testing::ElementsAre;
    EXPECT_THAT(this->listed({.machine = "m"}), ElementsAre(3, 2, 1));
    EXPECT_THAT(this->listed({.machine = "m", .before = 3, .at_most = 1}), ElementsAre(2));
    EXPECT_THAT(this->listed({.machine = "m", .status = "FAILED"}), ElementsAre(3));
    EXPECT_THAT(this->listed({.machine = "m", .version = "v"}), ElementsAre(2));
    EXPECT_THAT(this->listed({.machine = "m", .alias = "a"}), ElementsAre(2));
    EXPECT_THAT(this->listed({.machine = "m", .redriven = true}), ElementsAre(3));
    EXPECT_THAT(this->listed({.machine = "m", .redriven = false}), ElementsAre(2, 1));
    EXPECT_THAT(this->listed({.map_run = "run"}), ElementsAre(4));
}

TYPED_TEST_P(FlowStoreConformance, AMapRunKeepsItsItemsUnlessOthersAreGiven) {
    MapRunRow run{"run", 1, 2, 3, "RUNNING", this->at(1), std::nullopt, "head", "items"};
    this->apply({flow_change::PutMapRun{run, true}});
    EXPECT_THAT(this->store().open_map_runs(), ::testing::ElementsAre(run));
    run.status = "FAILED";
    run.stopped = this->at(2);
    run.head = "new";
    run.items = "";
    this->apply({flow_change::PutMapRun{run, false}});
    run.items = "items";
    EXPECT_EQ(this->store().find_map_run("run"), run);
    EXPECT_THAT(this->store().map_runs(1), ::testing::ElementsAre(run));
    EXPECT_TRUE(this->store().open_map_runs().empty());
}

TYPED_TEST_P(FlowStoreConformance, ChildrenComeByTheirIndex) {
    for (const ExecutionNumber number : {1, 2, 3, 4}) {
        auto child = this->row(number);
        child.map_run = number == 4 ? "other" : "run";
        child.map_index = 10 - number;
        this->apply({this->added(child)});
    }
    std::vector<ExecutionNumber> seen;
    this->store().visit_children("run", 8, [&](const ExecutionRow& child) {
        seen.push_back(child.number);
        return true;
    });
    EXPECT_THAT(seen, ::testing::ElementsAre(2, 1));
    seen.clear();
    this->store().visit_children("run", 0, [&](const ExecutionRow& child) {
        seen.push_back(child.number);
        return false;
    });
    EXPECT_THAT(seen, ::testing::ElementsAre(3));
}

TYPED_TEST_P(FlowStoreConformance, ARemovedExecutionLeavesNothing) {
    auto row = this->row(1);
    row.stopped = this->at(5);
    this->apply(
        {this->added(row),
         flow_change::PutFrame{1, this->frame(0), true},
         flow_change::AddHistory{1, {1, 1, "x"}},
         flow_change::PutMapRun{
             {"run", 1, 0, 1, "FAILED", this->at(1), this->at(2), "h", "i"}, true}}
    );
    EXPECT_THAT(this->store().ended_before(this->at(6), 10), ::testing::ElementsAre(1));
    EXPECT_TRUE(this->store().ended_before(this->at(5), 10).empty());
    this->apply({flow_change::RemoveExecution{1}});
    EXPECT_EQ(this->store().find("arn 1"), std::nullopt);
    EXPECT_TRUE(this->store().frames(1).empty());
    EXPECT_TRUE(this->store().history(1, 1, 9).empty());
    EXPECT_EQ(this->store().find_map_run("run"), std::nullopt);
}

REGISTER_TYPED_TEST_SUITE_P(
    FlowStoreConformance,
    StartsEmpty,
    AnExecutionIsReadBackAsItWasAdded,
    WhatChangesOfAnExecutionIsWrittenOver,
    OpenExecutionsAreThoseThatHaveNotStopped,
    AFrameKeepsItsBodyUnlessAnotherIsGiven,
    FramesOfOneExecutionAreRemovedOneByOneOrAll,
    FramesThatWaitAreTold,
    HistoryIsReadByTheEventsThatChunksHold,
    ListsAreNewestFirstAndFiltered,
    AMapRunKeepsItsItemsUnlessOthersAreGiven,
    ChildrenComeByTheirIndex,
    ARemovedExecutionLeavesNothing
);

}  // namespace kiln::ports::testing
