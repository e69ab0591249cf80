#include "images/import.hpp"
#include "images/tests/image_world.hpp"
#include "os/interrupt.hpp"
#include "qemu/machine_family.hpp"

#include <array>
#include <cstdlib>
#include <iostream>

#include <fmt/format.h>

#include <poll.h>

namespace kiln::qemu {
namespace {

using compute::GuestEnd;
using images::testing::ImageTest;
using images::testing::run;
using images::testing::soon;

/// A boot sector, 512 bytes, from its code.
std::string sector(std::string code) {
    code.resize(512, '\0');
    code[510] = '\x55';
    code[511] = '\xaa';
    code.resize(1U << 20, '\0');
    return code;
}

/// hang: hlt; jmp hang
const std::string kHang = sector(std::string{"\xf4\xeb\xfd", 3});
/// mov al, 0xfe; out 0x64, al; hang: hlt; jmp hang (the keyboard controller's reset)
const std::string kReset = sector(std::string{"\xb0\xfe\xe6\x64\xf4\xeb\xfd", 7});
/// By APM: connect, version 1.2, power off all devices; hang
const std::string kPowerOff = sector(std::string{
    "\xb8\x01\x53\x31\xdb\xcd\x15\xb8\x0e\x53\x31\xdb\xb9\x02\x01\xcd\x15\xb8\x07\x53"
    "\xbb\x01\x00\xb9\x03\x00\xcd\x15\xf4\xeb\xfd",
    31});

class MachineTest : public ImageTest {
  protected:
    void SetUp() override {
        ImageTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        console_ = os::Fd{ends[0]};
        console_end_ = os::Fd{ends[1]};
    }

    compute::GuestPlan plan(const VolumeId& volume) {
        compute::GuestPlan plan{.id = InstanceId::random(), .job = job_};
        plan.folder = world_.work_folder();
        plan.volume = volume;
        plan.hostname = "ip-10-64-0-2";
        plan.type.vcpus = 1;
        plan.type.memory = Bytes{std::uint64_t{128} << 20};
        plan.console = console_end_.get();
        return plan;
    }

    /// A volume that starts with these bytes.
    VolumeId volume(const std::string& bytes) {
        ports::VolumeSpec spec;
        spec.owner = job_;
        spec.size = local::testing::World::unit();
        const auto id = cloud_.volumes.create(spec, soon()).id;
        ports::AttachSpec attach;
        attach.owner = job_;
        attach.volume = id;
        attach.work_folder = world_.work_folder();
        const auto attached = cloud_.attachments.attach(attach, soon());
        os::write_all(os::open_file(attached->device(), O_WRONLY), bytes);
        attached->detach();
        return id;
    }

    std::unique_ptr<compute::Guest> start(const compute::GuestPlan& plan) {
        MachineFamily family{
            {world_.local(),
             cloud_,
             world_.ledger(),
             world_.clock(),
             [](const auto&, Deadline) { return std::make_unique<LoopbackNetwork>(); },
             [](const auto&) { return false; }}};
        return family.start(plan, {}, soon());
    }

    static GuestEnd wait(compute::Guest& guest) {
        (void)os::wait_ready(guest.end_fd(), POLLIN, nullptr, soon());
        auto end = guest.ended();
        return end ? *end : GuestEnd{GuestEnd::What::failed, "it still runs"};
    }

    /// Everything is as it was: the volume can be removed, and QEMU's pid file is gone.
    void expect_clean(const VolumeId& id) {
        EXPECT_FALSE(std::filesystem::exists(world_.work_folder() / "qemu.pid"));
        cloud_.volumes.remove(id, soon());
    }

