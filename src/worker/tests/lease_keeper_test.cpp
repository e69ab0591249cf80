#include "worker/lease_keeper.hpp"

#include <latch>

#include <gtest/gtest.h>

namespace kiln::worker {
namespace {

using namespace std::chrono_literals;

/// Of 60 s: a renewal each millisecond.
constexpr std::int64_t kOften = 60'000;

TEST(LeaseKeeperTest, AMessageIsExtendedAgainAndAgain) {
    LeaseKeeper keeper{kOften};
    std::latch renewed{3};
    const auto lease = keeper.keep(
        60s,
        [&](std::chrono::seconds visibility) {
            EXPECT_EQ(visibility, 60s);
            if (!renewed.try_wait()) {
                renewed.count_down();
            }
        },
        [] { FAIL() << "lost"; }
    );
    renewed.wait();
}

TEST(LeaseKeeperTest, OneThreadServesMany) {
    LeaseKeeper keeper{kOften};
    std::latch renewed{2};
    const auto once = [&renewed, done = std::make_shared<bool>(false)](std::chrono::seconds) {
        if (!std::exchange(*done, true)) {
            renewed.count_down();
        }
    };
    const auto other = [&renewed, done = std::make_shared<bool>(false)](std::chrono::seconds) {
        if (!std::exchange(*done, true)) {
            renewed.count_down();
        }
    };
    const auto a = keeper.keep(60s, once, [] {});
    const auto b = keeper.keep(60s, other, [] {});
    renewed.wait();
}

class LostLease : public ::testing::TestWithParam<ErrorKind> {};

TEST_P(LostLease, IsSaidOnceAndNotRenewedAgain) {
    LeaseKeeper keeper{kOften};
    std::latch lost{1};
    int renewals = 0;
    {
        const auto lease = keeper.keep(
            60s,
            [&](std::chrono::seconds) {
                ++renewals;
                throw Error{GetParam(), "over"};
            },
            [&] { lost.count_down(); }  // a second time would abort
        );
        lost.wait();
        std::latch other{3};
        const auto busy = keeper.keep(
            60s,
            [&](std::chrono::seconds) {
                if (!other.try_wait()) {
                    other.count_down();
                }
            },
            [] {}
        );
        other.wait();
    }
    EXPECT_EQ(renewals, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LostLease, ::testing::Values(ErrorKind::conflict, ErrorKind::not_found)
);

TEST(LeaseKeeperTest, WhatCannotBeExtendedFurtherIsNotLost) {
    LeaseKeeper keeper{kOften};
    std::latch refused{1};
    const auto lease = keeper.keep(
        60s,
        [&](std::chrono::seconds) {
            refused.count_down();  // a second time would abort
            throw Error{ErrorKind::invalid, "beyond 12 h"};
        },
        [] { FAIL() << "lost"; }
    );
    refused.wait();
}

TEST(LeaseKeeperTest, AfterItsScopeNothingIsExtended) {
    std::latch renewed{1};
    std::atomic<bool> held{true};
    LeaseKeeper keeper{kOften};
    {
        const auto lease = keeper.keep(
            60s,
            [&](std::chrono::seconds) {
                EXPECT_TRUE(held);
                if (!renewed.try_wait()) {
                    renewed.count_down();
                }
            },
            [] {}
        );
        renewed.wait();
    }
    held = false;
    std::latch other{3};
    const auto busy = keeper.keep(
        60s,
        [&](std::chrono::seconds) {
            if (!other.try_wait()) {
                other.count_down();
            }
        },
        [] {}
    );
    other.wait();
}

}  // namespace
}  // namespace kiln::worker
