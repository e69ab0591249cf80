#include "net/time_outs.hpp"

#include "net/admission.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace kiln::net {

namespace {

using namespace std::chrono_literals;
using Kind = TimeOuts::Kind;

constexpr TimeOuts::Time kStart{};

struct Recorder : TimeOuts::Waiter {
    void time_is_over(Kind kind) override {
        over.push_back(kind);
        if (then) {
            then();
        }
    }

    std::vector<Kind> over;
    std::function<void()> then;
};

class TimeOutsTest : public ::testing::Test {
  protected:
    TimeOutsTest() {
        time_outs.add(a);
        time_outs.add(b);
    }

    ~TimeOutsTest() override {
        time_outs.remove(a);
        time_outs.remove(b);
    }

    TimeOuts time_outs{{0s, 1s, 2s, 3s, 10s, 5s, 6s}};
    Recorder a;
    Recorder b;
};

TEST_F(TimeOutsTest, WaitIsOverAtItsTimeAndOnce) {
    EXPECT_EQ(time_outs.begin(a, Kind::header, kStart), kStart + 1s);
    time_outs.expire(kStart + 999ms);
    EXPECT_TRUE(a.over.empty());
    time_outs.expire(kStart + 1s);
    time_outs.expire(kStart + 2s);
    EXPECT_EQ(a.over, std::vector{Kind::header});
    EXPECT_EQ(time_outs.next(), std::nullopt);
}

TEST_F(TimeOutsTest, NextIsTheEarliestOfAllKinds) {
    time_outs.begin(a, Kind::idle, kStart);
    EXPECT_EQ(time_outs.next(), kStart + 10s);
    time_outs.begin(b, Kind::body, kStart + 1s);
    EXPECT_EQ(time_outs.next(), kStart + 3s);
}

TEST_F(TimeOutsTest, NewWaitTakesThePlaceOfTheOldOne) {
    time_outs.begin(a, Kind::header, kStart);
    time_outs.begin(a, Kind::header, kStart + 900ms);
    time_outs.expire(kStart + 1s);
    EXPECT_TRUE(a.over.empty());
    time_outs.begin(a, Kind::write, kStart + 1s);
    time_outs.expire(kStart + 3999ms);
    EXPECT_TRUE(a.over.empty());
    time_outs.expire(kStart + 4s);
    EXPECT_EQ(a.over, std::vector{Kind::write});
}

TEST_F(TimeOutsTest, EndedWaitIsNeverOver) {
    time_outs.begin(a, Kind::header, kStart);
    time_outs.end(a);
    time_outs.expire(kStart + 1h);
    EXPECT_TRUE(a.over.empty());
}

TEST_F(TimeOutsTest, WhoeverIsToldMayChangeAnyWait) {
    time_outs.begin(a, Kind::header, kStart);
    time_outs.begin(b, Kind::header, kStart);
    a.then = [&] {
        time_outs.end(b);
        time_outs.begin(a, Kind::idle, kStart + 1s);
    };
    time_outs.expire(kStart + 1s);
    EXPECT_TRUE(b.over.empty());
    EXPECT_EQ(time_outs.next(), kStart + 11s);
}

TEST_F(TimeOutsTest, LongestIsWhoBeganFirst) {
    EXPECT_EQ(time_outs.longest(Kind::idle), nullptr);
    time_outs.begin(a, Kind::idle, kStart);
    time_outs.begin(b, Kind::idle, kStart + 1s);
    EXPECT_EQ(time_outs.longest(Kind::idle), &a);
    time_outs.begin(a, Kind::idle, kStart + 2s);
    EXPECT_EQ(time_outs.longest(Kind::idle), &b);
}

TEST(Admission, CountsEachOriginAndAllTogether) {
    using Answer = Admission::Answer;
    const Origin one{1};
    const Origin two{2};
    Admission admission{3, 2};
    EXPECT_EQ(admission.admit(one), Answer::yes);
    EXPECT_EQ(admission.admit(one), Answer::yes);
    EXPECT_EQ(admission.admit(one), Answer::too_many_of_one);
    EXPECT_EQ(admission.admit(two), Answer::yes);
    EXPECT_EQ(admission.admit(two), Answer::too_many);
    admission.leave(one);
    EXPECT_EQ(admission.admit(two), Answer::yes);
    EXPECT_TRUE(admission.full());
}

}  // namespace

}  // namespace kiln::net
