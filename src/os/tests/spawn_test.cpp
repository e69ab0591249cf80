#include "os/spawn.hpp"

#include "base/testing/kind_of.hpp"
#include "os/files.hpp"
#include "os/programs.hpp"

#include <array>
#include <csignal>

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::os {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Command shell(std::string script) {
    return {.argv = {"sh", "-c", std::move(script)}};
}

std::string printed(Command command) {
    return run_captured(std::move(command)).out;
}

TEST(Spawn, ExitCodeIsReported) {
    auto child = Child::spawn(shell("exit 7"));
    const auto status = child.wait(Deadline::never());
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(status->code, 7);
    EXPECT_FALSE(status->ok());
    EXPECT_EQ(status->describe(), "exit 7");
    EXPECT_FALSE(child.running());
}

TEST(Spawn, SignalThatEndedItIsReported) {
    auto child = Child::spawn(shell("kill -TERM $$"));
    const auto status = child.wait(Deadline::never());
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(status->signal, SIGTERM);
    EXPECT_EQ(status->describe(), "signal 15 (SIGTERM)");
}

TEST(Spawn, WaitEndsAtTheDeadlineAndTheChildGoesOn) {
    auto child = Child::spawn({.argv = {"sleep", "1000"}});
    EXPECT_EQ(child.wait(Deadline::after(std::chrono::milliseconds{1})), std::nullopt);
    EXPECT_TRUE(child.running());
    child.signal(SIGKILL);
    EXPECT_EQ(child.wait(Deadline::never())->signal, SIGKILL);
}

TEST(Spawn, MissingProgramIsNamed) {
    const auto error = error_of([] { (void)Child::spawn({.argv = {"no-such-program-of-kiln"}}); });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind(), ErrorKind::not_found);
    EXPECT_THAT(error->message(), HasSubstr("no-such-program-of-kiln"));
    EXPECT_EQ(error->hint(), "") << "no package is known to have it";
}

struct PackageRow {
    const char* program;
    const char* package;
};

TEST(Spawn, MissingProgramOfOursComesWithItsPackage) {
    for (const auto& [program, package] : std::vector<PackageRow>{
             {"bwrap", "bubblewrap"},
             {"qemu-img", "qemu-utils"},
             {"qemu-storage-daemon", "qemu-system-common"},
             {"mkfs.ext4", "e2fsprogs"},
             {"xfs_growfs", "xfsprogs"},
             {"sfdisk", "fdisk"},
             {"btrfs", "btrfs-progs"},
         }) {
        const auto error = no_such_program(program);
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_THAT(error.hint(), HasSubstr(std::string{"apt-get install "} + package)) << program;
    }
}

TEST(Spawn, ExecFailureIsReportedToTheParent) {
    const auto folder = TempDir::unique(std::filesystem::temp_directory_path(), "kiln-spawn");
    const auto program = folder.path() / "program";
    write_file_durably(program, "neither a script nor a binary", 0755);
    const auto error = error_of([&] { (void)Child::spawn({.argv = {program.native()}}); });
    ASSERT_TRUE(error.has_value());
    EXPECT_THAT(error->message(), HasSubstr("Exec format error"));
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "the failed child was not reaped";
}

TEST(Spawn, AbsentProgramByPathIsNotFound) {
    EXPECT_EQ(
        kind_of([] { (void)Child::spawn({.argv = {"/nowhere/program"}}); }), ErrorKind::not_found
    );
}

TEST(Spawn, AbsentDirectoryIsNamed) {
    auto command = shell("true");
    command.directory = "/nowhere/at-all";
    EXPECT_THAT(message_of([&] { (void)Child::spawn(command); }), HasSubstr("/nowhere/at-all"));
}

TEST(Spawn, NulInAnArgumentIsRefused) {
    EXPECT_EQ(
        kind_of([] {
            (void)Child::spawn({.argv = {"true", std::string{"a\0b", 3}}});
        }),
        ErrorKind::invalid
    );
}

