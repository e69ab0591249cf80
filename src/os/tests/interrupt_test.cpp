#include "os/interrupt.hpp"

#include "base/testing/kind_of.hpp"

#include <array>

#include <gtest/gtest.h>

#include <poll.h>
#include <unistd.h>

namespace kiln::os {
namespace {

using std::chrono::milliseconds;

Deadline passed() {
    return Deadline::after(milliseconds{-1});
}

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        read = Fd{ends[0]};
        write = Fd{ends[1]};
    }

    Fd read, write;
};

TEST(Interrupt, StopRequestedBeforeIsSeen) {
    std::stop_source source;
    source.request_stop();
    const StopFd stop{source.get_token()};
    EXPECT_EQ(wait_ready(-1, 0, &stop, Deadline::never()), Ready::stopped);
}

TEST(Interrupt, StopRequestedByAnotherThreadEndsTheWait) {
    std::stop_source source;
    const StopFd stop{source.get_token()};
    const std::jthread other{[&] { source.request_stop(); }};
    EXPECT_EQ(wait_ready(-1, 0, &stop, Deadline::never()), Ready::stopped);
    EXPECT_TRUE(stop.stopped());
}

TEST(Interrupt, StopWinsOverReady) {
    Pipe pipe;
    write_all(pipe.write, "x");
    std::stop_source source;
    const StopFd stop{source.get_token()};
    EXPECT_EQ(wait_ready(pipe.read.get(), POLLIN, &stop, passed()), Ready::yes);
    source.request_stop();
    EXPECT_EQ(wait_ready(pipe.read.get(), POLLIN, &stop, passed()), Ready::stopped);
}

TEST(Interrupt, PassedDeadlineEndsTheWait) {
    Pipe pipe;
    EXPECT_EQ(wait_ready(pipe.read.get(), POLLIN, nullptr, passed()), Ready::timed_out);
}

TEST(Interrupt, WhatIsReadyIsSeenThoughTheDeadlineHasPassed) {
    Pipe pipe;
    write_all(pipe.write, "x");
    EXPECT_EQ(wait_ready(pipe.read.get(), POLLIN, nullptr, passed()), Ready::yes);
}

TEST(Interrupt, HangUpIsReady) {
    Pipe pipe;
    pipe.write.close();
    EXPECT_EQ(wait_ready(pipe.read.get(), POLLIN, nullptr, Deadline::never()), Ready::yes);
}

TEST(Interrupt, PauseIsRefusedAfterTheDeadlineOrAStop) {
    EXPECT_FALSE(pause_before_retry(0, passed()));
    std::stop_source source;
    source.request_stop();
    const StopFd stop{source.get_token()};
    EXPECT_FALSE(pause_before_retry(1000, Deadline::never(), &stop));
    EXPECT_TRUE(pause_before_retry(0, Deadline::never()));
}

TEST(Interrupt, StoppedWorkSaysWhatItWas) {
    std::stop_source source;
    EXPECT_EQ(kind_of([&] { throw_if_stopped(source.get_token(), "copy"); }), std::nullopt);
    source.request_stop();
    const auto error = error_of([&] { throw_if_stopped(source.get_token(), "copy"); });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind(), ErrorKind::cancelled);
    EXPECT_EQ(error->message(), "copy: stopped on request");
}

}  // namespace
}  // namespace kiln::os
