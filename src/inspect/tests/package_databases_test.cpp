#include "inspect/package_databases.hpp"

#include "base/error.hpp"
#include "os/files.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace kiln::inspect {
namespace {

struct StateCase {
    const char* name;
    const char* status;
    bool listed;
};

class DpkgStateTest : public ::testing::TestWithParam<StateCase> {};

TEST_P(DpkgStateTest, OnlyPackagesWhoseFilesAreThereAreListed) {
    const auto text = std::string{"Package: a\nVersion: 1\nStatus: "} + GetParam().status + "\n";
    EXPECT_EQ(parse_dpkg_status(text).size(), GetParam().listed ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    States,
    DpkgStateTest,
    ::testing::Values(
        StateCase{"Installed", "install ok installed", true},
        StateCase{"Held", "hold ok installed", true},
        StateCase{"TriggersPending", "install ok triggers-pending", true},
        StateCase{"HalfConfigured", "install ok half-configured", true},
        StateCase{"RemovedButConfigured", "deinstall ok config-files", false},
        StateCase{"NotInstalled", "purge ok not-installed", false},
        StateCase{"HalfInstalled", "install reinstreq half-installed", false}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(DpkgTest, FieldsAreReadAndContinuationLinesAreNot) {
    const auto packages = parse_dpkg_status(
        "Package: zlib1g\n"
        "Status: install ok installed\n"
        "Maintainer: Mark Brown <broonie@debian.org>\n"
        "Architecture: amd64\n"
        "Source: zlib (1:1.2.13.dfsg-1)\n"
        "Version: 1:1.2.13.dfsg-1\n"
        "Description: compression library\n"
        " Version: 9 in the text is not a field\n"
        "\n"
        "Package: adduser\n"
        "Status: install ok installed\n"
        "Architecture: all\n"
        "Version: 3.134\n"
    );
    const Packages expected{
        {"dpkg", "adduser", "3.134", "all", "adduser", "", ""},
        {"dpkg",
         "zlib1g",
         "1:1.2.13.dfsg-1",
         "amd64",
         "zlib",
         "",
         "Mark Brown <broonie@debian.org>"},
    };
    EXPECT_EQ(packages, expected);
}

TEST(DpkgTest, BrokenTextGivesNoPackages) {
    EXPECT_TRUE(parse_dpkg_status("").empty());
    EXPECT_TRUE(parse_dpkg_status("\n\n\n").empty());
    EXPECT_TRUE(parse_dpkg_status("no colon here\n Package: a\nPackage: b").empty());
}

TEST(RpmTest, EpochZeroIsLeftOutAndKeysAreNoPackages) {
    const auto packages = parse_rpm_query(
        "bash\t0\t5.1.8-6.el9\tx86_64\tbash-5.1.8-6.el9.src.rpm\tGPLv3+\tRocky\n"
        "gpg-pubkey\t0\t350d275d-6279464b\t(none)\t(none)\tpubkey\t(none)\n"
        "dbus-libs\t1\t1.12.20-7\tx86_64\tdbus-1.12.20-7.src.rpm\tGPL-2.0-or-later\t(none)\n"
        "a line that is none\n"
    );
    const Packages expected{
        {"rpm", "bash", "5.1.8-6.el9", "x86_64", "bash", "GPLv3+", "Rocky"},
        {"rpm", "dbus-libs", "1:1.12.20-7", "x86_64", "dbus", "GPL-2.0-or-later", ""},
    };
    EXPECT_EQ(packages, expected);
}

TEST(ApkTest, FieldsAreRead) {
    const auto packages = parse_apk_installed(
        "C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\nm:Natanael Copa <n@example.org>\n"
        "F:lib\nR:ld-musl-x86_64.so.1\n\nP:busybox\nV:1.36-r1\nA:x86_64\n\nP:no-version\n"
    );
    const Packages expected{
        {"apk", "busybox", "1.36-r1", "x86_64", "busybox", "", ""},
        {"apk", "musl", "1.2.4-r2", "x86_64", "musl", "MIT", "Natanael Copa <n@example.org>"},
    };
    EXPECT_EQ(packages, expected);
}

class ReadPackagesTest : public ::testing::Test {
  protected:
    void write(const std::string& path, const std::string& text) {
        const auto full = root_.path() / path;
        std::filesystem::create_directories(full.parent_path());
        std::ofstream{full} << text;
    }

    PackageList read() {
        const os::GuestRoot guest{root_.path()};
        return read_packages(guest, root_.path(), {}, Deadline::after(std::chrono::seconds{20}));
    }

    os::TempDir root_ = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-inspect");
};

TEST_F(ReadPackagesTest, StatusFolderOfImagesWithoutDpkgIsReadToo) {
    write("var/lib/dpkg/status", "Package: a\nVersion: 1\nStatus: install ok installed\n");
    write("var/lib/dpkg/status.d/base", "Package: b\nVersion: 2\nArchitecture: amd64\n");
    write("var/lib/dpkg/status.d/base.md5sums", "Package: not-this\nVersion: 1\n");
    const auto list = read();
    ASSERT_EQ(list.packages.size(), 2U);
    EXPECT_EQ(list.packages[0].name, "a");
    EXPECT_EQ(list.packages[1].name, "b");
    EXPECT_TRUE(list.notes.empty());
}

TEST_F(ReadPackagesTest, MergedLibFolderListsApkPackagesOnce) {
    write("usr/lib/apk/db/installed", "P:musl\nV:1\nA:x86_64\n");
    std::filesystem::create_directory_symlink("usr/lib", root_.path() / "lib");
    EXPECT_EQ(read().packages.size(), 1U);
}

TEST_F(ReadPackagesTest, RpmDatabaseOnAHostWithoutRpmIsSaid) {
    if (os::TempDir empty = os::TempDir::unique(root_.path(), "path"); true) {
        write("var/lib/rpm/rpmdb.sqlite", "");
        const std::string before = ::getenv("PATH");
        ::setenv("PATH", empty.path().c_str(), 1);
        const auto list = read();
        ::setenv("PATH", before.c_str(), 1);
        ASSERT_EQ(list.notes.size(), 1U);
        EXPECT_NE(list.notes[0].find("/var/lib/rpm"), std::string::npos);
        EXPECT_NE(list.notes[0].find("rpm is not installed on this host"), std::string::npos);
    }
}

TEST_F(ReadPackagesTest, RootWithoutAnyDatabaseHasNoPackages) {
    const auto list = read();
    EXPECT_TRUE(list.packages.empty());
    EXPECT_TRUE(list.notes.empty());
}

}  // namespace
}  // namespace kiln::inspect
