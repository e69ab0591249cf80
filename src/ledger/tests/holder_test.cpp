#include "ledger/job.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

namespace kiln::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HolderTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path holders() const { return folder_.path() / "holders"; }

    os::TempDir folder_ = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-hold");
};

TEST_F(HolderTest, IsAliveUntilItEnds) {
    std::optional<Holder> holder{std::in_place, holders()};
    const auto id = holder->id();
    EXPECT_TRUE(Holder::alive(holders(), id));
    EXPECT_THAT(Holder::dead(holders()), IsEmpty());
    holder.reset();
    EXPECT_FALSE(Holder::alive(holders(), id));
    EXPECT_TRUE(std::filesystem::is_empty(holders()));
}

TEST_F(HolderTest, TheFileNamesTheHolder) {
    const Holder holder{holders()};
    EXPECT_TRUE(std::filesystem::exists(holders() / (holder.id().str() + ".lock")));
}

TEST_F(HolderTest, AskingLeavesNoFile) {
    std::filesystem::create_directory(holders());
    EXPECT_FALSE(Holder::alive(holders(), HolderId::random()));
    EXPECT_TRUE(std::filesystem::is_empty(holders()));
}

TEST_F(HolderTest, AFolderThatIsNotThereHasNoDead) {
    EXPECT_THAT(Holder::dead(holders()), IsEmpty());
    EXPECT_FALSE(Holder::alive(holders(), HolderId::random()));
}

TEST_F(HolderTest, AFileLeftBehindIsADeadHolder) {
    const Holder living{holders()};
    const auto id = HolderId::random();
    std::ofstream{holders() / (id.str() + ".lock")};
    std::ofstream{holders() / "sweep.lock"};
    EXPECT_THAT(Holder::dead(holders()), ElementsAre(id));
    Holder::forget(holders(), {id});
    EXPECT_THAT(Holder::dead(holders()), IsEmpty());
}

TEST_F(HolderTest, AKilledProcessIsDead) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    const int pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
        const Holder holder{holders()};
        (void)!write(ends[1], holder.id().str().data(), holder.id().str().size());
        pause();
        _exit(0);
    }
    std::string text(64, '\0');
    const auto size = read(ends[0], text.data(), text.size());
    ASSERT_GT(size, 0);
    const auto id = HolderId::parse(text.substr(0, static_cast<std::size_t>(size)));
    EXPECT_TRUE(Holder::alive(holders(), id));
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    EXPECT_FALSE(Holder::alive(holders(), id));
    EXPECT_THAT(Holder::dead(holders()), ElementsAre(id));
}

}  // namespace
}  // namespace kiln::ledger
