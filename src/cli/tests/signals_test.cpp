#include "cli/signals.hpp"

#include "os/interrupt.hpp"

#include <future>

#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

namespace kiln::cli {
namespace {

class SignalWatchTest : public ::testing::TestWithParam<int> {
  protected:
    static void SetUpTestSuite() { block_signals(); }
};

TEST_P(SignalWatchTest, AsksToStopAndThenOnlySaysThatItIsUnderWay) {
    std::stop_source stop;
    std::stop_source again;
    std::promise<std::string> first, second;
    int told = 0;
    const SignalWatch watch{stop, again, [&](std::string_view text) {
                                (told++ == 0 ? first : second).set_value(std::string{text});
                            }};
    ::kill(::getpid(), GetParam());
    EXPECT_EQ(first.get_future().get(), "stopping: cleaning up\n");
    const os::StopFd stopped{stop.get_token()};
    EXPECT_EQ(
        os::wait_ready(-1, 0, &stopped, Deadline::after(std::chrono::seconds{20})),
        os::Ready::stopped
    );
    EXPECT_FALSE(again.stop_requested());
    ::kill(::getpid(), GetParam());
    EXPECT_EQ(second.get_future().get(), "clean-up is under way; it ends by itself\n");
    EXPECT_TRUE(again.stop_requested());
}

INSTANTIATE_TEST_SUITE_P(
    Cli,
    SignalWatchTest,
    ::testing::Values(SIGINT, SIGTERM, SIGHUP),
    [](const auto& row) { return std::string{::sigabbrev_np(row.param)}; }
);

TEST(SignalWatchEnd, EndsWithoutASignal) {
    block_signals();
    std::stop_source stop;
    {
        const SignalWatch watch{stop, {}, [](std::string_view) {}};
    }
    EXPECT_FALSE(stop.stop_requested());
}

}  // namespace
}  // namespace kiln::cli
