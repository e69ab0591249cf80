#include "jail/conclude.hpp"

#include "base/error.hpp"

#include <csignal>

#include <gmock/gmock.h>

namespace kiln::jail {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;
using Cause = Outcome::Cause;

JailPlan plan() {
    JailPlan plan;
    plan.command = {"./install.sh", "--prod"};
    return plan;
}

Ending ended_with(int code) {
    Ending ending;
    ending.bwrap = {code, 0};
    ending.status = {7, code};
    return ending;
}

struct Row {
    std::string name;
    Ending ending;
    Cause cause;
    os::ExitStatus status;
};

class Ended_ : public ::testing::TestWithParam<Row> {};

TEST_P(Ended_, IsReportedAs) {
    const auto outcome = conclude(plan(), {}, GetParam().ending);
    EXPECT_EQ(outcome.cause, GetParam().cause);
    EXPECT_EQ(outcome.status.code, GetParam().status.code);
    EXPECT_EQ(outcome.status.signal, GetParam().status.signal);
}

Ending failed_exec(const std::string& why) {
    Ending ending;
    ending.bwrap = {1, 0};
    ending.last_error = "bwrap: execvp ./install.sh: " + why;
    return ending;
}

Ending says_the_same() {
    auto ending = ended_with(1);
    ending.last_error = failed_exec("No such file or directory").last_error;
    return ending;
}

Ending short_of_memory(Ending ending) {
    ending.usage.memory_kills = 1;
    return ending;
}

Ending killed_from_outside() {
    Ending ending;
    ending.bwrap = {0, SIGKILL};
    return ending;
}

INSTANTIATE_TEST_SUITE_P(
    Run,
    Ended_,
    ::testing::Values(
        Row{"Success", ended_with(0), Cause::exited, {0, 0}},
        Row{"Failure", ended_with(3), Cause::exited, {3, 0}},
        Row{"LargestCode", ended_with(255), Cause::exited, {255, 0}},
        Row{"UsageErrorOfGit", ended_with(129), Cause::exited, {129, 0}},
        Row{"Segfault", ended_with(139), Cause::killed, {0, SIGSEGV}},
        Row{"Terminated", ended_with(143), Cause::killed, {0, SIGTERM}},
        Row{"NoSuchProgram", failed_exec("No such file or directory"), Cause::exited, {127, 0}},
        Row{"NoProgram", failed_exec("Permission denied"), Cause::exited, {126, 0}},
        Row{"SaysTheSameItself", says_the_same(), Cause::exited, {1, 0}},
        Row{"KilledForMemory",
            short_of_memory(ended_with(137)),
            Cause::out_of_memory,
            {0, SIGKILL}},
        Row{"AllKilledForMemory",
            short_of_memory(killed_from_outside()),
            Cause::out_of_memory,
            {0, SIGKILL}},
        Row{"SurvivedAKilledChild", short_of_memory(ended_with(0)), Cause::exited, {0, 0}},
        Row{"JailKilledFromOutside", killed_from_outside(), Cause::killed, {0, SIGKILL}}
    ),
    [](const auto& row) { return row.param.name; }
);

ErrorKind kind_of(const Ending& ending, std::string* message = nullptr) {
    try {
        (void)conclude(plan(), {}, ending);
    } catch (const Error& error) {
        if (message != nullptr) {
            *message = error.message();
        }
        return error.kind();
    }
    ADD_FAILURE() << "no error";
    return ErrorKind::internal;
}

TEST(Conclude, AJailThatCouldNotBeSetUpIsNoFailureOfTheCommand) {
    Ending ending;
    ending.bwrap = {1, 0};
    ending.status.first_process = 7;
    ending.last_error = "bwrap: Can't mount proc on /newroot/proc: Permission denied";
    std::string message;
    EXPECT_EQ(kind_of(ending, &message), ErrorKind::unavailable);
    EXPECT_EQ(
        message,
        "the jail could not be set up: Can't mount proc on /newroot/proc: Permission denied"
    );
}

TEST(Conclude, StopAndDeadlineAreErrorsThatNameTheCommand) {
    auto ending = killed_from_outside();
    std::string message;
    ending.why = Ended::stop;
    EXPECT_EQ(kind_of(ending, &message), ErrorKind::cancelled);
    EXPECT_THAT(message, HasSubstr("'./install.sh --prod'"));
    ending.why = Ended::deadline;
    EXPECT_EQ(kind_of(ending, &message), ErrorKind::timed_out);
    EXPECT_THAT(message, HasSubstr("'./install.sh --prod'"));
}

TEST(Conclude, ALimitOfTimeIsAnOutcome) {
    auto ending = killed_from_outside();
    ending.why = Ended::time_limit;
    Limits limits;
    limits.time = 90s;
    const auto outcome = conclude(plan(), limits, ending);
    EXPECT_EQ(outcome.cause, Cause::timed_out);
    EXPECT_EQ(outcome.detail, "still running after 90s");
    EXPECT_FALSE(outcome.ok());
}

TEST(Conclude, AHangTellsTheLastWords) {
    auto ending = killed_from_outside();
    ending.why = Ended::idle;
    ending.last_words = "waiting";
    const auto outcome = conclude(plan(), {}, ending);
    EXPECT_EQ(outcome.cause, Cause::hung);
    EXPECT_EQ(outcome.detail, "waiting");
}

TEST(Conclude, MemoryNamesTheLimit) {
    Limits limits;
    limits.memory = Bytes{64U << 20};
    EXPECT_EQ(
        conclude(plan(), limits, short_of_memory(ended_with(137))).detail,
        "the limit of 64.0 MiB was reached; 1 process killed for want of memory"
    );
}

}  // namespace
}  // namespace kiln::jail
