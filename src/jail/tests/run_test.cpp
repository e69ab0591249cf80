#include "base/error.hpp"
#include "jail/tests/small_jail.hpp"
#include "os/fd.hpp"

#include <csignal>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <unistd.h>

namespace kiln::jail::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;
using Cause = Outcome::Cause;

class Run : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = cannot_jail()) {
            GTEST_SKIP() << *why;
        }
        jail.emplace();
    }

    /// Runs until the sink throws or run_jail does. @returns  the error's kind
    ErrorKind kind_of(
        const JailPlan& plan,
        const LineSink& sink,
        const std::stop_token& stop = {},
        Deadline deadline = Deadline::after(60s)
    ) const {
        try {
            (void)run_jail(plan, {}, jail->cgroup(), sink, stop, deadline);
        } catch (const Error& error) {
            message = error.message();
            return error.kind();
        }
        ADD_FAILURE() << "no error";
        return ErrorKind::internal;
    }

    static void ignore(Stream, const os::Line&) {}

    std::optional<SmallJail> jail;
    mutable std::string message;
};

TEST_F(Run, LeavesNoTraceInTheImage) {
    const auto before = jail->listing();
    ASSERT_TRUE(jail->run(jail->plan({"true"})).outcome.ok());
    EXPECT_EQ(jail->listing(), before);
    {
        const GuestVisitors visitors{jail->root(), Network::host};
        auto plan = jail->shell("echo x > /run/x; echo x > /tmp/x; echo x > /dev/shm/x; echo ran");
        plan.files = visitors.files();
        EXPECT_EQ(jail->run(plan).out, "ran\n");
    }
    EXPECT_EQ(jail->listing(), before);
}

TEST_F(Run, LeavesNoTraceInAnImageWithoutMountPoints) {
    for (const auto* name : {"dev", "proc", "run", "tmp"}) {
        std::filesystem::remove(jail->root() / name);
    }
    const auto before = jail->listing();
    auto plan = jail->shell("cat /opt/canary");
    plan.binds = {{jail->canary(), "/opt/canary"}};
    EXPECT_EQ(jail->run(plan).out, "canary\n");
    EXPECT_EQ(jail->listing(), before);
}

TEST_F(Run, GivesStreamsApartAndTheExitCode) {
    const auto ran = jail->run(jail->shell("echo to out; echo to err >&2; exit 3"));
    EXPECT_EQ(ran.out, "to out\n");
    EXPECT_EQ(ran.err, "to err\n");
    EXPECT_EQ(ran.outcome.cause, Cause::exited);
    EXPECT_EQ(ran.outcome.status.code, 3);
}

TEST_F(Run, CountsWhatItUsed) {
    const auto ran = jail->run(jail->shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"));
    EXPECT_GT(ran.outcome.usage.cpu, 0us);
}

TEST_F(Run, ADeathBySignalIsOne) {
    const auto ran = jail->run(jail->hostile({"crash"}));
    EXPECT_EQ(ran.outcome.cause, Cause::killed);
    EXPECT_EQ(ran.outcome.status.signal, SIGSEGV);
}

TEST_F(Run, AProgramThatDoesNotExistIs127) {
    const auto ran = jail->run(jail->plan({"/bin/no-such"}));
    EXPECT_EQ(ran.outcome.status.code, 127);
    EXPECT_THAT(ran.err, HasSubstr("/bin/no-such"));
}

TEST_F(Run, AFileThatIsNoProgramIs126) {
    EXPECT_EQ(jail->run(jail->plan({"/etc/passwd"})).outcome.status.code, 126);
}

TEST_F(Run, AJailThatCannotBeSetUpIsAnError) {
    auto plan = jail->plan({"true"});
    plan.binds = {{"/no/such/folder", "/run/x"}};
    EXPECT_EQ(kind_of(plan, ignore), ErrorKind::unavailable);
    EXPECT_THAT(
        message, HasSubstr("the jail could not be set up: Can't find source path /no/such/folder")
    );
}

TEST_F(Run, AHugeLineComesInParts) {
    constexpr std::size_t kSize = 10'000'000;
    const auto ran = jail->run(jail->hostile({"long_line", std::to_string(kSize)}));
    EXPECT_EQ(ran.out, std::string(kSize, 'x') + "\nlong_line: done\n");
    EXPECT_LE(ran.longest_part, 64U << 10);
}

TEST_F(Run, EveryByteComesAsItIs) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    EXPECT_EQ(jail->run(jail->hostile({"every_byte"})).out, all + "\nevery_byte: done\n");
}