TEST(Spawn, EmptyCommandIsRefused) {
    EXPECT_EQ(kind_of([] { (void)Child::spawn({}); }), ErrorKind::invalid);
}

TEST(Spawn, EnvironmentIsOursWithTheChildsOwnOnTop) {
    ::setenv("KILN_TEST_KEPT", "kept", 1);
    ::setenv("KILN_TEST_CHANGED", "ours", 1);
    auto command = shell("echo $KILN_TEST_KEPT $KILN_TEST_CHANGED $KILN_TEST_ADDED");
    command.environment = {{"KILN_TEST_CHANGED", "theirs"}, {"KILN_TEST_ADDED", "added"}};
    EXPECT_EQ(printed(command), "kept theirs added\n");
    ::unsetenv("KILN_TEST_KEPT");
    ::unsetenv("KILN_TEST_CHANGED");
}

TEST(Spawn, ClearedEnvironmentHoldsOnlyWhatWasGiven) {
    Command command{.argv = {"env"}, .environment = {{"A", "1"}, {"LC_ALL", "C"}}};
    command.clear_environment = true;
    EXPECT_EQ(printed(command), "A=1\nLC_ALL=C\n");
}

TEST(Spawn, DirectoryIsTheChilds) {
    auto command = shell("pwd");
    command.directory = "/proc/sys";
    EXPECT_EQ(printed(command), "/proc/sys\n");
}

TEST(Spawn, DescriptorsArePassedThoughSourcesAndTargetsCross) {
    const auto folder = TempDir::unique(std::filesystem::temp_directory_path(), "kiln-spawn");
    write_file_durably(folder.path() / "three", "three");
    write_file_durably(folder.path() / "four", "four");
    const auto three = open_file(folder.path() / "three", O_RDONLY);
    const auto four = open_file(folder.path() / "four", O_RDONLY);
    ASSERT_LT(std::max(three.get(), four.get()), 10) << "the two cannot be swapped";
    auto command = shell("cat <&$1; echo; cat <&$2");
    command.argv.insert(
        command.argv.end(), {"sh", std::to_string(three.get()), std::to_string(four.get())}
    );
    command.fds = {
        {.from = three.get(), .to = four.get()},
        {.from = four.get(), .to = three.get()},
    };
    EXPECT_EQ(printed(command), "four\nthree");
}

TEST(Spawn, NothingElseIsInherited) {
    const Fd open_to_all{::dup(STDERR_FILENO)};  // without close-on-exec, as from a careless parent
    Command command{.argv = {"ls", "/proc/self/fd"}};
    EXPECT_EQ(printed(command), "0\n1\n2\n3\n");  // 3 is ls' own
}

TEST(Spawn, UnnamedStandardDescriptorsAreNull) {
    EXPECT_EQ(printed({.argv = {"readlink", "/proc/self/fd/0"}}), "/dev/null\n");
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const Fd read{ends[0]};
    Fd write{ends[1]};
    auto command = shell("readlink /proc/self/fd/1 /proc/self/fd/2 >&5");
    command.fds = {{.from = write.get(), .to = 5}};
    auto child = Child::spawn(command);
    write.close();
    // The link of 1 is looked up by readlink, whose own 1 is descriptor 5 by then.
    EXPECT_THAT(read_all(read), HasSubstr("/dev/null"));
    EXPECT_TRUE(child.wait(Deadline::never())->ok());
}

