#include "images/format.hpp"

#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "images/qemu_img.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"
#include "os/spawn.hpp"

#include <gtest/gtest.h>

namespace kiln::images {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string at(std::size_t offset, std::string_view magic) {
    std::string head(33U << 10, '\0');
    return head.replace(offset, magic.size(), magic);
}

/// A header of tar as it was before POSIX: no magic, but a checksum.
std::string old_tar() {
    std::string head(1024, '\0');
    head.replace(0, 5, "hello");
    unsigned sum = 8 * ' ';
    for (const char c : "hello"sv) {
        sum += static_cast<unsigned char>(c);
    }
    const auto text = fmt::format("{:06o}", sum);
    head.replace(148, 6, text);
    head[155] = ' ';
    return head;
}

struct FormatCase {
    const char* name;
    std::string head;
    Format expected;
};

class FormatTest : public ::testing::TestWithParam<FormatCase> {};

TEST_P(FormatTest, IsToldByItsBytes) {
    EXPECT_EQ(detect_format(GetParam().head), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Heads,
    FormatTest,
    ::testing::Values(
        FormatCase{"Qcow2", at(0, "QFI\xfb"), Format::qcow2},
        FormatCase{"Vmdk", at(0, "KDMV"), Format::vmdk},
        FormatCase{"Vhdx", at(0, "vhdxfile"), Format::vhdx},
        FormatCase{"Vdi", at(64, "\x7f\x10\xda\xbe"), Format::vdi},
        FormatCase{"Gzip", at(0, "\x1f\x8b"), Format::tar},
        FormatCase{
            "Xz",
            at(0,
               "\xfd"
               "7zXZ\0"sv),
            Format::tar},
        FormatCase{"Zstd", at(0, "\x28\xb5\x2f\xfd"), Format::tar},
        FormatCase{"Bzip2", at(0, "BZh9"), Format::tar},
        FormatCase{"PosixTar", at(257, "ustar"), Format::tar},
        FormatCase{"OldTar", old_tar(), Format::tar},
        FormatCase{"PartitionedDisk", at(510, "\x55\xaa"), Format::raw},
        FormatCase{"Zeros", at(0, ""), Format::raw},
        FormatCase{"ShortFile", "hi", Format::raw}
    ),
    [](const auto& row) { return row.param.name; }
);

struct RefusedCase {
    const char* name;
    std::string head;
};

class RefusedFormatTest : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedFormatTest, IsRefusedWithARemedy) {
    try {
        (void)detect_format(GetParam().head);
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_FALSE(error.hint().empty());
    }
}

INSTANTIATE_TEST_SUITE_P(
    Heads,
    RefusedFormatTest,
    ::testing::Values(
        RefusedCase{"VmdkDescriptor", at(0, "# Disk DescriptorFile\nRW 1 FLAT \"/etc/shadow\" 0")},
        RefusedCase{"Vhd", at(0, "conectix")},
        RefusedCase{"Iso", at(32769, "CD001")},
        RefusedCase{"Squashfs", at(0, "hsqs")}
    ),
    [](const auto& row) { return row.param.name; }
);

/// Files that QEMU's own tool made, to be refused before any program of QEMU opens them.
class UnsafeImageTest : public ::testing::Test {
  protected:
    std::string make(std::vector<std::string> arguments) {
        const auto path = (folder_.path() / "disk").string();
        arguments.insert(arguments.begin(), {"qemu-img", "create", "-q"});
        arguments.push_back(path);
        arguments.emplace_back("1M");
        os::Command command;
        command.argv = std::move(arguments);
        (void)os::run_checked(std::move(command));
        return path;
    }

    static void expect_refused(const std::filesystem::path& path, std::string_view why) {
        try {
            (void)detect_format_of(path);
            FAIL() << "accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            EXPECT_NE(error.message().find(why), std::string::npos) << error.message();
        }
    }

