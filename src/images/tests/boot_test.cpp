#include "images/boot_test.hpp"

#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "images/console_watch.hpp"
#include "os/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::images {
namespace {

TEST(ConsoleWatchTest, MarkerIsFoundAcrossReadsAndWithoutALineEnd) {
    ConsoleWatch watch{{"login:"}};
    EXPECT_FALSE(watch.feed("Debian 12 ttyS0\r\n\r\nhost log"));
    const auto verdict = watch.feed("in: ");
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->booted);
    EXPECT_EQ(verdict->word, "login:");
}

TEST(ConsoleWatchTest, ColoursInsideAMarkerDoNotHideIt) {
    ConsoleWatch watch{default_markers()};
    EXPECT_FALSE(watch.feed("[\x1b[0;32m  OK  \x1b[0m] Reached target \x1b[0;1;3"));
    const auto verdict = watch.feed("9mmulti-user.target\x1b[0m - Multi-User System.\r\n");
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->word, "Reached target multi-user.target");
}

TEST(ConsoleWatchTest, PanicIsAVerdictToo) {
    ConsoleWatch watch{{"login:"}};
    const auto verdict = watch.feed("Kernel panic - not syncing: VFS: Unable to mount root fs");
    ASSERT_TRUE(verdict);
    EXPECT_FALSE(verdict->booted);
}

