#include "inspect/os_release.hpp"

#include "os/files.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace kiln::inspect {
namespace {

TEST(OsReleaseTest, QuotesAndEscapesAreUndone) {
    const auto release = parse_os_release(
        "# comment ID=no\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID='12'\n"
        "VERSION_CODENAME=book\\worm\r\nID=debian\nnot an assignment\n"
    );
    const OsRelease expected{"debian", "12", "bookworm", "Debian GNU/Linux 12 (bookworm)"};
    EXPECT_EQ(release, expected);
}

TEST(OsReleaseTest, EmptyFileIsLinux) {
    const OsRelease expected{"linux", "", "", "Linux"};
    EXPECT_EQ(parse_os_release(""), expected);
}

TEST(OsReleaseTest, NameStandsInForThePrettyName) {
    EXPECT_EQ(parse_os_release("NAME=Void\n").pretty_name, "Void");
}

std::string elf(unsigned char wide, unsigned char order, unsigned char low, unsigned char high) {
    std::string head =
        "\x7f"
        "ELF";
    head += static_cast<char>(wide);
    head += static_cast<char>(order);
    head.resize(18, '\0');
    head += static_cast<char>(low);
    head += static_cast<char>(high);
    return head;
}

struct ElfCase {
    const char* name;
    std::string head;
    std::optional<std::string> expected;
};

class ElfTest : public ::testing::TestWithParam<ElfCase> {};

TEST_P(ElfTest, MachineIsNamedInEc2Words) {
    EXPECT_EQ(elf_architecture(GetParam().head), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Machines,
    ElfTest,
    ::testing::Values(
        ElfCase{"Amd64", elf(2, 1, 62, 0), "x86_64"},
        ElfCase{"Aarch64", elf(2, 1, 183, 0), "arm64"},
        ElfCase{"I386", elf(1, 1, 3, 0), "i386"},
        ElfCase{"S390BigEndian", elf(2, 2, 0, 22), "s390x"},
        ElfCase{"Riscv64", elf(2, 1, 243, 0), "riscv64"},
        ElfCase{"Riscv32", elf(1, 1, 243, 0), std::nullopt},
        ElfCase{"Unknown", elf(2, 1, 62, 62), std::nullopt},
        ElfCase{"CutShort", elf(2, 1, 62, 0).substr(0, 19), std::nullopt},
        ElfCase{"Script", "#!/bin/bash\necho aaaaaaaaaaaa", std::nullopt}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(ArchitectureTest, ForeignWordsAreTranslated) {
    EXPECT_EQ(architecture_word("amd64"), "x86_64");
    EXPECT_EQ(architecture_word("aarch64"), "arm64");
    EXPECT_EQ(architecture_word("vax"), std::nullopt);
}

class GuestTest : public ::testing::Test {
  protected:
    void write(const std::string& path, const std::string& text) {
        const auto full = root_.path() / path;
        std::filesystem::create_directories(full.parent_path());
        std::ofstream{full} << text;
    }

    os::TempDir root_ = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-inspect");
};

TEST_F(GuestTest, ShellBehindAnAbsoluteLinkIsFoundInsideTheRoot) {
    write("usr/bin/dash", elf(2, 1, 183, 0));
    std::filesystem::create_directories(root_.path() / "bin");
    std::filesystem::create_symlink("/usr/bin/dash", root_.path() / "bin/sh");
    EXPECT_EQ(read_architecture(os::GuestRoot{root_.path()}), "arm64");
}

TEST_F(GuestTest, WithoutProgramsDpkgDecides) {
    write(
        "var/lib/dpkg/status",
        "Package: a\nVersion: 1\nArchitecture: all\nStatus: install ok installed\n\n"
        "Package: b\nVersion: 1\nArchitecture: arm64\nStatus: install ok installed\n"
    );
    EXPECT_EQ(read_architecture(os::GuestRoot{root_.path()}), "arm64");
}

TEST_F(GuestTest, EmptyRootHasNoArchitecture) {
    EXPECT_EQ(read_architecture(os::GuestRoot{root_.path()}), std::nullopt);
    EXPECT_EQ(read_os_release(os::GuestRoot{root_.path()}), std::nullopt);
}

TEST_F(GuestTest, UsrLibOsReleaseIsTheFallback) {
    write("usr/lib/os-release", "ID=alpine\n");
    const auto release = read_os_release(os::GuestRoot{root_.path()});
    ASSERT_TRUE(release);
    EXPECT_EQ(release->id, "alpine");
}

}  // namespace
}  // namespace kiln::inspect
