#include "inspect/package.hpp"

#include <gtest/gtest.h>

namespace kiln::inspect {
namespace {

Package package(std::string name, std::string version, std::string architecture = "amd64") {
    return {"dpkg", name, std::move(version), std::move(architecture), name, "", ""};
}

Packages sorted(Packages packages) {
    sort_packages(packages);
    return packages;
}

TEST(PackageDiffTest, EqualListsDifferInNothing) {
    const auto list = sorted({package("a", "1"), package("b", "2")});
    EXPECT_TRUE(diff_packages(list, list).empty());
    EXPECT_EQ(render(diff_packages(list, list)), "");
}

TEST(PackageDiffTest, AddedRemovedAndChangedAreToldApart) {
    const auto before =
        sorted({package("bash", "5.1"), package("gone", "1"), package("same", "1")});
    const auto after = sorted({package("bash", "5.2"), package("new", "3"), package("same", "1")});
    const auto diff = diff_packages(before, after);
    EXPECT_EQ(diff.added, Packages{package("new", "3")});
    EXPECT_EQ(diff.removed, Packages{package("gone", "1")});
    const std::vector<PackageChange> changed{{package("bash", "5.1"), package("bash", "5.2")}};
    EXPECT_EQ(diff.changed, changed);
}

TEST(PackageDiffTest, AnotherArchitectureOfAPackageIsAnotherPackage) {
    const auto before = sorted({package("libc6", "2")});
    const auto after = sorted({package("libc6", "2"), package("libc6", "2", "i386")});
    const auto diff = diff_packages(before, after);
    EXPECT_EQ(diff.added, Packages{package("libc6", "2", "i386")});
    EXPECT_TRUE(diff.removed.empty());
    EXPECT_TRUE(diff.changed.empty());
}

TEST(PackageDiffTest, OneMoreVersionBesideTheOldIsAddedNotChanged) {
    const auto before = sorted({package("kernel", "5"), package("kernel", "6")});
    const auto after =
        sorted({package("kernel", "6"), package("kernel", "7"), package("kernel", "8")});
    const auto diff = diff_packages(before, after);
    EXPECT_EQ(diff.removed, Packages{package("kernel", "5")});
    EXPECT_EQ(diff.added, sorted({package("kernel", "7"), package("kernel", "8")}));
    EXPECT_TRUE(diff.changed.empty());
}

TEST(PackageDiffTest, TableIsSortedByNameWithItsSigns) {
    const auto before = sorted({package("bash", "5.1"), package("zip", "1")});
    const auto after = sorted({package("bash", "5.2"), package("nginx", "1.22")});
    EXPECT_EQ(
        render(diff_packages(before, after)),
        "~ bash:amd64   5.1 -> 5.2\n"
        "+ nginx:amd64  1.22\n"
        "- zip:amd64    1\n"
    );
}

TEST(PackageDiffTest, JsonNamesOldAndNewVersion) {
    const auto diff = diff_packages({package("bash", "5.1")}, {package("bash", "5.2")});
    const auto changed = to_json(diff).at("changed").as_array();
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].at("before").as_string(), "5.1");
    EXPECT_EQ(changed[0].at("after").as_string(), "5.2");
}

TEST(PackageJsonTest, UnknownLicenseIsNull) {
    EXPECT_TRUE(to_json(package("bash", "5.1")).at("license").is_null());
}

}  // namespace
}  // namespace kiln::inspect
