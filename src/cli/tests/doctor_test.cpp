#include "cli/doctor.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::HasSubstr;

HostFacts good_host() {
    HostFacts facts;
    facts.root = facts.fuse_device = facts.loop_control = facts.fuse_export = facts.fusectl = true;
    facts.cgroup_controllers = {"memory", "pids", "cpu quota"};
    facts.programs = known_programs();
    for (auto& program : facts.programs) {
        program.version = "1.0";
    }
    facts.home = "/var/lib/kiln";
    facts.free = Bytes{std::uint64_t{100} << 30};
    facts.least_free = Bytes{std::uint64_t{64} << 20};
    return facts;
}

const Check& find(const std::vector<Check>& checks, std::string_view name) {
    return *std::find_if(checks.begin(), checks.end(), [&](const Check& check) {
        return check.name == name;
    });
}

TEST(Doctor, AGoodHostHasNothingToFix) {
    for (const auto& check : judge(good_host())) {
        EXPECT_EQ(check.state, Check::State::ok) << check.name;
        EXPECT_EQ(check.fix, "") << check.name;
    }
}

struct Row {
    std::string name;
    std::function<void(HostFacts&)> spoil;
    std::string check;
    Check::State state;
    std::string fix;
};

class DoctorSays : public ::testing::TestWithParam<Row> {};

TEST_P(DoctorSays, WhatIsWrongAndHowToFixIt) {
    auto facts = good_host();
    GetParam().spoil(facts);
    const auto checks = judge(facts);
    const auto& check = find(checks, GetParam().check);
    EXPECT_EQ(check.state, GetParam().state);
    EXPECT_THAT(check.fix, HasSubstr(GetParam().fix));
    EXPECT_EQ(to_json(checks).at("ok").as_bool(), GetParam().state != Check::State::fail);
}

ProgramFact& program(HostFacts& facts, std::string_view name) {
    return *std::find_if(facts.programs.begin(), facts.programs.end(), [&](const auto& one) {
        return one.name == name;
    });
}

using State = Check::State;

INSTANTIATE_TEST_SUITE_P(
    Cli,
    DoctorSays,
    ::testing::Values(
        Row{"NotRoot", [](HostFacts& f) { f.root = false; }, "root", State::fail, "sudo"},
        Row{"NoFuse",
            [](HostFacts& f) { f.fuse_device = false; },
            "fuse",
            State::fail,
            "modprobe fuse"},
        Row{"NoLoop",
            [](HostFacts& f) { f.loop_control = false; },
            "loop devices",
            State::fail,
            "modprobe loop"},
        Row{"NoJail",
            [](HostFacts& f) { f.jail_problem = "denied"; },
            "namespaces",
            State::fail,
            "bubblewrap"},
        Row{"NoCgroup",
            [](HostFacts& f) { f.cgroup_problem = "read only"; },
            "cgroups",
            State::fail,
            "cgroup2"},
        Row{"NoMemoryController",
            [](HostFacts& f) { f.cgroup_controllers = {"pids"}; },
            "cgroups",
            State::warn,
            "memory"},
        Row{"NoCpuController",
            [](HostFacts& f) {
                f.cgroup_controllers = {"memory", "pids"};
            },
            "cgroups",
            State::warn,
            "controller cpu"},
        Row{"NoInstanceNetwork",
            [](HostFacts& f) { f.network_problem = "nft: not found"; },
            "instance network",
            State::warn,
            "apt install iproute2 nftables"},
        Row{"NoCrun",
            [](HostFacts& f) { program(f, "crun").version.reset(); },
            "crun",
            State::warn,
            "apt install crun"},
        Row{"NoQemu",
            [](HostFacts& f) { program(f, "qemu-system-x86_64").version.reset(); },
            "qemu-system-x86_64",
            State::warn,
            "apt install qemu-system-x86"},
        Row{"NoKvm",
            [](HostFacts& f) { f.kvm_problem = "hangs"; },
            "kvm",
            State::warn,
            "virtualisation"},
        Row{"NoFuseExport",
            [](HostFacts& f) { f.fuse_export = false; },
            "fuse export",
            State::fail,
            "qemu-system-common"},
        Row{"NoFusectl",
            [](HostFacts& f) { f.fusectl = false; },
            "fusectl",
            State::fail,
            "mount -t fusectl"},
        Row{"NoHome",
            [](HostFacts& f) { f.home_problem = "denied"; },
            "home",
            State::fail,
            "KILN_HOME"},
        Row{"NoRoom",
            [](HostFacts& f) { f.free = Bytes{1}; },
            "disk space",
            State::fail,
            "kiln gc"},
        Row{"LittleRoom",
            [](HostFacts& f) { f.free = Bytes{std::uint64_t{512} << 20}; },
            "disk space",
            State::warn,
            "kiln gc"},
        Row{"DamagedStore",
            [](HostFacts& f) { f.store_problem = "page 3"; },
            "store",
            State::fail,
            "kiln.db"},
        Row{"NoBubblewrap",
            [](HostFacts& f) { program(f, "bwrap").version.reset(); },
            "bwrap",
            State::fail,
            "apt install bubblewrap"},
        Row{"NoQemuImg",
            [](HostFacts& f) { program(f, "qemu-img").version.reset(); },
            "qemu-img",
            State::fail,
            "apt install qemu-utils"},
        Row{"NoXfs",
            [](HostFacts& f) { program(f, "xfs_growfs").version.reset(); },
            "xfs_growfs",
            State::warn,
            "apt install xfsprogs"},
        Row{"DamagedLayer",
            [](HostFacts& f) {
                f.layers_checked = true;
                f.bad_layers = {{"lay-1", "leaks"}};
            },
            "layer lay-1",
            State::fail,
            "rebake"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Doctor, KnowsThePackageOfEveryProgram) {
    for (const auto& one : known_programs()) {
        EXPECT_FALSE(one.package.empty()) << one.name;
    }
}

}  // namespace
}  // namespace kiln::cli
