#include "base/testing/kind_of.hpp"
#include "os/spawn.hpp"

#include <csignal>

#include <gmock/gmock.h>

#include <unistd.h>

namespace kiln::os {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

Command shell(std::string script) {
    return {.argv = {"sh", "-c", std::move(script)}};
}

TEST(RunCaptured, BothStreamsAndTheStatusAreKept) {
    const auto captured = run_captured(shell("echo out; echo err >&2; exit 3"));
    EXPECT_EQ(captured.out, "out\n");
    EXPECT_EQ(captured.err, "err\n");
    EXPECT_EQ(captured.status.code, 3);
}

TEST(RunCaptured, InputIsTheProgramsStdin) {
    const std::string input(1'000'000, 'x');
    EXPECT_EQ(run_captured({.argv = {"cat"}}, Deadline::never(), {}, input).out, input);
}

TEST(RunCaptured, InputThatIsNotReadIsNoFailure) {
    const std::string input(1'000'000, 'x');
    EXPECT_TRUE(run_captured({.argv = {"true"}}, Deadline::never(), {}, input).status.ok());
}

TEST(RunCaptured, LargeOutputOnBothStreamsAtOnceDoesNotBlock) {
    const auto captured =
        run_captured(shell("head -c 900000 /dev/zero >&2; head -c 3000000 /dev/zero"));
    EXPECT_EQ(captured.out.size(), 3'000'000U);
    EXPECT_EQ(captured.err.size(), 900'000U);
}

TEST(RunCaptured, OfMuchStderrTheEndIsKept) {
    const auto captured = run_captured(shell("head -c 5000000 /dev/zero >&2; echo last >&2"));
    EXPECT_EQ(captured.err.size(), 1U << 20);
    EXPECT_THAT(captured.err, EndsWith("last\n"));
}

TEST(RunCaptured, MoreOutputThanFitsIsAnErrorNotACutAnswer) {
    EXPECT_EQ(
        kind_of([] {
            (void)run_captured({.argv = {"cat", "/dev/zero"}});
        }),
        ErrorKind::internal
    );
}

TEST(RunCaptured, StopEndsTheProgram) {
    std::stop_source source;
    source.request_stop();
    EXPECT_EQ(
        kind_of([&] {
            (void)run_captured({.argv = {"sleep", "1000"}}, Deadline::never(), source.get_token());
        }),
        ErrorKind::cancelled
    );
}

TEST(RunCaptured, DeadlineEndsTheProgramAndNamesIt) {
    const auto error = error_of([] {
        (void
        )run_captured({.argv = {"sleep", "1000"}}, Deadline::after(std::chrono::milliseconds{1}));
    });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind(), ErrorKind::timed_out);
    EXPECT_THAT(error->message(), HasSubstr("'sleep'"));
}

TEST(RunCaptured, DaemonThatKeepsTheStreamsOpenIsNotWaitedFor) {
    const auto captured = run_captured(shell("setsid sleep 1000 & echo $!"));
    ASSERT_TRUE(captured.status.ok());
    const int daemon = std::stoi(captured.out);
    const auto ref = process_ref(daemon);
    ASSERT_TRUE(ref.has_value());
    kill_process(*ref, Deadline::never());
}

TEST(RunCaptured, MessagesAreInOneLanguage) {
    EXPECT_EQ(run_captured(shell("echo $LC_ALL")).out, "C.UTF-8\n");
    auto command = shell("echo $LC_ALL");
    command.environment = {{"LC_ALL", "de_DE"}};
    EXPECT_EQ(run_captured(command).out, "de_DE\n");
}

TEST(RunChecked, ReturnsWhatWasPrinted) {
    EXPECT_EQ(run_checked(shell("echo out; echo noise >&2")), "out\n");
}

TEST(RunChecked, FailureNamesTheProgramItsStatusAndItsLastWords) {
    const auto error = error_of([] {
        (void)run_checked(shell("for i in 1 2 3 4 5 6 7; do echo line $i >&2; done; exit 9"));
    });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->kind(), ErrorKind::internal);
    EXPECT_EQ(error->message(), "run 'sh': exit 9: line 3\nline 4\nline 5\nline 6\nline 7");
}

TEST(RunChecked, ArgumentsStayOutOfTheMessage) {
    const auto message = message_of([] {
        (void)run_checked({.argv = {"sh", "-c", "exit 1", "secret-argument"}});
    });
    EXPECT_EQ(message, "run 'sh': exit 1");
}

TEST(RunChecked, FullDiskIsExhausted) {
    const auto full = [] { (void)run_checked(shell("cat /proc/version > /dev/full")); };
    EXPECT_EQ(kind_of(full), ErrorKind::exhausted);
}

TEST(Process, ReferenceTellsAProcessFromALaterOneOfItsNumber) {
    const auto ours = process_ref(::getpid());
    ASSERT_TRUE(ours.has_value());
    EXPECT_EQ(process_ref(::getpid()), ours);
    auto child = Child::spawn({.argv = {"sleep", "1000"}});
    auto ref = process_ref(child.pid());
    ASSERT_TRUE(ref.has_value());
    ref->start_time += 1;
    kill_process(*ref, Deadline::never());
    EXPECT_EQ(child.wait(Deadline::after(std::chrono::nanoseconds{0})), std::nullopt) << "killed";
}

TEST(Process, KilledProcessHasEndedOnReturn) {
    auto child = Child::spawn({.argv = {"sleep", "1000"}});
    kill_process(*process_ref(child.pid()), Deadline::never());
    EXPECT_EQ(child.wait(Deadline::after(std::chrono::nanoseconds{0}))->signal, SIGKILL);
}

TEST(Process, OneAlreadyGoneIsSuccess) {
    auto child = Child::spawn({.argv = {"true"}});
    const auto ref = ProcessRef{.pid = child.pid(), .start_time = 1};
    ASSERT_TRUE(child.wait(Deadline::never()).has_value());
    EXPECT_EQ(process_ref(ref.pid), std::nullopt);
    EXPECT_EQ(kind_of([&] { kill_process(ref, Deadline::never()); }), std::nullopt);
}

TEST(Process, NameWithSpacesAndParenthesesDoesNotConfuse) {
    const auto path =
        std::filesystem::temp_directory_path() / ("a) b (" + std::to_string(::getpid()));
    std::filesystem::copy_file("/bin/sleep", path);
    auto child = Child::spawn({.argv = {path.native(), "1000"}});
    std::filesystem::remove(path);
    const auto ours = process_ref(::getpid());
    const auto theirs = process_ref(child.pid());
    ASSERT_TRUE(ours && theirs);
    EXPECT_GE(theirs->start_time, ours->start_time);
}

}  // namespace
}  // namespace kiln::os
