#include "inspect/sbom.hpp"

#include "inspect/purl.hpp"

#include <regex>
#include <set>

#include <gtest/gtest.h>

namespace kiln::inspect {
namespace {

const OsRelease kDebian{"debian", "12", "bookworm", "Debian GNU/Linux 12 (bookworm)"};

SbomSubject subject() {
    return {
        "ami-0123456789abcdef0",
        "web@main@42",
        "x86_64",
        kDebian,
        parse_time("2026-01-02T03:04:05.678Z"),
        "kiln-0.1.0",
    };
}

Packages two() {
    return {
        {"dpkg", "libstdc++6", "12.2.0-14", "amd64", "gcc-12", "", "Debian GCC <gcc@example.org>"},
        {"apk", "musl", "1.2.4-r2", "x86_64", "musl", "MIT", ""},
    };
}

std::string text(const json::object& object, std::string_view key) {
    return std::string{object.at(key).as_string()};
}

// The required fields of SPDX 2.3: clauses 6.1 to 6.9, 7.1 to 7.9, 11.1.
TEST(SpdxTest, DocumentHasEveryRequiredField) {
    const auto document = spdx_document(subject(), two());
    EXPECT_EQ(text(document, "spdxVersion"), "SPDX-2.3");
    EXPECT_EQ(text(document, "dataLicense"), "CC0-1.0");
    EXPECT_EQ(text(document, "SPDXID"), "SPDXRef-DOCUMENT");
    EXPECT_EQ(text(document, "name"), "web@main@42");
    const auto space = text(document, "documentNamespace");
    EXPECT_NE(space.find("ami-0123456789abcdef0"), std::string::npos);
    EXPECT_EQ(space.find('#'), std::string::npos);
    const auto& creation = document.at("creationInfo").as_object();
    EXPECT_EQ(text(creation, "created"), "2026-01-02T03:04:05Z");
    EXPECT_EQ(creation.at("creators"), (json::array{"Tool: kiln-0.1.0"}));
}

TEST(SpdxTest, EveryPackageHasEveryRequiredFieldAndAnIdOfItsOwn) {
    const auto document = spdx_document(subject(), two());
    const std::regex id{"SPDXRef-[A-Za-z0-9.-]+"};
    std::set<std::string> ids;
    for (const auto& value : document.at("packages").as_array()) {
        const auto& package = value.as_object();
        EXPECT_TRUE(std::regex_match(text(package, "SPDXID"), id)) << text(package, "SPDXID");
        ids.insert(text(package, "SPDXID"));
        EXPECT_FALSE(text(package, "name").empty());
        EXPECT_EQ(text(package, "downloadLocation"), "NOASSERTION");
        EXPECT_FALSE(package.at("filesAnalyzed").as_bool());
        for (const auto* key : {"licenseConcluded", "licenseDeclared", "copyrightText"}) {
            EXPECT_FALSE(text(package, key).empty()) << key;
        }
    }
    EXPECT_EQ(ids.size(), 3U);
}

TEST(SpdxTest, NamesThatDifferOnlyInForbiddenCharactersStayApart) {
    const auto document = spdx_document(
        subject(),
        {{"dpkg", "a+b", "1", "all", "a", "", ""}, {"dpkg", "a_b", "1", "all", "a", "", ""}}
    );
    const auto& packages = document.at("packages").as_array();
    EXPECT_NE(packages[1].at("SPDXID"), packages[2].at("SPDXID"));
}

TEST(SpdxTest, DocumentDescribesTheImageAndTheImageContainsEachPackage) {
    const auto document = spdx_document(subject(), two());
    const auto& packages = document.at("packages").as_array();
    std::set<std::string> contained;
    std::size_t described = 0;
    for (const auto& value : document.at("relationships").as_array()) {
        const auto& relation = value.as_object();
        if (text(relation, "relationshipType") == "DESCRIBES") {
            EXPECT_EQ(text(relation, "spdxElementId"), "SPDXRef-DOCUMENT");
            EXPECT_EQ(relation.at("relatedSpdxElement"), packages[0].at("SPDXID"));
            ++described;
        } else {
            EXPECT_EQ(text(relation, "relationshipType"), "CONTAINS");
            contained.insert(text(relation, "relatedSpdxElement"));
        }
    }
    EXPECT_EQ(described, 1U);
    const std::set<std::string> expected{
        text(packages[1].as_object(), "SPDXID"), text(packages[2].as_object(), "SPDXID")};
    EXPECT_EQ(contained, expected);
}

TEST(SpdxTest, SameInputGivesTheSameDocumentAndOtherPackagesAnotherNamespace) {
    EXPECT_EQ(spdx_document(subject(), two()), spdx_document(subject(), two()));
    EXPECT_NE(
        spdx_document(subject(), two()).at("documentNamespace"),
        spdx_document(subject(), {}).at("documentNamespace")
    );
}

TEST(SpdxTest, MaintainerIsTheSupplier) {
    const auto document = spdx_document(subject(), two());
    const auto& packages = document.at("packages").as_array();
    EXPECT_EQ(packages[1].at("supplier").as_string(), "Organization: Debian GCC (gcc@example.org)");
    EXPECT_EQ(packages[2].at("supplier").as_string(), "NOASSERTION");
}

struct PurlCase {
    const char* name;
    Package package;
    OsRelease release;
    const char* expected;
};

class PurlTest : public ::testing::TestWithParam<PurlCase> {};

TEST_P(PurlTest, IsInItsTypesForm) {
    EXPECT_EQ(package_url(GetParam().package, GetParam().release), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Types,
    PurlTest,
    ::testing::Values(
        PurlCase{
            "Deb",
            {"dpkg", "libstdc++6", "12.2.0-14", "amd64", "", "", ""},
            kDebian,
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12"},
        PurlCase{
            "DebKeepsItsEpoch",
            {"dpkg", "zlib1g", "1:1.2~a", "amd64", "", "", ""},
            kDebian,
            "pkg:deb/debian/zlib1g@1:1.2~a?arch=amd64&distro=debian-12"},
        PurlCase{
            "RpmHasTheEpochApart",
            {"rpm", "DBus-libs", "1:1.12-7", "x86_64", "", "", ""},
            {"fedora", "40", "", ""},
            "pkg:rpm/fedora/DBus-libs@1.12-7?arch=x86_64&distro=fedora-40&epoch=1"},
        PurlCase{
            "NoVersionOfTheSystem",
            {"apk", "musl", "1-r2", "", "", "", ""},
            {"alpine", "", "", ""},
            "pkg:apk/alpine/musl@1-r2"}
    ),
    [](const auto& row) { return row.param.name; }
);

struct LicenseCase {
    const char* name;
    const char* declared;
    bool kept;
};

class LicenseTest : public ::testing::TestWithParam<LicenseCase> {};

TEST_P(LicenseTest, OnlyExpressionsOfKnownWordsAreClaimed) {
    EXPECT_EQ(
        spdx_license(GetParam().declared), GetParam().kept ? GetParam().declared : "NOASSERTION"
    );
}

INSTANTIATE_TEST_SUITE_P(
    Declared,
    LicenseTest,
    ::testing::Values(
        LicenseCase{"One", "MIT", true},
        LicenseCase{"Compound", "(GPL-2.0-only OR MIT) AND Zlib", true},
        LicenseCase{"Exception", "GPL-2.0-only WITH Linux-syscall-note", true},
        LicenseCase{"OldWord", "GPLv2+", false},
        LicenseCase{"Empty", "", false},
        LicenseCase{"OpenParenthesis", "(MIT AND Zlib", false},
        LicenseCase{"TwoWithoutAnOperator", "MIT Zlib", false},
        LicenseCase{"DanglingOperator", "MIT AND", false},
        LicenseCase{"UnknownException", "MIT WITH nothing", false}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace
}  // namespace kiln::inspect