TEST(Spawn, SignalsAreNeitherBlockedNorIgnoredInTheChild) {
    sigset_t usr1;
    sigset_t before;
    ::sigemptyset(&usr1);
    ::sigaddset(&usr1, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &usr1, &before);
    const auto old = ::signal(SIGPIPE, SIG_IGN);
    const auto status = printed({.argv = {"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}});
    ::signal(SIGPIPE, old);
    sigset_t after;
    ::pthread_sigmask(SIG_SETMASK, &before, &after);
    EXPECT_EQ(status, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    EXPECT_EQ(::sigismember(&after, SIGUSR1), 1) << "the parent's own mask was not put back";
}

TEST(Spawn, ChildLeadsAProcessGroupOfItsOwn) {
    auto child = Child::spawn({.argv = {"sleep", "1000"}});
    EXPECT_EQ(::getpgid(child.pid()), child.pid());
    Command in_ours{.argv = {"sleep", "1000"}};
    in_ours.new_process_group = false;
    auto other = Child::spawn(in_ours);
    EXPECT_EQ(::getpgid(other.pid()), ::getpgrp());
}

TEST(Spawn, EndOfTheOwnerEndsTheWholeGroup) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const Fd read{ends[0]};
    Fd write{ends[1]};
    {
        auto command = shell("sleep 1000 & echo started; wait");
        command.fds = {{.from = write.get(), .to = 1}};
        const auto child = Child::spawn(command);
        write.close();
        std::array<char, 8> word{};
        ASSERT_EQ(::read(read.get(), word.data(), word.size()), 8);
    }
    EXPECT_EQ(
        read_all(read), ""
    ) << "the pipe ends when its last holder, the grandchild, has ended";
}

TEST(Spawn, ChildDiesWithTheThreadThatSpawnedIt) {
    Child child;
    std::thread{[&] { child = Child::spawn({.argv = {"sleep", "1000"}}); }}.join();
    EXPECT_EQ(child.wait(Deadline::never())->signal, SIGKILL);
}

TEST(Spawn, ManyThreadsSpawnAtOnce) {
    std::atomic<int> good = 0;
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 10; ++i) {
                const auto code = (thread * 10 + i) % 100;
                auto child = Child::spawn(shell("exit " + std::to_string(code)));
                good += child.wait(Deadline::never())->code == code ? 1 : 0;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(good, 80);
}

TEST(Spawn, CgroupFileThatCannotBeWrittenFailsTheStart) {
    const auto null = open_file("/dev/null", O_RDONLY);
    auto command = shell("true");
    command.cgroup_procs = {null.get()};
    EXPECT_THAT(message_of([&] { (void)Child::spawn(command); }), HasSubstr("control group"));
}

TEST(Spawn, FolderThatIsNoCgroupLeavesTheJoiningToTheFiles) {
    const auto folder = open_file("/", O_RDONLY | O_DIRECTORY);
    auto command = shell("echo joined");
    command.cgroup_folder = folder.get();
    const auto null = open_file("/dev/null", O_WRONLY);
    command.cgroup_procs = {null.get()};
    EXPECT_EQ(printed(command), "joined\n");
}

TEST(FindProgram, SearchesThePathThenTheSystemsFolders) {
    const auto folder = TempDir::unique(std::filesystem::temp_directory_path(), "kiln-path");
    write_file_durably(folder.path() / "sh", "", 0755);
    write_file_durably(folder.path() / "plain", "", 0644);
    std::filesystem::create_directory(folder.path() / "env");
    const auto path = "/nowhere:" + folder.path().native();
    EXPECT_EQ(find_program("sh", path), folder.path() / "sh");
    EXPECT_EQ(find_program("plain", path), std::nullopt) << "not executable";
    EXPECT_NE(find_program("env", path), folder.path() / "env") << "a folder";
    EXPECT_TRUE(find_program("sh", "").has_value());
    EXPECT_EQ(find_program("", path), std::nullopt);
    EXPECT_EQ(find_program("./x", path), "./x");
}

TEST(FindProgram, CurrentFolderIsNeverSearched) {
    const auto folder = TempDir::unique(std::filesystem::temp_directory_path(), "kiln-path");
    write_file_durably(folder.path() / "kiln-test-program", "", 0755);
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    EXPECT_EQ(find_program("kiln-test-program", ":.:"), std::nullopt);
    std::filesystem::current_path(before);
}

}  // namespace
}  // namespace kiln::os