TEST(ConsoleWatchTest, MarkerAfterMegabytesOfNoiseIsFound) {
    ConsoleWatch watch{{"login:"}};
    const std::string noise(10'000, 'x');
    for (int i = 0; i < 300; ++i) {
        ASSERT_FALSE(watch.feed(noise));
    }
    EXPECT_FALSE(watch.feed("log"));
    EXPECT_TRUE(watch.feed("in:"));
}

TEST(ConsoleWatchTest, TailIsTheLastLines) {
    ConsoleWatch watch{{"never"}};
    (void)watch.feed("one\r\ntwo\r\nthree\r\n\xff\r\n");
    EXPECT_EQ(watch.tail(2), "three\n\xef\xbf\xbd");
    EXPECT_EQ(watch.tail(100), "one\ntwo\nthree\n\xef\xbf\xbd");
    EXPECT_EQ(ConsoleWatch{{}}.tail(5), "");
}

struct VersionCase {
    const char* name;
    const char* older;
    const char* newer;
};

class VersionTest : public ::testing::TestWithParam<VersionCase> {};

TEST_P(VersionTest, RunsOfDigitsAreNumbers) {
    EXPECT_TRUE(older_version(GetParam().older, GetParam().newer));
    EXPECT_FALSE(older_version(GetParam().newer, GetParam().older));
    EXPECT_FALSE(older_version(GetParam().newer, GetParam().newer));
}

INSTANTIATE_TEST_SUITE_P(
    Versions,
    VersionTest,
    ::testing::Values(
        VersionCase{"TenAfterNine", "6.1.9", "6.1.10"},
        VersionCase{"LeadingZeros", "5.09", "5.10"},
        VersionCase{"Longer", "6.1", "6.1.1"},
        VersionCase{"Abi", "6.1.0-9-cloud-amd64", "6.1.0-18-cloud-amd64"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(ChooseKernelTest, NewestKernelWithItsOwnInitrd) {
    const auto kernel = choose_kernel(
        {"config-6.1.0-9",
         "initrd.img-6.1.0-18",
         "initrd.img-6.1.0-9",
         "vmlinuz-6.1.0-18",
         "vmlinuz-6.1.0-9"}
    );
    ASSERT_TRUE(kernel);
    EXPECT_EQ(kernel->kernel, "/boot/vmlinuz-6.1.0-18");
    EXPECT_EQ(kernel->initrd, "/boot/initrd.img-6.1.0-18");
}

TEST(ChooseKernelTest, RescueKernelIsTheLastResort) {
    const auto kernel =
        choose_kernel({"vmlinuz-0-rescue-99", "vmlinuz-5.14.0-1.el9", "initramfs-5.14.0-1.el9.img"}
        );
    ASSERT_TRUE(kernel);
    EXPECT_EQ(kernel->kernel, "/boot/vmlinuz-5.14.0-1.el9");
    EXPECT_EQ(kernel->initrd, "/boot/initramfs-5.14.0-1.el9.img");
    EXPECT_EQ(choose_kernel({"vmlinuz-0-rescue-99"})->kernel, "/boot/vmlinuz-0-rescue-99");
}

TEST(ChooseKernelTest, KernelWithoutAnInitrdIsTaken) {
    EXPECT_EQ(choose_kernel({"vmlinuz-6"})->initrd, std::nullopt);
    EXPECT_EQ(choose_kernel({"grub", "vmlinuz-6.old"}), std::nullopt);
}

TEST(FindKernelTest, ImageWithoutAKernelIsToldWhatToInstall) {
    const auto root = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-images");
    try {
        (void)find_kernel(os::GuestRoot{root.path()});
        FAIL() << "found one";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(error.message().find("no kernel"), std::string::npos);
        EXPECT_NE(error.hint().find("linux-image"), std::string::npos);
    }
}

disk::Layout table(std::vector<std::string> types) {
    disk::Layout layout;
    layout.table = "gpt";
    for (auto& type : types) {
        disk::Partition partition;
        partition.type = std::move(type);
        layout.partitions.push_back(std::move(partition));
    }
    return layout;
}

TEST(FirmwareTest, BareFileSystemNeedsItsKernelHandedOver) {
    disk::Layout layout;
    layout.filesystem = "ext4";
    EXPECT_EQ(choose_firmware(layout, "x86_64"), Firmware::kernel);
}

TEST(FirmwareTest, PartitionsDecideBetweenBiosAndUefi) {
    const std::string efi = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
    const std::string bios = "21686148-6449-6E6F-744E-656564454649";
    EXPECT_EQ(choose_firmware(table({efi}), "x86_64"), Firmware::uefi);
    EXPECT_EQ(choose_firmware(table({efi, bios}), "x86_64"), Firmware::bios);
    EXPECT_EQ(choose_firmware(table({bios}), "x86_64"), Firmware::bios);
    EXPECT_EQ(choose_firmware(table({bios}), "arm64"), Firmware::uefi);
    EXPECT_EQ(choose_firmware({}, "x86_64"), Firmware::bios);
}

TEST(MachineTest, DiskIsOnlyReadAndItsNameCannotAddOptions) {
    Machine machine;
    machine.disk = "/run/a,readonly=off";
    const auto arguments = machine_arguments(machine, {});
    EXPECT_THAT(
        arguments, ::testing::Contains("file=/run/a,,readonly=off,format=raw,if=virtio,snapshot=on")
    );
    EXPECT_THAT(arguments, ::testing::Contains("-nodefaults"));
    EXPECT_THAT(arguments, ::testing::Not(::testing::Contains("-kernel")));
}

TEST(MachineTest, KvmIsUsedOnlyWhenAskedFor) {
    BootOptions options;
    EXPECT_THAT(machine_arguments({}, options), ::testing::Contains("tcg"));
    options.accelerator = Accelerator::kvm;
    EXPECT_THAT(machine_arguments({}, options), ::testing::Not(::testing::Contains("tcg")));
}

TEST(MachineTest, HandedOverKernelFindsItsConsoleOnEachArchitecture) {
    Machine machine;
    machine.firmware = Firmware::kernel;
    machine.kernel = "/k";
    BootOptions options;
    EXPECT_THAT(
        machine_arguments(machine, options),
        ::testing::Contains(::testing::HasSubstr("console=ttyS0"))
    );
    options.architecture = "arm64";
    EXPECT_THAT(
        machine_arguments(machine, options),
        ::testing::Contains(::testing::HasSubstr("console=ttyAMA0"))
    );
}

}  // namespace
}  // namespace kiln::images
