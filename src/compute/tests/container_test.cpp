#include "compute/console_log.hpp"
#include "compute/container_guest.hpp"
#include "compute/init_program.hpp"
#include "compute/oci_config.hpp"
#include "os/files.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

namespace kiln::compute {
namespace {

using What = GuestEnd::What;

struct Row {
    const char* name;
    int how;
    int status;
    bool out_of_memory;
    What what;
};

class InitEnds : public ::testing::TestWithParam<Row> {};

TEST_P(InitEnds, AreUnderstood) {
    const auto& row = GetParam();
    EXPECT_EQ(end_of_init(row.how, row.status, row.out_of_memory).what, row.what);
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    InitEnds,
    ::testing::Values(
        Row{"OrderlyEnd", CLD_EXITED, 0, false, What::powered_off},
        Row{"OrderlyReboot", CLD_EXITED, 3, false, What::rebooted},
        Row{"RebootCallToPowerOff", CLD_KILLED, SIGINT, false, What::powered_off},
        Row{"RebootCallToRestart", CLD_KILLED, SIGHUP, false, What::rebooted},
        Row{"Killed", CLD_KILLED, SIGKILL, false, What::failed},
        Row{"OutOfMemory", CLD_KILLED, SIGKILL, true, What::failed},
        Row{"CouldNotRun", CLD_EXITED, 1, false, What::failed}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(OciConfig, HasItsOwnOfEverythingAndNoRightToTheHosts) {
    const auto config = oci_config(
        {.root = "/run/x/root",
         .hostname = "ip-10-64-0-2",
         .network = "/proc/7/fd/5",
         .files = {{"/run/x/init", "/run/kiln/init"}},
         .init = "/run/kiln/init"}
    );
    const auto text = json::serialize(config);
    for (const auto* kind : {"pid", "ipc", "uts", "mount", "cgroup", "network"}) {
        EXPECT_THAT(text, ::testing::HasSubstr("{\"type\":\"" + std::string{kind} + "\""));
    }
    for (const auto* right :
         {"SYS_ADMIN",
          "NET_ADMIN",
          "NET_RAW",
          "MKNOD",
          "SYS_PTRACE",
          "SYS_MODULE",
          "SYS_RAWIO",
          "DAC_READ_SEARCH"}) {
        EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr(right))) << right;
    }
    EXPECT_THAT(text, ::testing::HasSubstr("\"path\":\"/proc/7/fd/5\""));
    EXPECT_THAT(text, ::testing::HasSubstr("/proc/kcore"));
    EXPECT_FALSE(config.at("process").at("terminal").as_bool());
}

TEST(InitProgram, IsAProgram) {
    EXPECT_TRUE(init_program().starts_with("\177ELF"));
}

TEST(InitProgram, AFrameSaysItsLength) {
    EXPECT_EQ(init_frame('u', std::string(258, 'x')).substr(0, 5), (std::string{'u', 2, 1, 0, 0}));
}

class Console : public ::testing::Test {
  protected:
    os::TempDir folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "console");
};

TEST_F(Console, IsReadFromAnyPlace) {
    ConsoleLog log{folder.path()};
    log.append("one two");
    EXPECT_EQ(ConsoleLog::read(folder.path(), 0).text, "one two");
    const auto rest = ConsoleLog::read(folder.path(), 4);
    EXPECT_EQ(rest.offset, 4U);
    EXPECT_EQ(rest.text, "two");
    EXPECT_EQ(ConsoleLog::read(folder.path(), 7).text, "");
    EXPECT_EQ(ConsoleLog::read(folder.path(), 7).offset, 7U);
}

TEST_F(Console, GoesOnWhereItEnded) {
    ConsoleLog{folder.path()}.append("one ");
    ConsoleLog{folder.path()}.append("two");
    EXPECT_EQ(ConsoleLog::read(folder.path(), 0).text, "one two");
}

TEST_F(Console, KeepsTheNewestMebibyte) {
    ConsoleLog log{folder.path()};
    const std::string block(100'000, 'x');
    for (int at = 0; at < 40; ++at) {
        log.append(block);
    }
    log.append("end");
    const auto kept = ConsoleLog::read(folder.path(), 0);
    EXPECT_EQ(kept.text.size(), ConsoleLog::kKept);
    EXPECT_EQ(kept.offset + kept.text.size(), 4'000'003U);
    EXPECT_TRUE(kept.text.ends_with("end"));
    std::uintmax_t on_disk = 0;
    for (const auto& file : std::filesystem::directory_iterator{folder.path()}) {
        on_disk += file.file_size();
    }
    EXPECT_LE(on_disk, 2 * ConsoleLog::kKept);
}

TEST_F(Console, OfOneThatNeverRanIsEmpty) {
    EXPECT_EQ(ConsoleLog::read(folder.path() / "no", 0).text, "");
}

}  // namespace
}  // namespace kiln::compute
