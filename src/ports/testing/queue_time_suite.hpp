#pragma once

#include "ports/testing/queue_suite.hpp"

/// What time does to the messages of every queue: tests that let it pass (see queue_suite.hpp).
namespace kiln::ports::testing {

template <class Driver>
class QueueTimeConformance : public QueueFixture<Driver> {};

TYPED_TEST_SUITE_P(QueueTimeConformance);

TYPED_TEST_P(QueueTimeConformance, WhatIsNotRemovedComesBackWhenItsVisibilityEnds) {
    this->send(this->q, this->message("a"));
    const auto first = this->receive(this->q, 1, std::chrono::seconds{2});
    ASSERT_EQ(first.size(), 1U);
    EXPECT_TRUE(this->look(this->q).empty());
    this->driver->advance(std::chrono::seconds{3});
    const auto second = this->receive(this->q);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].id, first[0].id);
    EXPECT_EQ(second[0].receives, 2);
}

TYPED_TEST_P(QueueTimeConformance, AnExtendedDeliveryLasts) {
    this->send(this->q, this->message("a"));
    const auto got = this->receive(this->q, 1, std::chrono::seconds{2});
    ASSERT_EQ(got.size(), 1U);
    this->queue().extend(this->q, got[0].receipt, std::chrono::seconds{30});
    this->driver->advance(std::chrono::seconds{3});
    EXPECT_TRUE(this->look(this->q).empty());
    this->queue().remove(this->q, got[0].receipt);
}

TYPED_TEST_P(QueueTimeConformance, AMessageMayBeDelayed) {
    auto late = this->message("late");
    late.delay = std::chrono::seconds{2};
    this->queue().send(this->q, {late, this->message("now")});
    EXPECT_THAT(this->bodies_of(this->look(this->q)), ::testing::ElementsAre("now"));
    this->driver->advance(std::chrono::seconds{3});
    EXPECT_THAT(this->bodies_of(this->receive(this->q)), ::testing::ElementsAre("late"));
}

TYPED_TEST_P(QueueTimeConformance, AQueueHasAVisibilityAndADelayOfItsOwn) {
    const auto slow = this->make_queue(
        {.name = "slow", .visibility = std::chrono::seconds{2}, .delay = std::chrono::seconds{2}}
    );
    this->send(slow, this->message("a"));
    EXPECT_TRUE(this->look(slow).empty());
    this->driver->advance(std::chrono::seconds{3});
    EXPECT_EQ(this->look(slow).size(), 1U);
    EXPECT_TRUE(this->look(slow).empty());
    this->driver->advance(std::chrono::seconds{3});
    EXPECT_EQ(this->look(slow).size(), 1U);
}

TYPED_TEST_P(QueueTimeConformance, AFifoDeliveryThatIsOverIsAConflict) {
    const auto fifo = this->make_fifo();
    this->send(fifo, this->message("a", "g"));
    const auto got = this->receive(fifo, 1, std::chrono::seconds{1});
    ASSERT_EQ(got.size(), 1U);
    this->driver->advance(std::chrono::seconds{2});
    EXPECT_EQ(kind_of([&] { this->queue().remove(fifo, got[0].receipt); }), ErrorKind::conflict);
    EXPECT_EQ(
        kind_of([&] { this->queue().extend(fifo, got[0].receipt, std::chrono::seconds{1}); }),
        ErrorKind::conflict
    );
    EXPECT_EQ(this->receive(fifo).size(), 1U);
}

TYPED_TEST_P(QueueTimeConformance, DepthsTellWhatIsThere) {
    auto late = this->message("late");
    late.delay = std::chrono::seconds{60};
    this->queue().send(this->q, {this->message("a"), this->message("b"), this->message("c"), late});
    ASSERT_EQ(this->receive(this->q).size(), 1U);
    this->driver->advance(std::chrono::seconds{2});
    const auto depth = this->admin().depth(this->q);
    EXPECT_EQ(depth.visible, 2);
    EXPECT_EQ(depth.in_flight, 1);
    EXPECT_EQ(depth.delayed, 1);
    if (depth.oldest_age) {
        EXPECT_GE(*depth.oldest_age, std::chrono::seconds{2});
    }
}

REGISTER_TYPED_TEST_SUITE_P(
    QueueTimeConformance,
    WhatIsNotRemovedComesBackWhenItsVisibilityEnds,
    AnExtendedDeliveryLasts,
    AMessageMayBeDelayed,
    AQueueHasAVisibilityAndADelayOfItsOwn,
    AFifoDeliveryThatIsOverIsAConflict,
    DepthsTellWhatIsThere
);

}  // namespace kiln::ports::testing
