#include "qemu/arguments.hpp"

#include "base/error.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace kiln::qemu {
namespace {

MachineSpec spec() {
    MachineSpec spec;
    spec.name = "i-1";
    spec.vcpus = 2;
    spec.memory = Bytes{std::uint64_t{1} << 30};
    spec.disk = "/home/a,b/lay.qcow2";
    spec.seed = "/run/seed.iso";
    spec.pid_file = "/run/qemu.pid";
    spec.forwards = {{{"tcp", 22}, "127.0.0.1", 40022}, {{"udp", 53}, "127.0.0.1", 40053}};
    return spec;
}

const std::vector<std::string> kCommon{
    "qemu-system-x86_64",
    "-name",
    "i-1",
    "-machine",
    "pc,graphics=off",
    "-accel",
    "tcg",
    "-cpu",
    "max",
    "-smp",
    "2",
    "-m",
    "1024M",
    "-nodefaults",
    "-no-user-config",
    "-display",
    "none",
    "-action",
    "reboot=shutdown,panic=shutdown",
    "-sandbox",
    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
    "-pidfile",
    "/run/qemu.pid",
    "-chardev",
    "socket,id=monitor,fd=3",
    "-mon",
    "chardev=monitor,mode=control",
    "-chardev",
    "stdio,id=console,signal=off",
    "-serial",
    "chardev:console",
    "-blockdev",
    "driver=qcow2,node-name=root,discard=unmap,file.driver=file,file.filename=/home/a,,b/lay.qcow2",
    "-device",
    "virtio-blk-pci,drive=root,bootindex=1",
    "-blockdev",
    "driver=raw,node-name=seed,read-only=on,file.driver=file,file.filename=/run/seed.iso",
    "-device",
    "virtio-blk-pci,drive=seed",
    "-netdev",
    "user,id=net0,ipv6=off,hostfwd=tcp:127.0.0.1:40022-:22,hostfwd=udp:127.0.0.1:40053-:53",
    "-device",
    "virtio-net-pci,netdev=net0,mac=52:54:00:12:34:56,romfile=",
    "-device",
    "virtio-rng-pci",
    "-device",
    "pvpanic"};

TEST(Arguments, AreTheseForADiskWithALoader) {
    EXPECT_EQ(instance_arguments(spec()), kCommon);
}

TEST(Arguments, HaveKernelAndInitrdForABareFileSystem) {
    auto bare = spec();
    bare.start.firmware = images::Firmware::kernel;
    bare.start.kernel = "/run/vmlinuz";
    bare.start.initrd = "/run/initrd";
    auto expected = kCommon;
    expected.insert(
        expected.end(),
        {"-kernel",
         "/run/vmlinuz",
         "-append",
         "root=/dev/vda rw console=ttyS0 panic=-1",
         "-initrd",
         "/run/initrd"}
    );
    EXPECT_EQ(instance_arguments(bare), expected);
}

TEST(Arguments, HaveKvmAndTheHostsProcessorOnlyWhenTold) {
    auto fast = spec();
    fast.accelerator = images::Accelerator::kvm;
    const auto arguments = instance_arguments(fast);
    EXPECT_NE(std::ranges::find(arguments, "kvm"), arguments.end());
    EXPECT_NE(std::ranges::find(arguments, "host"), arguments.end());
    EXPECT_EQ(std::ranges::find(arguments, "tcg"), arguments.end());
}

TEST(OpenPorts, AreSshAndThoseOfTheRulesOnce) {
    const std::vector<ports::IngressRule> rules{
        {"tcp", 80, 81, "0.0.0.0/0"},
        {"tcp", 22, 22, "10.0.0.0/8"},
        {"tcp", 80, 80, "10.0.0.0/8"},
        {"udp", 53, 53, "0.0.0.0/0"},
        {"icmp", 0, 0, "0.0.0.0/0"}};
    const std::vector<Port> expected{{"tcp", 22}, {"tcp", 80}, {"tcp", 81}, {"udp", 53}};
    EXPECT_EQ(open_ports(rules), expected);
}

TEST(OpenPorts, OfARuleUpToTheLastPortEnd) {
    const std::vector<Port> expected{{"tcp", 22}, {"tcp", 65535}};
    EXPECT_EQ(open_ports({{"tcp", 65535, 65535, "0.0.0.0/0"}}), expected);
}

TEST(OpenPorts, MoreThanQemuCanForwardAreRefused) {
    try {
        (void)open_ports({{"tcp", 1000, 2000, "0.0.0.0/0"}});
        FAIL() << "taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_NE(error.message().find("1002"), std::string::npos) << error.message();
    }
}

}  // namespace
}  // namespace kiln::qemu
