#include "archive/archive.hpp"
#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "images/container_layers.hpp"
#include "images/oci_layout.hpp"
#include "images/tar_scan.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include <fcntl.h>

namespace kiln::images {
namespace {

namespace fs = std::filesystem;
using namespace kiln::literals;

const std::string kHex(64, 'a');
const std::string kDigest = "sha256:" + kHex;

TEST(DigestTest, OnlySha256NamesABlob) {
    EXPECT_EQ(blob_path(kDigest), "blobs/sha256/" + kHex);
    for (const std::string bad : {"", "sha256:", "sha256:../../../etc/passwd", "sha512:aa"}) {
        EXPECT_EQ(kind_of([&] { (void)blob_path(bad); }), ErrorKind::invalid) << bad;
    }
    EXPECT_EQ(
        kind_of([&] { (void)blob_path("sha256:" + std::string(64, 'A')); }), ErrorKind::invalid
    );
}

Descriptor manifest(std::string os, std::string architecture, std::string reference = "") {
    return {
        "application/vnd.oci.image.manifest.v1+json",
        kDigest,
        1,
        std::move(architecture),
        std::move(os),
        std::move(reference)};
}

TEST(ChooseManifestTest, OnlyOneIsTakenWhateverItsPlatform) {
    EXPECT_EQ(choose_manifest({manifest("", "")}, "", "x86_64").digest, kDigest);
    EXPECT_EQ(choose_manifest({manifest("linux", "arm64")}, "", "x86_64").architecture, "arm64");
}

TEST(ChooseManifestTest, PlatformDecidesBetweenSeveral) {
    const std::vector<Descriptor> all{
        manifest("linux", "amd64"),
        manifest("linux", "arm64"),
        manifest("windows", "amd64"),
        manifest("unknown", "unknown")};
    EXPECT_EQ(choose_manifest(all, "", "x86_64").architecture, "amd64");
    EXPECT_EQ(choose_manifest(all, "", "arm64").architecture, "arm64");
}

TEST(ChooseManifestTest, ReferenceDecidesBetweenSeveral) {
    const std::vector<Descriptor> all{manifest("", "", "a"), manifest("", "", "b")};
    EXPECT_EQ(choose_manifest(all, "b", "x86_64").reference, "b");
    EXPECT_EQ(kind_of([&] { (void)choose_manifest(all, "", "x86_64"); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)choose_manifest(all, "c", "x86_64"); }), ErrorKind::invalid);
}

TEST(ManifestTest, LayerThatIsNoTarIsRefused) {
    const auto text = fmt::format(
        R"({{"config": {{"digest": "{0}", "size": 1}},
            "layers": [{{"mediaType": "application/wasm", "digest": "{0}", "size": 1}}]}})",
        kDigest
    );
    EXPECT_EQ(kind_of([&] { (void)parse_manifest(parse_json(text)); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)parse_manifest(parse_json("[]")); }), ErrorKind::invalid);
}

struct WhiteoutCase {
    const char* name;
    const char* member;
    Whiteout::Kind kind;
    const char* path;
};

class WhiteoutTest : public ::testing::TestWithParam<WhiteoutCase> {};

TEST_P(WhiteoutTest, IsToldByTheName) {
    const auto whiteout = whiteout_of(GetParam().member);
    EXPECT_EQ(whiteout.kind, GetParam().kind);
    EXPECT_EQ(whiteout.path, GetParam().path);
}

INSTANTIATE_TEST_SUITE_P(
    Members,
    WhiteoutTest,
    ::testing::Values(
        WhiteoutCase{"Ordinary", "etc/hosts", Whiteout::Kind::none, ""},
        WhiteoutCase{"Entry", "etc/.wh.hosts", Whiteout::Kind::entry, "etc/hosts"},
        WhiteoutCase{"EntryAtTheTop", ".wh.etc", Whiteout::Kind::entry, "etc"},
        WhiteoutCase{"Opaque", "etc/.wh..wh..opq", Whiteout::Kind::opaque, "etc"},
        WhiteoutCase{"OpaqueTop", ".wh..wh..opq", Whiteout::Kind::opaque, ""},
        WhiteoutCase{"Bookkeeping", ".wh..wh.plnk", Whiteout::Kind::marker, ""},
        WhiteoutCase{"Parent", "a/.wh...", Whiteout::Kind::marker, ""},
        WhiteoutCase{"PrefixInside", "a.wh.b", Whiteout::Kind::none, ""}
    ),
    [](const auto& row) { return row.param.name; }
);

class LayerTest : public ::testing::Test {
  protected:
    void SetUp() override {
        fs::create_directory(layer());
        fs::create_directory(root());
    }

    fs::path layer() const { return folder_.path() / "layer"; }

    fs::path root() const { return folder_.path() / "root"; }