TEST_F(Run, ACommandThatClosesItsOutputGoesOn) {
    const auto ran = jail->run(jail->shell("echo last; exec >&- 2>&-; echo on > /etc/on; exit 5"));
    EXPECT_EQ(ran.out, "last\n");
    EXPECT_EQ(ran.outcome.status.code, 5);
    EXPECT_EQ(os::read_file(jail->root() / "etc/on"), "on\n");
}

TEST_F(Run, ALimitOfTimeEndsTheCommand) {
    Limits limits;
    limits.time = 1s;
    const auto ran = jail->run(jail->shell("echo begun; while :; do :; done"), limits);
    EXPECT_EQ(ran.out, "begun\n");
    EXPECT_EQ(ran.outcome.cause, Cause::timed_out);
    EXPECT_THAT(jail->cgroup().members(), IsEmpty());
}

TEST_F(Run, ASleepingCommandHangs) {
    Limits limits;
    limits.idle = 1s;
    const auto ran = jail->run(jail->shell("echo Setting up x; sleep 99999"), limits);
    EXPECT_EQ(ran.outcome.cause, Cause::hung);
    EXPECT_THAT(ran.outcome.detail, HasSubstr("last output 1 s ago: \"Setting up x\"; waiting: "));
    EXPECT_THAT(ran.outcome.detail, HasSubstr("\"sleep 99999\" ("));
    EXPECT_THAT(ran.outcome.detail, Not(HasSubstr("bwrap")));
    EXPECT_THAT(jail->cgroup().members(), IsEmpty());
}

TEST_F(Run, ACommandThatStopsItselfHangs) {
    Limits limits;
    limits.idle = 1s;
    const auto ran = jail->run(jail->hostile({"stop"}), limits);
    EXPECT_EQ(ran.outcome.cause, Cause::hung);
    EXPECT_THAT(ran.outcome.detail, HasSubstr("\"hostile stop\" (stopped by a signal)"));
}

TEST_F(Run, ABusyCommandDoesNotHang) {
    Limits limits;
    limits.idle = 1s;
    limits.time = 2s;
    EXPECT_EQ(
        jail->run(jail->shell("while :; do :; done"), limits).outcome.cause, Cause::timed_out
    );
}

TEST_F(Run, StopEndsTheCommand) {
    std::stop_source source;
    const auto stop_at_first_line = [&](Stream, const os::Line&) { source.request_stop(); };
    EXPECT_EQ(
        kind_of(jail->shell("echo begun; sleep 99999"), stop_at_first_line, source.get_token()),
        ErrorKind::cancelled
    );
    EXPECT_THAT(message, HasSubstr("sleep 99999"));
    EXPECT_THAT(jail->cgroup().members(), IsEmpty());
}

TEST_F(Run, AfterStopNothingBegins) {
    std::stop_source source;
    source.request_stop();
    EXPECT_EQ(
        kind_of(jail->shell("echo x > /etc/began"), ignore, source.get_token()),
        ErrorKind::cancelled
    );
    EXPECT_FALSE(std::filesystem::exists(jail->root() / "etc/began"));
}

TEST_F(Run, ThePassedDeadlineIsAnError) {
    EXPECT_EQ(
        kind_of(jail->shell("sleep 99999"), ignore, {}, Deadline::after(200ms)),
        ErrorKind::timed_out
    );
    EXPECT_THAT(jail->cgroup().members(), IsEmpty());
}