    os::TempDir folder_ =
        os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-images");
};

TEST_F(UnsafeImageTest, Qcow2WithABackingFileIsRefused) {
    expect_refused(make({"-f", "qcow2", "-b", "/etc/passwd", "-F", "raw"}), "backing file");
}

TEST_F(UnsafeImageTest, Qcow2WithAnExternalDataFileIsRefused) {
    const auto data = "data_file=" + (folder_.path() / "data").string();
    expect_refused(make({"-f", "qcow2", "-o", data}), "external file");
}

TEST_F(UnsafeImageTest, VmdkOfSeveralFilesIsRefused) {
    expect_refused(make({"-f", "vmdk", "-o", "subformat=monolithicFlat"}), "descriptor");
}

TEST_F(UnsafeImageTest, VmdkWhoseExtentsTheDescriptorNamesIsRefused) {
    const auto path = make({"-f", "vmdk"});
    auto bytes = os::read_file(path);
    bytes.replace(12, 8, 8, '\0');  // the capacity
    os::write_file_durably(path, bytes);
    expect_refused(path, "capacity");
}

TEST_F(UnsafeImageTest, VmdkWithAParentIsRefused) {
    const auto path = make({"-f", "vmdk"});
    auto bytes = os::read_file(path);
    bytes.replace(bytes.find("ddb."), 40, "parentFileNameHint=\"/etc/passwd\"        ");
    os::write_file_durably(path, bytes);
    expect_refused(path, "parent");
}

TEST_F(UnsafeImageTest, HarmlessImagesPass) {
    EXPECT_EQ(detect_format_of(make({"-f", "qcow2"})), Format::qcow2);
    EXPECT_EQ(detect_format_of(make({"-f", "vmdk"})), Format::vmdk);
    EXPECT_EQ(detect_format_of(make({"-f", "vhdx"})), Format::vhdx);
    EXPECT_EQ(detect_format_of(make({"-f", "vdi"})), Format::vdi);
}

TEST_F(UnsafeImageTest, EmptyFileAndPlainFolderAreRefused) {
    os::write_file_durably(folder_.path() / "empty", "");
    EXPECT_EQ(
        kind_of([&] { (void)detect_format_of(folder_.path() / "empty"); }), ErrorKind::invalid
    );
    EXPECT_EQ(kind_of([&] { (void)detect_format_of(folder_.path()); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)detect_format_of("/dev/null"); }), ErrorKind::invalid);
    EXPECT_EQ(
        kind_of([&] { (void)detect_format_of(folder_.path() / "no"); }), ErrorKind::not_found
    );
}

struct InfoCase {
    const char* name;
    const char* info;
    bool good;
};

class DiskInfoTest : public ::testing::TestWithParam<InfoCase> {};

TEST_P(DiskInfoTest, OnlyWhatStaysInItsFilePasses) {
    const auto info = parse_json(GetParam().info);
    if (GetParam().good) {
        EXPECT_EQ(read_disk_info(info, "/images/a"), Bytes{4096});
    } else {
        EXPECT_EQ(kind_of([&] { (void)read_disk_info(info, "/images/a"); }), ErrorKind::invalid);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Infos,
    DiskInfoTest,
    ::testing::Values(
        InfoCase{"Plain", R"({"virtual-size": 4096, "format": "qcow2"})", true},
        InfoCase{"Backing", R"({"virtual-size": 4096, "backing-filename": "/etc/passwd"})", false},
        InfoCase{"Encrypted", R"({"virtual-size": 4096, "encrypted": true})", false},
        InfoCase{
            "DataFile",
            R"({"virtual-size": 4096, "format-specific": {"data": {"data-file": "/etc/passwd"}}})",
            false},
        InfoCase{
            "OwnExtent",
            R"({"virtual-size": 4096, "format-specific": {"data": {"extents": [{"filename": "/images/a"}]}}})",
            true},
        InfoCase{
            "ForeignExtent",
            R"({"virtual-size": 4096, "format-specific": {"data": {"extents": [{"filename": "/etc/passwd"}]}}})",
            false},
        InfoCase{"NoSize", R"({"format": "qcow2"})", false},
        InfoCase{"SizeZero", R"({"virtual-size": 0})", false}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(PercentageTest, LastCompleteOneCounts) {
    EXPECT_EQ(last_percentage("    (0.00/100%)\r    (12.50/100%)\r    (13."), 12.5);
    EXPECT_EQ(last_percentage("    (100.00/100%)\r"), 100.0);
    EXPECT_EQ(last_percentage("nothing"), std::nullopt);
    EXPECT_EQ(last_percentage("/100%)"), std::nullopt);
    EXPECT_EQ(last_percentage("(x/100%)"), std::nullopt);
}

TEST(ConversionTest, FormatsAreAlwaysSaid) {
    Conversion conversion;
    conversion.from = "/a";
    conversion.from_format = Format::qcow2;
    conversion.to = "/b";
    conversion.into_empty_device = true;
    const std::vector<std::string> expected{
        "qemu-img",
        "convert",
        "-p",
        "-n",
        "--target-is-zero",
        "-f",
        "qcow2",
        "-O",
        "raw",
        "--",
        "/a",
        "/b"};
    EXPECT_EQ(conversion_arguments(conversion), expected);
}

}  // namespace
}  // namespace kiln::images