    static void write(const fs::path& path, std::string_view text) {
        fs::create_directories(path.parent_path());
        std::ofstream{path} << text;
    }

    static std::string read(const fs::path& path) { return os::read_file(path); }

    void apply() {
        const auto tar = folder_.path() / "layer.tar";
        {
            const auto file = os::open_file(tar, O_WRONLY | O_CREAT | O_TRUNC);
            archive::pack(layer(), [&](std::string_view bytes) { os::write_all(file, bytes); }, {});
        }
        apply_layer(tar, root(), {64_MiB, 1000}, {});
    }

    os::TempDir folder_ = os::TempDir::unique(fs::temp_directory_path(), "kiln-images");
};

TEST_F(LayerTest, WhiteoutHidesTheEntryAndLeavesNoTrace) {
    write(root() / "etc/gone/deep", "x");
    write(root() / "etc/kept", "x");
    write(layer() / "etc/.wh.gone", "");
    apply();
    EXPECT_FALSE(fs::exists(root() / "etc/gone"));
    EXPECT_TRUE(fs::exists(root() / "etc/kept"));
    EXPECT_FALSE(fs::exists(root() / "etc/.wh.gone"));
}

TEST_F(LayerTest, WhiteoutHidesTheLowerEntryAndNotThatOfItsOwnLayer) {
    write(root() / "d/old", "x");
    write(layer() / ".wh.d", "");
    write(layer() / "d/new", "y");
    apply();
    EXPECT_FALSE(fs::exists(root() / "d/old"));
    EXPECT_EQ(read(root() / "d/new"), "y");
}

TEST_F(LayerTest, OpaqueFolderKeepsOnlyWhatItsLayerBrings) {
    write(root() / "d/old", "x");
    write(root() / "d/sub/old", "x");
    write(layer() / "d/.wh..wh..opq", "");
    write(layer() / "d/new", "y");
    apply();
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{root() / "d"}) {
        names.push_back(entry.path().filename());
    }
    EXPECT_EQ(names, std::vector<std::string>{"new"});
}

TEST_F(LayerTest, FolderIsReplacedByAFileAndAFileByAFolder) {
    write(root() / "a/inner", "x");
    write(root() / "b", "x");
    write(layer() / "a", "file");
    write(layer() / "b/inner", "folder");
    apply();
    EXPECT_EQ(read(root() / "a"), "file");
    EXPECT_EQ(read(root() / "b/inner"), "folder");
}

TEST_F(LayerTest, WhiteoutThroughALinkDoesNotReachOutOfTheRoot) {
    write(folder_.path() / "outside/precious", "x");
    fs::create_directory_symlink(folder_.path() / "outside", root() / "link");
    write(layer() / "link/.wh.precious", "");
    try {
        apply();
    } catch (const Error&) {
        // Refused or applied inside: either is right.
    }
    EXPECT_TRUE(fs::exists(folder_.path() / "outside/precious"));
}

TEST_F(LayerTest, ScanCountsBlocksEntriesAndTops) {
    write(layer() / "etc/one", std::string(5000, 'x'));
    write(layer() / "usr/two", "y");
    const auto tar = folder_.path() / "layer.tar";
    {
        const auto file = os::open_file(tar, O_WRONLY | O_CREAT);
        archive::pack(layer(), [&](std::string_view bytes) { os::write_all(file, bytes); }, {});
    }
    const auto stats = scan_tar(tar, {});
    EXPECT_EQ(stats.content, Bytes{3 * 4096});
    EXPECT_EQ(stats.entries, 5U);
    EXPECT_EQ(stats.tops, (std::set<std::string>{"etc", "usr"}));
    EXPECT_EQ(tar_kind(stats), TarKind::root);
}

TEST(TarKindTest, MembersAtTheTopDecide) {
    TarStats stats;
    stats.tops = {"oci-layout", "index.json", "blobs", "manifest.json"};
    EXPECT_EQ(tar_kind(stats), TarKind::oci_layout);
    stats.tops = {"manifest.json", "abc.json"};
    EXPECT_EQ(tar_kind(stats), TarKind::docker_archive);
    stats.tops = {"manifest.json", "etc", "usr"};
    EXPECT_EQ(tar_kind(stats), TarKind::root);
}

TEST(DefaultSizeTest, GrowsWithContentAndEntriesInWholeGib) {
    EXPECT_EQ(default_size(100_MiB, 1000), 2_GiB);
    EXPECT_EQ(default_size(2_GiB, 1000), 4_GiB);
    EXPECT_EQ(default_size(100_MiB, 1'000'000), 20_GiB);
    EXPECT_EQ(whole_gib(Bytes{1}), 1_GiB);
    EXPECT_EQ(whole_gib(3_GiB), 3_GiB);
}

}  // namespace
}  // namespace kiln::images