TEST_F(Run, ASinkThatThrowsLeavesNoProcess) {
    const auto refuse = [](Stream, const os::Line&) {
        throw Error{ErrorKind::exhausted, "no room for a line"};
    };
    EXPECT_EQ(kind_of(jail->shell("echo x; sleep 99999"), refuse), ErrorKind::exhausted);
    EXPECT_THAT(jail->cgroup().members(), IsEmpty());
}

TEST_F(Run, SecretsAreNotInTheProcessList) {
    auto plan = jail->shell("echo ready; sleep 99999");
    plan.environment = {{"TOKEN", "hunter2"}};
    std::stop_source source;
    std::string seen;
    const auto look = [&](Stream, const os::Line&) {
        for (const int pid : jail->cgroup().members()) {
            seen += os::read_file(fmt::format("/proc/{}/cmdline", pid));
        }
        source.request_stop();
    };
    EXPECT_EQ(kind_of(plan, look, source.get_token()), ErrorKind::cancelled);
    EXPECT_THAT(seen, HasSubstr("bwrap"));
    EXPECT_THAT(seen, Not(HasSubstr("hunter2")));
}

TEST_F(Run, EveryUserCanUseTheTemporaryFolders) {
    EXPECT_EQ(
        jail->run(jail->shell("hostile as_user touch /tmp/x /dev/shm/x && echo ok")).out, "ok\n"
    );
    EXPECT_EQ(
        jail->run(jail->shell("stat -c '%a %n' /tmp /dev/shm /run")).out,
        "1777 /tmp\n1777 /dev/shm\n755 /run\n"
    );
}

TEST_F(Run, WorksInTheFolderAskedForUnderTheNameAskedFor) {
    auto plan = jail->shell("pwd; hostname");
    plan.directory = "/usr/bin";
    plan.hostname = "oven";
    EXPECT_EQ(jail->run(plan).out, "/usr/bin\noven\n");
}

TEST_F(Run, BindsCanBeReadAndOnlyWrittenWhereAllowed) {
    const auto writable = jail->root().parent_path() / "writable";
    std::filesystem::create_directory(writable);
    auto plan = jail->shell("cat /run/in/canary; echo x > /run/in/y; echo x > /run/out/y");
    plan.binds = {{jail->root().parent_path(), "/run/in"}, {writable, "/run/out", true}};
    const auto ran = jail->run(plan);
    EXPECT_EQ(ran.out, "canary\n");
    EXPECT_THAT(ran.err, HasSubstr("can't create /run/in/y: Read-only file system"));
    EXPECT_EQ(os::read_file(writable / "y"), "x\n");
}

TEST_F(Run, TheVisitorsFilesStandInTheJail) {
    os::write_file_durably(
        jail->root() / "usr/bin/systemctl", "#!/bin/sh\necho \"real $*\"\n", 0755
    );
    const GuestVisitors visitors{jail->root(), Network::host};
    auto plan = jail->shell(
        "systemctl start x; systemctl enable x; /usr/sbin/policy-rc.d; echo $?; cat "
        "/etc/resolv.conf"
    );
    plan.files = visitors.files();
    const auto ran = jail->run(plan);
    EXPECT_EQ(ran.out, "real enable x\n101\n" + os::read_file("/etc/resolv.conf"));
    EXPECT_THAT(ran.err, HasSubstr("kiln: 'systemctl start x' is left out"));
}

TEST_F(Run, ALinkedResolverStandsOnTheJailsRun) {
    std::filesystem::remove(jail->root() / "etc/resolv.conf");
    std::filesystem::create_symlink(
        "../run/systemd/resolve/stub-resolv.conf", jail->root() / "etc/resolv.conf"
    );
    const GuestVisitors visitors{jail->root(), Network::host};
    auto plan = jail->shell("cat /etc/resolv.conf");
    plan.files = visitors.files();
    EXPECT_EQ(jail->run(plan).out, os::read_file("/etc/resolv.conf"));
}

}  // namespace
}  // namespace kiln::jail::testing
