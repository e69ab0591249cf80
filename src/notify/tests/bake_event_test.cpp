#include "notify/bake_event.hpp"

#include <gtest/gtest.h>

namespace kiln::notify {
namespace {

ports::BakeRecord record_of(ports::BakeState state) {
    ports::BakeRecord record;
    record.id = BakeId::parse("bake-0123456789abcdef0");
    record.name = "web@1";
    record.state = state;
    record.attempt = 2;
    record.created = parse_time("2026-01-01T00:00:00Z");
    return record;
}

TEST(BakeEvent, ABakeThatBeginsIsToldOnceForEachAttempt) {
    const auto event = bake_event(record_of(ports::BakeState::running));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->kind, Kind::work_started);
    EXPECT_EQ(event->key, "bake-0123456789abcdef0/2/work.started");
    EXPECT_EQ(event->work, "bake");
    EXPECT_EQ(event->name, "web@1");
    EXPECT_EQ(event->link, "kiln bake show bake-0123456789abcdef0");
    EXPECT_EQ(event->error, "");
}

TEST(BakeEvent, AFailureHasItsReasonAndItsTime) {
    auto record = record_of(ports::BakeState::failed);
    record.ended = parse_time("2026-01-01T00:01:00Z");
    record.result = {{"error", {{"step", "run"}, {"reason", "exit status 3"}}}};
    const auto event = bake_event(record);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->kind, Kind::work_failed);
    EXPECT_EQ(event->error, "exit status 3");
    EXPECT_EQ(event->time, *record.ended);
}

TEST(BakeEvent, WhatIsNoOutcomeIsNotTold) {
    for (const auto state :
         {ports::BakeState::queued, ports::BakeState::cancelled, ports::BakeState::interrupted}) {
        EXPECT_FALSE(bake_event(record_of(state))) << ports::to_string(state);
    }
}

}  // namespace
}  // namespace kiln::notify
