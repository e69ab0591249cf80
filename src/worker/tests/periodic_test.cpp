#include "worker/periodic.hpp"

#include "base/error.hpp"

#include <future>

#include <gmock/gmock.h>

namespace kiln::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

TEST(Timetable, EachChoreHasAPeriodOfItsOwn) {
    const Timetable::Time start{};
    Timetable table{{10s, 25s}, start};
    EXPECT_EQ(table.next(), start + 10s);
    EXPECT_THAT(table.take_due(start + 9s), IsEmpty());
    EXPECT_THAT(table.take_due(start + 10s), ElementsAre(0U));
    EXPECT_EQ(table.next(), start + 20s);
    EXPECT_THAT(table.take_due(start + 26s), ElementsAre(0U, 1U));
}

TEST(Timetable, WhatWasMissedIsDoneOnce) {
    const Timetable::Time start{};
    Timetable table{{10s}, start};
    EXPECT_THAT(table.take_due(start + 95s), ElementsAre(0U));
    EXPECT_EQ(table.next(), start + 105s);
}

TEST(Timetable, WithoutChoresNothingIsEverDue) {
    Timetable table{{}, {}};
    EXPECT_EQ(table.next(), Timetable::Time::max());
}

TEST(Periodic, AChoreThatFailsIsDoneAgain) {
    std::promise<void> twice;
    int times = 0;
    const Periodic periodic{{{"fails", 1ms, [&](const std::stop_token&) {
                                  if (++times == 2) {
                                      twice.set_value();
                                  }
                                  throw Error{ErrorKind::unavailable, "not now"};
                              }}}};
    twice.get_future().wait();
}

TEST(Periodic, EndsWhileItWaits) {
    const Periodic periodic{{{"never", 24h, [](const std::stop_token&) {}}}};
}

}  // namespace
}  // namespace kiln::worker
