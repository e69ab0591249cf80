#pragma once

#include "ports/notification_store.hpp"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every outbox does. A driver has `static std::optional<std::string> unavailable()` and
/// `NotificationStore& store()`, empty at first.
namespace kiln::ports::testing {

template <class Driver>
class NotificationStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    NotificationStore& store() { return driver->store(); }

    static TimePoint at(std::int64_t seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

    static NotificationRow row(
        const std::string& key, std::int64_t due = 10, const std::string& channel = "slack"
    ) {
        return {
            .key = key,
            .channel = channel,
            .kind = "instance.started",
            .event = R"({"error":"é"})",
            .created = at(5),
            .due = at(due)};
    }

    std::vector<std::string> keys(const NotificationFilter& filter = {}) {
        std::vector<std::string> found;
        for (const auto& each : store().list(filter)) {
            found.push_back(each.key);
        }
        return found;
    }

    std::optional<Driver> driver;
};

TYPED_TEST_SUITE_P(NotificationStoreConformance);

TYPED_TEST_P(NotificationStoreConformance, ANewOneIsEmpty) {
    EXPECT_THAT(this->store().list({}), ::testing::IsEmpty());
    const auto taken = this->store().take("slack", this->at(100), this->at(200));
    EXPECT_FALSE(taken.row);
    EXPECT_FALSE(taken.next);
    EXPECT_EQ(this->store().forget(this->at(100)), 0);
}

TYPED_TEST_P(NotificationStoreConformance, EveryFieldIsReadBack) {
    auto row = this->row("a");
    row.state = NotificationState::failed;
    row.attempts = 3;
    row.error = "no \"answer\"";
    row.ended = this->at(9);
    this->store().add({row});
    EXPECT_THAT(this->store().list({}), ::testing::ElementsAre(row));
}

TYPED_TEST_P(NotificationStoreConformance, TheSameKeyAndChannelIsThereOnce) {
    this->store().add({this->row("a"), this->row("a", 10, "mail")});
    auto again = this->row("a");
    again.kind = "another";
    this->store().add({again, this->row("b")});
    EXPECT_THAT(this->keys(), ::testing::ElementsAre("b", "a", "a"));
    EXPECT_EQ(this->store().list({}).back().kind, "instance.started");
}

TYPED_TEST_P(NotificationStoreConformance, ARowIsTakenWhenItIsDueAndTheLongestDueFirst) {
    this->store().add({this->row("late", 20), this->row("early", 10)});
    const auto before = this->store().take("slack", this->at(9), this->at(50));
    EXPECT_FALSE(before.row);
    EXPECT_EQ(before.next, this->at(10));
    const auto first = this->store().take("slack", this->at(30), this->at(50));
    ASSERT_TRUE(first.row);
    EXPECT_EQ(first.row->key, "early");
    EXPECT_EQ(first.row->attempts, 1);
    const auto second = this->store().take("slack", this->at(30), this->at(50));
    ASSERT_TRUE(second.row);
    EXPECT_EQ(second.row->key, "late");
    EXPECT_EQ(this->store().take("slack", this->at(30), this->at(50)).next, this->at(50));
}

TYPED_TEST_P(NotificationStoreConformance, OnlyTheChannelsOwnRowsAreTaken) {
    this->store().add({this->row("a", 10, "mail")});
    EXPECT_FALSE(this->store().take("slack", this->at(30), this->at(50)).row);
    EXPECT_TRUE(this->store().take("mail", this->at(30), this->at(50)).row);
}

TYPED_TEST_P(NotificationStoreConformance, ARowWhoseTakerIsGoneIsDueAgain) {
    this->store().add({this->row("a")});
    ASSERT_TRUE(this->store().take("slack", this->at(10), this->at(50)).row);
    EXPECT_FALSE(this->store().take("slack", this->at(49), this->at(90)).row);
    const auto again = this->store().take("slack", this->at(50), this->at(90));
    ASSERT_TRUE(again.row);
    EXPECT_EQ(again.row->attempts, 2);
}

TYPED_TEST_P(NotificationStoreConformance, WhatWasSettledIsNotTakenAgain) {
    this->store().add({this->row("a")});
    auto row = *this->store().take("slack", this->at(10), this->at(50)).row;
    row.state = NotificationState::sent;
    row.ended = this->at(11);
    EXPECT_TRUE(this->store().settle(row));
    EXPECT_FALSE(this->store().take("slack", this->at(60), this->at(90)).row);
    EXPECT_THAT(this->store().list({}), ::testing::ElementsAre(row));
    EXPECT_FALSE(this->store().settle(row));
}

TYPED_TEST_P(NotificationStoreConformance, WhatIsToBeTriedAgainIsDueWhenItSays) {
    this->store().add({this->row("a")});
    auto row = *this->store().take("slack", this->at(10), this->at(50)).row;
    row.due = this->at(30);
    row.error = "busy";
    EXPECT_TRUE(this->store().settle(row));
    EXPECT_EQ(this->store().take("slack", this->at(29), this->at(90)).next, this->at(30));
    const auto again = this->store().take("slack", this->at(30), this->at(90));
    ASSERT_TRUE(again.row);
    EXPECT_EQ(again.row->error, "busy");
}

TYPED_TEST_P(NotificationStoreConformance, AnAttemptThatIsOverSettlesNothing) {
    this->store().add({this->row("a")});
    auto stale = *this->store().take("slack", this->at(10), this->at(50)).row;
    const auto now = *this->store().take("slack", this->at(50), this->at(90)).row;
    stale.state = NotificationState::failed;
    stale.ended = this->at(51);
    EXPECT_FALSE(this->store().settle(stale));
    EXPECT_THAT(this->store().list({}), ::testing::ElementsAre(now));
}

TYPED_TEST_P(NotificationStoreConformance, ListsTheNewestFirstByStateAndChannel) {
    auto sent = this->row("b");
    sent.state = NotificationState::sent;
    this->store().add({this->row("a"), sent, this->row("c", 10, "mail"), this->row("d")});
    EXPECT_THAT(this->keys(), ::testing::ElementsAre("d", "c", "b", "a"));
    EXPECT_THAT(this->keys({.limit = 2}), ::testing::ElementsAre("d", "c"));
    EXPECT_THAT(
        this->keys({.state = NotificationState::waiting}), ::testing::ElementsAre("d", "c", "a")
    );
    EXPECT_THAT(this->keys({.channel = "mail"}), ::testing::ElementsAre("c"));
    EXPECT_THAT(
        this->keys({.state = NotificationState::sent, .channel = "slack"}),
        ::testing::ElementsAre("b")
    );
}

TYPED_TEST_P(NotificationStoreConformance, ForgetsWhatEndedBeforeAndNothingElse) {
    auto old = this->row("old");
    old.state = NotificationState::sent;
    old.ended = this->at(19);
    auto young = old;
    young.key = "young";
    young.ended = this->at(20);
    this->store().add({old, young, this->row("waits")});
    EXPECT_EQ(this->store().forget(this->at(20)), 1);
    EXPECT_THAT(this->keys(), ::testing::ElementsAre("waits", "young"));
}

TYPED_TEST_P(NotificationStoreConformance, OneRowIsTakenByOneOfMany) {
    constexpr int kRows = 40;
    std::vector<NotificationRow> rows;
    for (int i = 0; i < kRows; ++i) {
        rows.push_back(this->row(std::to_string(i)));
    }
    this->store().add(rows);
    std::atomic<int> taken{0};
    {
        std::vector<std::jthread> takers;
        for (int i = 0; i < 4; ++i) {
            takers.emplace_back([&] {
                while (this->store().take("slack", this->at(10), this->at(99)).row) {
                    ++taken;
                }
            });
        }
    }
    EXPECT_EQ(taken, kRows);
}

REGISTER_TYPED_TEST_SUITE_P(
    NotificationStoreConformance,
    ANewOneIsEmpty,
    EveryFieldIsReadBack,
    TheSameKeyAndChannelIsThereOnce,
    ARowIsTakenWhenItIsDueAndTheLongestDueFirst,
    OnlyTheChannelsOwnRowsAreTaken,
    ARowWhoseTakerIsGoneIsDueAgain,
    WhatWasSettledIsNotTakenAgain,
    WhatIsToBeTriedAgainIsDueWhenItSays,
    AnAttemptThatIsOverSettlesNothing,
    ListsTheNewestFirstByStateAndChannel,
    ForgetsWhatEndedBeforeAndNothingElse,
    OneRowIsTakenByOneOfMany
);

}  // namespace kiln::ports::testing
