#include "base/error.hpp"
#include "jail/jail.hpp"
#include "jail/operations.hpp"

#include <gmock/gmock.h>

namespace kiln::jail {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

JailPlan small_plan() {
    JailPlan plan;
    plan.root = "/volumes/x";
    plan.command = {"/bin/sh", "-c", "true"};
    return plan;
}

/// Arguments as lines, an option with its words on each.
std::string lines(const JailPlan& plan, const JailSupport& support = {}) {
    std::string text;
    for (const auto& argument : jail_arguments(plan, support)) {
        text += argument.starts_with("--") ? "\n" : " ";
        text += argument;
    }
    return text;
}

TEST(Plan, TheSmallestJailIsTold) {
    JailSupport support;
    support.hidden_files = {"/proc/keys"};
    EXPECT_EQ(lines(small_plan(), support), R"( bwrap
--bind /volumes/x /
--dev /dev
--perms 1777
--tmpfs /dev/shm
--proc /proc
--ro-bind /dev/null /proc/keys
--remount-ro /proc
--perms 0755
--tmpfs /run
--perms 1777
--tmpfs /tmp
--unshare-pid
--unshare-ipc
--unshare-uts
--hostname localhost
--unshare-cgroup-try
--die-with-parent
--new-session
--cap-drop ALL
--cap-add CAP_AUDIT_WRITE
--cap-add CAP_CHOWN
--cap-add CAP_DAC_OVERRIDE
--cap-add CAP_FOWNER
--cap-add CAP_FSETID
--cap-add CAP_KILL
--cap-add CAP_NET_BIND_SERVICE
--cap-add CAP_SETFCAP
--cap-add CAP_SETGID
--cap-add CAP_SETUID
--cap-add CAP_SYS_CHROOT
--seccomp 3
--json-status-fd 4
--clearenv
--setenv PATH /run/kiln/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
--setenv HOME /root
--setenv LANG C.UTF-8
--setenv TERM dumb
--setenv DEBIAN_FRONTEND noninteractive
--setenv SYSTEMD_OFFLINE 1
--chdir /
-- /bin/sh -c true)");
}

TEST(Plan, WithoutNetworkTheJailHasANetworkOfItsOwn) {
    auto plan = small_plan();
    EXPECT_THAT(lines(plan), Not(HasSubstr("--unshare-net")));
    plan.network = Network::none;
    EXPECT_THAT(lines(plan), HasSubstr("--unshare-net"));
}

TEST(Plan, AShellKeepsTheTerminal) {
    auto plan = small_plan();
    plan.terminal = true;
    EXPECT_THAT(lines(plan), AllOf(Not(HasSubstr("--new-session")), HasSubstr("TERM linux")));
}

TEST(Plan, WhatTheRequestSetsReplacesOurDefaults) {
    auto plan = small_plan();
    plan.environment = {{"HOME", "/srv"}, {"VERSION", "42"}};
    const auto text = lines(plan);
    EXPECT_THAT(text, HasSubstr("--setenv HOME /srv"));
    EXPECT_THAT(text, Not(HasSubstr("--setenv HOME /root")));
    EXPECT_THAT(text, HasSubstr("--setenv VERSION 42"));
}

TEST(Plan, APathOfTheRequestComesBehindOurWrappers) {
    auto plan = small_plan();
    plan.environment = {{"PATH", "/opt/bin"}};
    EXPECT_THAT(lines(plan), HasSubstr("--setenv PATH /run/kiln/bin:/opt/bin\n"));
    EXPECT_THAT(lines(plan), Not(HasSubstr("--setenv PATH /opt/bin")));
}

TEST(Plan, BindsAreReadOnlyUnlessAskedFor) {
    auto plan = small_plan();
    plan.binds = {{"/host/a", "/srv/a"}, {"/host/b", "/run/b", true}};
    const auto text = lines(plan);
    EXPECT_THAT(text, HasSubstr("--ro-bind /host/a /srv/a"));
    EXPECT_THAT(text, HasSubstr("--bind /host/b /run/b"));
    EXPECT_LT(text.find("--tmpfs /run"), text.find("/run/b"));
}

TEST(Plan, FilesAreReadFromNumberedDescriptors) {
    auto plan = small_plan();
    plan.files = {{"/run/kiln/bin/systemctl", "x", 0755}, {"/run/y", "z"}};
    const auto text = lines(plan);
    EXPECT_THAT(text, HasSubstr("--perms 0755\n--file 5 /run/kiln/bin/systemctl"));
    EXPECT_THAT(text, HasSubstr("--perms 0644\n--file 6 /run/y"));
}

TEST(Plan, ExplainsEveryArgumentThatItGives) {
    auto plan = small_plan();
    plan.binds = {{"/host/a", "/srv/a"}};
    JailSupport support;
    support.hidden_files = telling_files();
    std::vector<std::string> explained{"bwrap"};
    const auto explanation = explain(plan);
    for (const auto& operation : explanation.at("operations").as_array()) {
        EXPECT_FALSE(operation.at("why").as_string().empty());
        for (const auto& argument : operation.at("arguments").as_array()) {
            explained.emplace_back(argument.as_string());
        }
    }
    explained.emplace_back("--");
    explained.insert(explained.end(), plan.command.begin(), plan.command.end());
    EXPECT_EQ(explained, jail_arguments(plan, support));
}

TEST(Plan, ExplainsWithoutTheValuesOfVariables) {
    auto plan = small_plan();
    plan.environment = {{"TOKEN", "hunter2"}};
    const auto text = json::serialize(explain(plan));
    EXPECT_THAT(text, HasSubstr("TOKEN"));
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

TEST(Plan, ExplainsWhichSystemCallsAreRefused) {
    const auto text = json::serialize(explain(small_plan()));
    EXPECT_THAT(text, HasSubstr(R"("call":"mount","when":"always")"));
    EXPECT_THAT(text, HasSubstr(R"("call":"clone","when":"argument 0 has a bit of 0x7e020000")"));
    EXPECT_THAT(text, HasSubstr(R"("argument 1 is 0x5412 or 0x541c")"));
}

struct WrongPlan {
    std::string name;
    void (*spoil)(JailPlan&);
    std::string where;
};

class WrongPlanIsRefused : public ::testing::TestWithParam<WrongPlan> {};

TEST_P(WrongPlanIsRefused, NamingTheField) {
    auto plan = small_plan();
    GetParam().spoil(plan);
    try {
        (void)jail_arguments(plan, {});
        FAIL() << "was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(
            error.problems(), Contains(::testing::Field(&Problem::where, GetParam().where))
        );
    }
}

using namespace std::string_literals;

INSTANTIATE_TEST_SUITE_P(
    Plan,
    WrongPlanIsRefused,
    ::testing::Values(
        WrongPlan{"RelativeRoot", [](JailPlan& p) { p.root = "x"; }, "root"},
        WrongPlan{"RootOfTheHost", [](JailPlan& p) { p.root = "/"; }, "root"},
        WrongPlan{"EmptyRoot", [](JailPlan& p) { p.root = ""; }, "root"},
        WrongPlan{"RelativeDirectory", [](JailPlan& p) { p.directory = "srv"; }, "directory"},
        WrongPlan{"NoCommand", [](JailPlan& p) { p.command = {}; }, "command"},
        WrongPlan{"EmptyProgram", [](JailPlan& p) { p.command = {""}; }, "command"},
        WrongPlan{
            "NulInCommand",
            [](JailPlan& p) {
                p.command = {"a", "b\0c"s};
            },
            "command"},
        WrongPlan{"NulInHostname", [](JailPlan& p) { p.hostname = "a\0b"s; }, "hostname"},
        WrongPlan{"LongHostname", [](JailPlan& p) { p.hostname.assign(65, 'a'); }, "hostname"},
        WrongPlan{
            "NamelessVariable",
            [](JailPlan& p) {
                p.environment = {{"", "1"}};
            },
            "environment['']"},
        WrongPlan{
            "VariableWithEquals",
            [](JailPlan& p) {
                p.environment = {{"A=B", "1"}};
            },
            "environment['A=B']"},
        WrongPlan{
            "NulInVariable",
            [](JailPlan& p) {
                p.environment = {{"A", "\0"s}};
            },
            "environment['A']"},
        WrongPlan{
            "TooManyVariables",
            [](JailPlan& p) {
                p.environment.assign(2001, {"A", "1"});
            },
            "environment"},
        WrongPlan{
            "RelativeBind",
            [](JailPlan& p) {
                p.binds = {{"a", "/a"}};
            },
            "binds[0].host"},
        WrongPlan{
            "BindUpwards",
            [](JailPlan& p) {
                p.binds = {{"/a", "/a/../b"}};
            },
            "binds[0].inside"},
        WrongPlan{
            "BindOnRoot",
            [](JailPlan& p) {
                p.binds = {{"/a", "/"}};
            },
            "binds[0].inside"},
        WrongPlan{
            "BindOnProc",
            [](JailPlan& p) {
                p.binds = {{"/a", "/proc/sys"}};
            },
            "binds[0].inside"},
        WrongPlan{
            "BindOnDev",
            [](JailPlan& p) {
                p.binds = {{"/a", "/dev"}};
            },
            "binds[0].inside"},
        WrongPlan{
            "BindOnRun",
            [](JailPlan& p) {
                p.binds = {{"/a", "/run"}};
            },
            "binds[0].inside"},
        WrongPlan{
            "SecondBindNotPlain",
            [](JailPlan& p) {
                p.binds = {{"/a", "/a"}, {"/b", "/b//c"}};
            },
            "binds[1].inside"},
        WrongPlan{
            "FileInTheImage",
            [](JailPlan& p) {
                p.files = {{"/etc/x", ""}};
            },
            "files[0].inside"},
        WrongPlan{
            "FileUpwards",
            [](JailPlan& p) {
                p.files = {{"/run/../etc/x", ""}};
            },
            "files[0].inside"},
        WrongPlan{
            "FileIsFolder",
            [](JailPlan& p) {
                p.files = {{"/run/x/", ""}};
            },
            "files[0].inside"},
        WrongPlan{
            "SetuidFile",
            [](JailPlan& p) {
                p.files = {{"/run/x", "", 04755}};
            },
            "files[0].mode"},
        WrongPlan{
            "TooManyFiles",
            [](JailPlan& p) {
                p.files.assign(5, {"/run/x", ""});
            },
            "files"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Plan, ListsEverythingThatIsWrongAtOnce) {
    JailPlan plan;
    plan.root = "x";
    try {
        (void)jail_arguments(plan, {});
        FAIL() << "was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.problems().size(), 2U);
    }
}

}  // namespace
}  // namespace kiln::jail
