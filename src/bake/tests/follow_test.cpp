#include "bake/follow.hpp"

#include "os/files.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

namespace kiln::bake {
namespace {

using namespace std::chrono_literals;

class FollowTest : public ::testing::Test {
  protected:
    os::TempDir folder_ = os::TempDir::unique("/tmp", "kiln-follow");
};

TEST_F(FollowTest, AChangeBetweenTwoWaitsIsNotLost) {
    FolderWatch watch{folder_.path()};
    os::write_all(os::open_file(folder_.path() / kNotifyFile, O_WRONLY | O_CREAT), "x");
    EXPECT_EQ(watch.wait(nullptr, Deadline::after(10s)), os::Ready::yes);
    EXPECT_EQ(watch.wait(nullptr, Deadline::after(0s)), os::Ready::timed_out);
}

TEST_F(FollowTest, AFolderThatIsNotThereIsWaitedOutNotSpunOn) {
    FolderWatch watch{folder_.path() / "absent"};
    EXPECT_FALSE(watch.watching());
    std::stop_source source;
    source.request_stop();
    const os::StopFd stop{source.get_token()};
    EXPECT_EQ(watch.wait(&stop, Deadline::never()), os::Ready::stopped);
}

TEST_F(FollowTest, ACancelFileStopsTheBake) {
    std::stop_source source;
    const os::StopFd stopped{source.get_token()};
    const CancelWatch watch{folder_.path(), source};
    os::write_file_durably(folder_.path() / kCancelFile, "");
    EXPECT_EQ(os::wait_ready(-1, 0, &stopped, Deadline::after(10s)), os::Ready::stopped);
}

TEST_F(FollowTest, ACancelFileThatWasThereBeforeIsSeen) {
    os::write_file_durably(folder_.path() / kCancelFile, "");
    std::stop_source source;
    const os::StopFd stopped{source.get_token()};
    const CancelWatch watch{folder_.path(), source};
    EXPECT_EQ(os::wait_ready(-1, 0, &stopped, Deadline::after(10s)), os::Ready::stopped);
}

TEST_F(FollowTest, TheWatchEndsWithTheBake) {
    std::stop_source source;
    { const CancelWatch watch{folder_.path(), source}; }
    EXPECT_FALSE(source.stop_requested());
}

}  // namespace
}  // namespace kiln::bake
