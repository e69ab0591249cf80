#include "base/testing/kind_of.hpp"
#include "images/compare.hpp"
#include "images/documents.hpp"
#include "images/export_oci.hpp"
#include "images/import.hpp"

#include <gtest/gtest.h>

namespace kiln::images {
namespace {

ports::Image image() {
    ports::Image image;
    image.id = ImageId::trusted("ami-00000000000000002");
    image.name = "web";
    image.architecture = "x86_64";
    image.created = parse_time("2026-01-01T00:00:00Z");
    image.bake_key = "key";
    return image;
}

TEST(ProvenanceFactsTest, BakeGivesParentAndBootstrapAsDependencies) {
    ports::BakeRecord bake;
    bake.id = BakeId::trusted("bake-00000000000000001");
    bake.parent = ImageId::trusted("ami-00000000000000001");
    bake.request = parse_json(
        R"({"bootstrap": {"source": "https://user:hunter2@example.org/web.tar?key=hunter3"}})"
    );
    bake.result = parse_json(R"({"bootstrap_content": "cc"})");
    const auto facts = provenance_facts(image(), bake, "aa", "bb", {"urn:builder", "0.1.0"});
    EXPECT_EQ(facts.subject.name, "ami-00000000000000002");
    EXPECT_EQ(facts.subject.digest.at("sha256"), "aa");
    ASSERT_EQ(facts.dependencies.size(), 2U);
    EXPECT_EQ(facts.dependencies[0].uri, "kiln:image/ami-00000000000000001");
    EXPECT_EQ(facts.dependencies[0].digest.at("sha256"), "bb");
    EXPECT_EQ(facts.dependencies[1].uri, "https://example.org/web.tar");
    EXPECT_EQ(facts.dependencies[1].digest.at("sha256"), "cc");
}

TEST(ProvenanceFactsTest, ImportedImageHasNoBake) {
    const auto facts = provenance_facts(image(), std::nullopt, "aa", std::nullopt, {"urn:b", "0"});
    EXPECT_TRUE(facts.dependencies.empty());
    EXPECT_FALSE(facts.started);
}

ImageDiff diff() {
    ImageDiff diff;
    diff.first = ImageId::trusted("ami-00000000000000001");
    diff.second = ImageId::trusted("ami-00000000000000002");
    diff.packages =
        inspect::PackageDiff{{{"dpkg", "nginx", "1.22", "amd64", "nginx", "", ""}}, {}, {}};
    using inspect::Aspect;
    diff.files = std::vector<inspect::FileChange>{
        {"/etc/nginx", {Aspect::added}},
        {"/etc/old", {Aspect::removed}},
        {"/etc/passwd", {Aspect::content, Aspect::mode}},
    };
    diff.stats.compared = 10;
    return diff;
}

TEST(ImageDiffTest, TextShowsPackagesThenFiles) {
    EXPECT_EQ(
        render(diff(), 100),
        "packages: 1 added, 0 removed, 0 changed\n"
        "+ nginx:amd64  1.22\n"
        "\n"
        "files: 3 differ, 10 compared\n"
        "+ /etc/nginx\n"
        "- /etc/old\n"
        "~ /etc/passwd  (content, mode)\n"
    );
}

TEST(ImageDiffTest, FilesBeyondTheLimitAreCounted) {
    EXPECT_NE(render(diff(), 1).find("… and 2 more"), std::string::npos);
}

TEST(ImageDiffTest, WhatWasNotAskedForIsNotSaid) {
    auto only = diff();
    only.files.reset();
    EXPECT_EQ(render(only, 9).find("files:"), std::string::npos);
    EXPECT_FALSE(to_json(only).contains("files"));
    EXPECT_TRUE(to_json(diff()).contains("files"));
}

TEST(OciExportTest, ManifestPointsAtItsBlobsAndPlatform) {
    const Blob blob{"sha256:aa", 7};
    const auto manifest = oci_manifest(image(), blob, {"sha256:bb", 9});
    EXPECT_EQ(manifest.at("schemaVersion").as_int64(), 2);
    EXPECT_EQ(manifest.at("config").at("digest").as_string(), "sha256:aa");
    EXPECT_EQ(manifest.at("layers").as_array().at(0).at("size").to_number<int>(), 9);
    const auto index = oci_index(image(), blob);
    EXPECT_EQ(
        index.at("manifests").as_array().at(0).at("platform").at("architecture").as_string(),
        "amd64"
    );
    const auto config = oci_config(image(), {"debian", "12", "", ""}, "sha256:cc");
    EXPECT_EQ(config.at("rootfs").at("diff_ids"), (json::array{"sha256:cc"}));
    EXPECT_EQ(config.at("architecture").as_string(), "amd64");
}

struct RequestCase {
    const char* name;
    std::function<void(ImportRequest&)> spoil;
    const char* where;
};

class ImportRequestTest : public ::testing::TestWithParam<RequestCase> {};

TEST_P(ImportRequestTest, WrongFieldIsNamed) {
    ImportRequest request;
    request.name = "base";
    ASSERT_TRUE(problems_of(request).empty());
    GetParam().spoil(request);
    const auto problems = problems_of(request);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_TRUE(problems[0].where.starts_with(GetParam().where)) << problems[0].where;
}

INSTANTIATE_TEST_SUITE_P(
    Requests,
    ImportRequestTest,
    ::testing::Values(
        RequestCase{"ShortName", [](auto& r) { r.name = "ab"; }, "name"},
        RequestCase{"Architecture", [](auto& r) { r.architecture = "amd64"; }, "architecture"},
        RequestCase{"SizeZero", [](auto& r) { r.size = Bytes{0}; }, "size"},
        RequestCase{"SizeHuge", [](auto& r) { r.size = Bytes{std::uint64_t{1} << 62}; }, "size"},
        RequestCase{"Checksum", [](auto& r) { r.sha256 = "abc"; }, "sha256"},
        RequestCase{"Tag", [](auto& r) { r.tags["aws:x"] = "y"; }, "tags"}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace
}  // namespace kiln::images