    os::Fd console_;
    os::Fd console_end_;
};

TEST_F(MachineTest, PowerOffOfTheGuestIsAPowerOff) {
    const auto id = volume(kPowerOff);
    const auto guest = start(plan(id));
    const auto end = wait(*guest);
    EXPECT_EQ(end.what, GuestEnd::What::powered_off) << end.why;
    expect_clean(id);
}

TEST_F(MachineTest, ResetOfTheGuestIsAReboot) {
    const auto id = volume(kReset);
    const auto guest = start(plan(id));
    EXPECT_EQ(wait(*guest).what, GuestEnd::What::rebooted);
    expect_clean(id);
}

TEST_F(MachineTest, KilledOneIsAFailureAndLetsGoOfItsVolume) {
    const auto id = volume(kHang);
    const auto guest = start(plan(id));
    EXPECT_FALSE(guest->ended().has_value());
    guest->ask_to_stop();  // nobody listens in there
    EXPECT_FALSE(guest->ended().has_value());
    guest->kill();
    EXPECT_EQ(wait(*guest).what, GuestEnd::What::failed);
    std::filesystem::remove(world_.work_folder() / "qemu.pid");  // as the sweeper does
    expect_clean(id);
}

TEST_F(MachineTest, OneThatIsDroppedIsKilled) {
    const auto id = volume(kHang);
    start(plan(id)).reset();
    std::filesystem::remove(world_.work_folder() / "qemu.pid");
    expect_clean(id);
}

TEST_F(MachineTest, VolumeInUseIsAConflict) {
    const auto id = volume(kHang);
    const auto guest = start(plan(id));
    try {
        (void)start(plan(id));
        FAIL() << "started twice";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::conflict) << error.message();
    }
}

TEST_F(MachineTest, StartTakesLessThanAFifthOfASecond) {
    const auto id = volume(kHang);
    const auto begun = std::chrono::steady_clock::now();
    const auto guest = start(plan(id));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun
    );
    RecordProperty("milliseconds", static_cast<int>(took.count()));
    std::cout << "request to a running QEMU: " << took.count() << " ms\n";
    EXPECT_LT(took.count(), 5000) << "generous: other tests run beside it";
}

/// What scripts/make_cloud_base makes: Debian with a kernel, cloud-init and sshd.
TEST_F(MachineTest, CloudImageRunsUserDataAndLetsItsKeyIn) {
    const char* tar = std::getenv("KILN_VM_TEST_TAR");
    if (tar == nullptr) {
        GTEST_SKIP() << "KILN_VM_TEST_TAR names no root tar with a kernel and cloud-init";
    }
    const auto image = import(tar);
    ports::VolumeSpec spec;
    spec.owner = job_;
    spec.snapshot = image.root_snapshot;
    const auto id = cloud_.volumes.create(spec, soon()).id;
    const auto key = world_.folder() / "key";
    run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.string()});
    auto wanted = plan(id);
    wanted.type.memory = Bytes{std::uint64_t{512} << 20};
    wanted.ssh_key = os::read_file(key.string() + ".pub");
    wanted.user_data = "#!/bin/sh\necho user data of $(hostname) > /root/proof\n";
    const auto begun = std::chrono::steady_clock::now();
    const auto guest = start(wanted);
    std::cout << "QEMU runs after "
              << std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::steady_clock::now() - begun
                 )
                     .count()
              << " ms\n";
    const std::jthread reader{[this] {
        std::array<char, 4096> bytes;
        while (true) {
            const auto got = ::read(console_.get(), bytes.data(), bytes.size());
            if (got <= 0) {
                return;
            }
            std::cout << std::string_view{bytes.data(), static_cast<std::size_t>(got)}
                      << std::flush;
        }
    }};
    const auto host = guest->forwards().at(0).second;
    os::Command ssh;
    ssh.argv = {
        "ssh",
        "-i",
        key.string(),
        "-p",
        host.substr(host.find(':') + 1),
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "ConnectTimeout=10",
        "root@127.0.0.1",
        "cloud-init status --wait >/dev/null; cat /root/proof; poweroff"};
    std::string said;
    const auto patience = Deadline::after(std::chrono::minutes{4});
    for (unsigned attempt = 0; said.empty() && os::pause_before_retry(attempt, patience, nullptr);
         ++attempt) {
        said = os::run_captured(ssh, patience).out;
    }
    EXPECT_EQ(said, "user data of ip-10-64-0-2\n");
    const auto end = wait(*guest);
    EXPECT_EQ(end.what, GuestEnd::What::powered_off) << end.why;
    console_end_ = {};
    expect_clean(id);
}

}  // namespace
}  // namespace kiln::qemu
