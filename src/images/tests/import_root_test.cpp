#include "base/error.hpp"
#include "base/sha256.hpp"
#include "base/testing/kind_of.hpp"
#include "images/compare.hpp"
#include "images/tests/image_world.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace kiln::images {
namespace {

using namespace kiln::literals;
using testing::ImageTest;
using testing::run;
namespace fs = std::filesystem;

class ImportTest : public ImageTest {
  protected:
    /// Two images hold the same files; their sizes and times may differ.
    void expect_same(const ports::Image& a, const ports::Image& b) {
        const auto diff = diff_images(task(), a.id, b.id, {});
        EXPECT_TRUE(diff.empty()) << render(diff, 20);
    }
};

TEST_F(ImportTest, RootTarBecomesAnImageThatSaysWhatItIs) {
    const auto image = import(pack(tree(), "root.tar"));
    EXPECT_EQ(image.architecture, "x86_64");
    EXPECT_EQ(image.description, "Kiln Test 1");
    EXPECT_EQ(image.size, 2_GiB);
    EXPECT_EQ(image.state, ports::ImageState::available);
    EXPECT_TRUE(cloud_.volumes.describe({}).empty());
    EXPECT_FALSE(owes(ports::ResourceKind::image));
    EXPECT_FALSE(owes(ports::ResourceKind::snapshot));
    EXPECT_FALSE(owes(ports::ResourceKind::volume));
}

TEST_F(ImportTest, OwnersModesDevicesAndAttributesSurvive) {
    const auto odd = tree() / "etc/odd";
    write(odd, "x");
    ASSERT_EQ(::chown(odd.c_str(), 1234, 4321), 0);
    ASSERT_EQ(::chmod(odd.c_str(), 04751), 0);
    ASSERT_EQ(::mknod((tree() / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
    const auto from_tar = import(pack(tree(), "root.tar"), "from-tar");
    const auto from_disk = import(bare_disk(), "from-disk");
    expect_same(from_tar, from_disk);
}

TEST_F(ImportTest, CompressedTarIsTheSameImage) {
    const auto plain = import(pack(tree(), "root.tar"), "plain");
    const auto tar = pack(tree(), "packed.tar");
    run({"gzip", tar.string()});
    expect_same(plain, import(tar.string() + ".gz", "packed"));
}

TEST_F(ImportTest, EveryDiskFormatIsTheSameImage) {
    const auto raw = bare_disk();
    const auto first = import(raw, "raw");
    EXPECT_EQ(first.size, 1_GiB);
    for (const std::string format : {"qcow2", "vmdk", "vhdx", "vdi"}) {
        const auto disk = world_.folder() / ("disk." + format);
        run({"qemu-img", "convert", "-f", "raw", "-O", format, raw.string(), disk.string()});
        expect_same(first, import(disk, "from-" + format));
    }
}

TEST_F(ImportTest, RootOfAPartitionedDiskIsFound) {
    const auto bare = bare_disk();
    const auto disk = world_.folder() / "parted.raw";
    run({"truncate", "-s", "72M", disk.string()});
    os::Command command;
    command.argv = {"sfdisk", "-q", disk.string()};
    (void)os::run_checked(std::move(command), testing::soon(), {}, "label: gpt\nsize=66M\n");
    run(
        {"dd",
         "if=" + bare.string(),
         "of=" + disk.string(),
         "bs=1M",
         "seek=1",
         "conv=notrunc",
         "status=none"}
    );
    expect_same(import(bare, "bare"), import(disk, "parted"));
}

TEST_F(ImportTest, SizeCanBeAskedForAndNotBeTooSmall) {
    ImportRequest request;
    request.source = bare_disk();
    request.name = "base";
    request.size = 32_MiB;
    EXPECT_EQ(kind_of([&] { (void)import_image(task(), request); }), ErrorKind::invalid);
    request.size = 3_GiB;
    EXPECT_EQ(import_image(task(), request).size, 3_GiB);
}

TEST_F(ImportTest, TakenNameIsAConflictBeforeAnythingIsMade) {
    (void)import(bare_disk());
    const auto before = world_.ledger().entries().size();
    EXPECT_EQ(kind_of([&] { (void)import(bare_disk()); }), ErrorKind::conflict);
    EXPECT_EQ(world_.ledger().entries().size(), before);
}

TEST_F(ImportTest, WrongChecksumIsRefusedBeforeAnythingIsMade) {
    ImportRequest request;
    request.source = pack(tree(), "root.tar");
    request.name = "base";
    request.sha256 = std::string(64, '0');
    EXPECT_EQ(kind_of([&] { (void)import_image(task(), request); }), ErrorKind::invalid);
    expect_nothing_made();
    request.sha256 = sha256(os::read_file(request.source));
    EXPECT_EQ(import_image(task(), request).name, "base");
}

TEST_F(ImportTest, DiskWithoutAFileSystemIsRefusedAndNothingStays) {
    const auto disk = world_.folder() / "zeros";
    run({"truncate", "-s", "8M", disk.string()});
    EXPECT_EQ(kind_of([&] { (void)import(disk); }), ErrorKind::invalid);
    expect_nothing_made();
}

TEST_F(ImportTest, TarWithAFolderInFrontOfTheRootIsRefusedNamingIt) {
    const auto outer = world_.folder() / "outer";
    fs::create_directory(outer);
    fs::rename(tree(), outer / "rootfs");
    try {
        (void)import(pack(outer, "outer.tar"));
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_NE(error.message().find("rootfs"), std::string::npos) << error.message();
    }
    expect_nothing_made();
}

TEST_F(ImportTest, CutTarIsRefusedAndNothingStays) {
    write(tree() / "etc/large", std::string(200'000, 'x'));
    const auto tar = pack(tree(), "root.tar");
    fs::resize_file(tar, fs::file_size(tar) / 2);
    EXPECT_EQ(kind_of([&] { (void)import(tar); }), ErrorKind::invalid);
    expect_nothing_made();
}

TEST_F(ImportTest, ForeignArchitectureIsRefusedUnlessSaid) {
    auto riscv = elf();
    riscv[18] = static_cast<char>(243);
    write(tree() / "usr/bin/sh", riscv);
    const auto tar = pack(tree(), "root.tar");
    EXPECT_EQ(kind_of([&] { (void)import(tar); }), ErrorKind::invalid);
    ImportRequest request;
    request.source = tar;
    request.name = "base";
    request.architecture = "arm64";
    EXPECT_EQ(import_image(task(), request).architecture, "arm64");
}

TEST_F(ImportTest, StopInTheMiddleLeavesNoVolume) {
    auto stopping = task();
    stopping.progress = [&](std::string_view phase, Bytes, Bytes) {
        if (phase == "unpack") {
            stop_.request_stop();
        }
    };
    ImportRequest request;
    request.source = pack(tree(), "root.tar");
    request.name = "base";
    EXPECT_EQ(kind_of([&] { (void)import_image(stopping, request); }), ErrorKind::cancelled);
    expect_nothing_made();
}

TEST_F(ImportTest, DockerArchiveIsAppliedInOrder) {
    const auto second = world_.folder() / "second";
    write(second / "etc/.wh.hostname", "");
    write(second / "etc/new", "y");
    const auto archive = world_.folder() / "docker";
    fs::create_directories(archive);
    fs::rename(pack(tree(), "1.tar"), archive / "1.tar");
    fs::rename(pack(second, "2.tar"), archive / "2.tar");
    write(archive / "config.json", R"({"architecture": "amd64", "os": "linux"})");
    write(
        archive / "manifest.json",
        R"([{"Config": "config.json", "RepoTags": ["a:1"], "Layers": ["1.tar", "2.tar"]}])"
    );
    const auto image = import(pack(archive, "docker.tar"), "docker");
    fs::remove(tree() / "etc/hostname");
    write(tree() / "etc/new", "y");
    expect_same(image, import(pack(tree(), "root.tar"), "plain"));
}

}  // namespace
}  // namespace kiln::images
