#include "local/qcow2.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "os/files.hpp"
#include "os/spawn.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::local {

namespace {

using namespace kiln::literals;

class EmptyQcow2 : public testing::TestWithParam<std::uint64_t> {
  protected:
    [[nodiscard]] std::filesystem::path path(const std::string& name) const {
        return folder_.path() / name;
    }

    void make(const std::string& name, Bytes size, const std::string& backing = "") const {
        write_empty_qcow2(os::open_file(path(name), O_RDWR | O_CREAT | O_EXCL), size, backing);
    }

    os::TempDir folder_ =
        os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-qcow2-test");
};

TEST_P(EmptyQcow2, IsSoundAndHasItsSizeByQemusOwnWord) {
    const Bytes size{GetParam()};
    make("a", size);
    const auto check =
        os::run_captured({.argv = {"qemu-img", "check", "--output=json", path("a").string()}});
    EXPECT_TRUE(check.status.ok()) << check.out << check.err;
    EXPECT_THAT(check.out, testing::Not(testing::HasSubstr("leaks")));
    const auto info = parse_json(
        os::run_checked({.argv = {"qemu-img", "info", "--output=json", path("a").string()}})
    );
    EXPECT_EQ(info.at("virtual-size").to_number<std::uint64_t>(), size.count);
    EXPECT_EQ(info.at("cluster-size").to_number<std::uint64_t>(), 1U << kClusterBits);
    EXPECT_TRUE(info.at_pointer("/format-specific/data/extended-l2").as_bool());
    EXPECT_LT(os::allocated_size(path("a")), 64_KiB);
}

TEST_P(EmptyQcow2, StaysSoundWhenItsFirstAndLastSectorAreWritten) {
    const Bytes size{GetParam()};
    make("a", size);
    const auto last = std::to_string(size.count - 512);
    (void)os::run_checked(
        {.argv =
             {"qemu-io",
              "-f",
              "qcow2",
              "-c",
              "write -P 7 0 512",
              "-c",
              "write -P 8 " + last + " 512",
              path("a").string()}}
    );
    const auto check = os::run_captured({.argv = {"qemu-img", "check", path("a").string()}});
    EXPECT_TRUE(check.status.ok()) << check.out << check.err;
    const auto read = os::run_checked(
        {.argv =
             {"qemu-io",
              "-r",
              "-f",
              "qcow2",
              "-c",
              "read -P 8 " + last + " 512",
              path("a").string()}}
    );
    EXPECT_THAT(read, testing::Not(testing::HasSubstr("failed")));
}

TEST_P(EmptyQcow2, WithABackingFileReadsAsThat) {
    const Bytes size{GetParam()};
    make("base", 1_MiB);
    (void)os::run_checked(
        {.argv = {"qemu-io", "-f", "qcow2", "-c", "write -P 7 0 512", path("base").string()}}
    );
    make("top", size, "base");
    const auto check = os::run_captured({.argv = {"qemu-img", "check", path("top").string()}});
    EXPECT_TRUE(check.status.ok()) << check.out << check.err;
    const auto header = read_qcow2_header(path("top"));
    EXPECT_EQ(header.backing, "base");
    EXPECT_EQ(header.virtual_size, size);
    EXPECT_TRUE(header.extended_l2);
    EXPECT_FALSE(header.dirty || header.corrupt);
    const auto read = os::run_captured(
        {.argv = {"qemu-io", "-r", "-f", "qcow2", "-c", "read -P 7 0 512", path("top").string()}}
    );
    EXPECT_TRUE(read.status.ok());
    EXPECT_THAT(read.out, testing::Not(testing::HasSubstr("failed")));
}

INSTANTIATE_TEST_SUITE_P(
    Sizes,
    EmptyQcow2,
    testing::Values(512, (1_GiB).count, (1_GiB).count + 512, (20_GiB).count, kLargestDisk.count),
    [](const auto& row) { return std::to_string(row.param); }
);

TEST_F(EmptyQcow2, HeaderAgreesWithOneThatQemuMade) {
    make("base", 1_MiB);
    (void)os::run_checked(
        {.argv =
             {"qemu-img",
              "create",
              "-q",
              "-f",
              "qcow2",
              "-b",
              "base",
              "-F",
              "qcow2",
              path("other").string(),
              "3G"}}
    );
    const auto header = read_qcow2_header(path("other"));
    EXPECT_EQ(header.backing, "base");
    EXPECT_EQ(header.virtual_size, 3_GiB);
    EXPECT_EQ(header.cluster_bits, 16U);
    EXPECT_FALSE(header.extended_l2);
}

struct Damaged {
    std::string name;
    std::string bytes;
};

class DamagedQcow2 : public testing::TestWithParam<Damaged> {};

TEST_P(DamagedQcow2, IsCorrupt) {
    const auto folder =
        os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-qcow2-test");
    const auto path = folder.path() / "layer";
    os::write_file_durably(path, GetParam().bytes);
    try {
        (void)read_qcow2_header(path);
        FAIL() << "read";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::corrupt);
        EXPECT_THAT(error.message(), testing::HasSubstr(path.string()));
    }
}

std::string with_backing_name_at(char high_byte, char length) {
    std::string bytes(512, '\0');
    bytes.replace(0, 4, "QFI\xfb");
    bytes[7] = 3;
    bytes[12] = high_byte;
    bytes[15] = 112;
    bytes[18] = length;
    return bytes;
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    DamagedQcow2,
    testing::Values(
        Damaged{"Empty", ""},
        Damaged{"Zeros", std::string(4096, '\0')},
        Damaged{"Short", "QFI\xfb"},
        Damaged{"UnknownVersion", std::string{"QFI\xfb\0\0\0\x09", 8} + std::string(200, '\0')},
        Damaged{"NameBeyondTheFile", with_backing_name_at(1, 0)},
        Damaged{"NameTooLong", with_backing_name_at(0, 9)}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace

}  // namespace kiln::local
