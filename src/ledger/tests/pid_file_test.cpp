#include "ledger/pid_file.hpp"

#include "ledger/tests/lock_child.hpp"
#include "os/files.hpp"
#include "ports/testing/kind_of.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include <fcntl.h>

namespace kiln::ledger {
namespace {

const auto kSoon = std::chrono::seconds{20};

class PidFileTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "pid"; }

    os::TempDir folder_ = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-pid");
};

TEST_F(PidFileTest, TheOwnerIsWhoHoldsTheLock) {
    const LockChild child{file()};
    EXPECT_EQ(pid_file_owner(file()), child.pid());
}

TEST_F(PidFileTest, NobodyOwnsAFileThatIsNotLockedWhateverItSays) {
    std::ofstream{file()} << "1\n";
    EXPECT_EQ(pid_file_owner(file()), std::nullopt);
    end_pid_file_owner(file(), Deadline::after(kSoon));
    EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(PidFileTest, NoFileIsSuccess) {
    EXPECT_EQ(pid_file_owner(file()), std::nullopt);
    end_pid_file_owner(file(), Deadline::after(kSoon));
}

TEST_F(PidFileTest, TheOwnerIsEndedWhateverTheFileSays) {
    LockChild child{file()};
    std::ofstream{file()} << "1\n";
    end_pid_file_owner(file(), Deadline::after(kSoon));
    EXPECT_EQ(child.wait(), -SIGKILL);
    EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(PidFileTest, ALockOfNoProcessIsRefused) {
    const auto held = os::open_file(file(), O_RDWR | O_CREAT, 0600);

    struct flock lock {};

    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    ASSERT_EQ(fcntl(held.get(), F_OFD_SETLK, &lock), 0);
    EXPECT_EQ(
        ports::testing::kind_of([&] { end_pid_file_owner(file(), Deadline::after(kSoon)); }),
        ErrorKind::conflict
    );
    EXPECT_TRUE(std::filesystem::exists(file()));
}

}  // namespace
}  // namespace kiln::ledger
