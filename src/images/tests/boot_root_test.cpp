#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "images/accelerator.hpp"
#include "images/boot_test.hpp"
#include "images/tests/image_world.hpp"

#include <iostream>

namespace kiln::images {
namespace {

using testing::ImageTest;

/// A boot sector that writes `text` to the first serial port and halts:
/// xor ax,ax; mov ds,ax; mov si,0x7c16; cld; l: lodsb; test al,al; jz h; mov dx,0x3f8; out dx,al;
/// jmp l; h: hlt; jmp h
std::string boot_sector(std::string_view text) {
    std::string sector{
        "\x31\xc0\x8e\xd8\xbe\x16\x7c\xfc\xac\x84\xc0\x74\x06\xba\xf8\x03\xee\xeb\xf5\xf4\xeb\xfd",
        22};
    sector += text;
    sector.resize(512, '\0');
    sector[510] = '\x55';
    sector[511] = '\xaa';
    sector.resize(1U << 20, '\0');
    return sector;
}

class BootTest : public ImageTest {
  protected:
    BootResult boot(std::string_view text, BootOptions options = {}) {
        const auto disk = world_.folder() / "disk, with a comma";
        os::write_file_durably(disk, boot_sector(text));
        return boot_device(task(), disk, options);
    }
};

TEST_F(BootTest, MarkerOnTheConsoleIsSuccess) {
    const auto result = boot("kiln test\r\nhost login: ");
    EXPECT_EQ(result.marker, "login:");
    EXPECT_NE(result.tail.find("kiln test"), std::string::npos);
}

TEST_F(BootTest, MarkerCanBeChosen) {
    BootOptions options;
    options.markers = {"ready to serve"};
    EXPECT_EQ(boot("host login: ready to serve", options).marker, "ready to serve");
}

TEST_F(BootTest, PanicFailsAtOnceWithTheConsole) {
    try {
        (void)boot("starting\r\nKernel panic - not syncing\r\n");
        FAIL() << "passed";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::internal);
        EXPECT_NE(error.message().find("starting"), std::string::npos);
    }
}

TEST_F(BootTest, SilenceTimesOutWithTheConsole) {
    BootOptions options;
    options.patience = std::chrono::seconds{1};
    try {
        (void)boot("and then nothing", options);
        FAIL() << "passed";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::timed_out);
    }
}

TEST_F(BootTest, DiskWithoutALoaderFailsAtOnce) {
    const auto disk = world_.folder() / "zeros";
    os::write_file_durably(disk, std::string(1U << 20, '\0'));
    const auto message = message_of([&] { (void)boot_device(task(), disk, {}); });
    EXPECT_NE(message.find("not a bootable disk"), std::string::npos) << message;
}

/// Any root tar with a kernel, an initrd and an init, such as
/// mmdebstrap --include=linux-image-cloud-amd64,initramfs-tools,systemd-sysv bookworm FILE.tar
TEST_F(BootTest, RealImageStartsToItsLoginPrompt) {
    const char* tar = ::getenv("KILN_BOOT_TEST_TAR");
    if (tar == nullptr) {
        GTEST_SKIP() << "KILN_BOOT_TEST_TAR names no root tar with a kernel";
    }
    const auto image = import(tar);
    BootOptions options;
    options.console = [](std::string_view bytes) { std::cout << bytes << std::flush; };
    const auto result = boot_snapshot(task(), image.root_snapshot, options);
    std::cout << "\nmarker " << result.marker << " after " << humanize(result.took) << "\n";
    EXPECT_FALSE(result.marker.empty());
    EXPECT_TRUE(cloud_.volumes.describe({}).empty());
}

TEST_F(BootTest, BareFileSystemWithoutAKernelSaysSo) {
    const auto image = import(bare_disk());
    try {
        (void)boot_snapshot(task(), image.root_snapshot, {});
        FAIL() << "passed";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_NE(error.message().find("no kernel"), std::string::npos);
    }
    EXPECT_TRUE(cloud_.volumes.describe({}).empty());
}

TEST_F(BootTest, AcceleratorThatRunsGuestsIsFoundToWork) {
    EXPECT_TRUE(accelerator_works("tcg", world_.folder(), std::chrono::seconds{30}, {}));
}

TEST_F(BootTest, AcceleratorThatDoesNotExistOrIsTooSlowDoesNot) {
    EXPECT_FALSE(accelerator_works("no-such", world_.folder(), std::chrono::seconds{30}, {}));
    EXPECT_FALSE(accelerator_works("tcg", world_.folder(), std::chrono::milliseconds{1}, {}));
}

}  // namespace
}  // namespace kiln::images
