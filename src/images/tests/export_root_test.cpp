#include "base/error.hpp"
#include "base/sha256.hpp"
#include "base/testing/kind_of.hpp"
#include "images/compare.hpp"
#include "images/documents.hpp"
#include "images/export_place.hpp"
#include "images/tests/image_world.hpp"
#include "inspect/dsse.hpp"

namespace kiln::images {
namespace {

using testing::ImageTest;
using testing::run;
namespace fs = std::filesystem;

class ExportTest : public ImageTest {
  protected:
    void SetUp() override {
        ImageTest::SetUp();
        if (!IsSkipped()) {
            image_ = import(pack(tree(), "root.tar"));
            fs::create_directory(out());
        }
    }

    [[nodiscard]] fs::path out() const { return world_.folder() / "out"; }

    fs::path save(const std::string& name, Overwrite overwrite = Overwrite::no) {
        ExportRequest request;
        request.image = image_.id;
        request.target = out() / name;
        std::tie(request.format, request.compression) = format_of_name(name);
        request.overwrite = overwrite;
        return export_image(task(), request).target;
    }

    [[nodiscard]] std::vector<std::string> files_out() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator{out()}) {
            names.push_back(entry.path().filename());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    ports::Image image_;
};

TEST_F(ExportTest, EveryFormatComesBackAsTheSameImage) {
    for (const std::string name :
         {"a.raw",
          "a.qcow2",
          "a.vmdk",
          "a.vhdx",
          "a.tar",
          "a.tar.gz",
          "a.tar.zst",
          "a.oci.tar",
          "a.oci"}) {
        const auto again = import(save(name), "again-" + name);
        const auto diff = diff_images(task(), image_.id, again.id, {});
        EXPECT_TRUE(diff.empty()) << name << "\n" << render(diff, 20);
        EXPECT_EQ(again.architecture, "x86_64") << name;
    }
    EXPECT_EQ(files_out().size(), 9U);
    EXPECT_TRUE(cloud_.volumes.describe({}).empty());
    EXPECT_FALSE(owes(ports::ResourceKind::folder));
}

TEST_F(ExportTest, LayoutWithAChangedBlobIsRefused) {
    const auto layout = save("a.oci");
    for (const auto& blob : fs::directory_iterator{layout / "blobs/sha256"}) {
        auto bytes = os::read_file(blob.path());
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
        os::write_file_durably(blob.path(), bytes);
        const auto message = message_of([&] { (void)import(layout, "tampered"); });
        EXPECT_NE(message.find("other bytes than its digest"), std::string::npos) << message;
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
        os::write_file_durably(blob.path(), bytes);
    }
    EXPECT_EQ(import(layout, "whole").architecture, "x86_64");
}

TEST_F(ExportTest, RawIsSparse) {
    const auto raw = save("a.raw");
    EXPECT_EQ(fs::file_size(raw), image_.size.count);
    EXPECT_LT(os::allocated_size(raw).count, image_.size.count / 8);
}

TEST_F(ExportTest, TarAndOciAreDeterministic) {
    for (const std::string suffix : {".tar.gz", ".oci.tar"}) {
        const auto first = os::read_file(save("a" + suffix));
        const auto second = os::read_file(save("b" + suffix));
        EXPECT_EQ(sha256(first), sha256(second)) << suffix;
    }
}

TEST_F(ExportTest, ExistingTargetIsKeptUnlessAskedFor) {
    write(out() / "a.tar", "precious");
    EXPECT_EQ(kind_of([&] { (void)save("a.tar"); }), ErrorKind::conflict);
    EXPECT_EQ(os::read_file(out() / "a.tar"), "precious");
    (void)save("a.tar", Overwrite::yes);
    EXPECT_NE(os::read_file(out() / "a.tar").substr(0, 8), "precious");
    EXPECT_EQ(files_out(), std::vector<std::string>{"a.tar"});
}

TEST_F(ExportTest, FolderIsReplacedWhole) {
    write(out() / "a.oci/stale", "x");
    (void)save("a.oci", Overwrite::yes);
    EXPECT_FALSE(fs::exists(out() / "a.oci/stale"));
    EXPECT_TRUE(fs::exists(out() / "a.oci/index.json"));
    EXPECT_EQ(files_out(), std::vector<std::string>{"a.oci"});
}

TEST_F(ExportTest, StopLeavesNothingBesideTheTarget) {
    auto stopping = task();
    stopping.progress = [&](std::string_view phase, Bytes, Bytes) {
        if (phase == "pack") {
            stop_.request_stop();
        }
    };
    ExportRequest request;
    request.image = image_.id;
    request.target = out() / "a.tar";
    request.format = ExportFormat::tar;
    EXPECT_EQ(kind_of([&] { (void)export_image(stopping, request); }), ErrorKind::cancelled);
    EXPECT_TRUE(files_out().empty());
    EXPECT_TRUE(cloud_.volumes.describe({}).empty());
}

TEST_F(ExportTest, UnfinishedExportIsInTheLedgerForTheSweeper) {
    const auto work = task();
    const ExportPlace place{work, out() / "a.tar", Overwrite::no};
    write(place.path(), "half");
    const auto entries = world_.ledger().entries();
    const auto folder = place.path().parent_path().string();
    EXPECT_TRUE(std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
        return entry.resource == ports::Resource{ports::ResourceKind::folder, folder};
    }));
    EXPECT_EQ(fs::path{folder}.parent_path(), out());
}

TEST_F(ExportTest, TargetThatAppearsMeanwhileIsNotOverwritten) {
    const auto work = task();
    ExportPlace place{work, out() / "a.tar", Overwrite::no};
    write(place.path(), "ours");
    write(out() / "a.tar", "theirs");
    EXPECT_EQ(kind_of([&] { place.commit(); }), ErrorKind::conflict);
    EXPECT_EQ(os::read_file(out() / "a.tar"), "theirs");
}

TEST_F(ExportTest, UnknownImageIsNotFound) {
    image_.id = ImageId::random();
    EXPECT_EQ(kind_of([&] { (void)save("a.tar"); }), ErrorKind::not_found);
}

TEST_F(ExportTest, DiffNamesWhatChanged) {
    write(tree() / "etc/hostname", "other\n");
    write(
        tree() / "var/lib/dpkg/status",
        "Package: base\nVersion: 2\nArchitecture: amd64\nStatus: install ok installed\n"
    );
    write(tree() / "var/log/noise", "x");
    const auto other = import(pack(tree(), "other.tar"), "other");
    const auto diff = diff_images(task(), image_.id, other.id, {});
    EXPECT_EQ(
        render(diff, 9),
        "packages: 0 added, 0 removed, 1 changed\n"
        "~ base:amd64  1 -> 2\n"
        "\n"
        "files: 4 differ, 12 compared\n"
        "~ /etc/hostname  (size)\n"
        "~ /var/lib/dpkg/status  (content)\n"
        "+ /var/log\n"
        "+ /var/log/noise\n"
    );
    const auto verification = verify_images(task(), image_.id, other.id);
    EXPECT_GT(verification.ignored, 0U);
    for (const auto& change : verification.differing) {
        EXPECT_NE(change.path, "/var/log/noise");
    }
}

TEST_F(ExportTest, SbomListsThePackages) {
    const auto sbom = image_sbom(task(), image_.id, parse_time("2026-01-01T00:00:00Z"), "kiln-0");
    const auto& packages = sbom.document.at("packages").as_array();
    ASSERT_EQ(packages.size(), 2U);
    EXPECT_EQ(packages[1].at("name").as_string(), "base");
}

TEST_F(ExportTest, SignedProvenanceHoldsTheDigestOfTheExportedTar) {
    const auto key = world_.folder() / "key.pem";
    run({"openssl", "genpkey", "-algorithm", "ed25519", "-out", key.string()});
    fs::permissions(key, fs::perms{0600});
    const auto envelope =
        image_provenance(task(), image_.id, std::nullopt, {"urn:builder", "0.1.0"}, key);
    const auto statement = inspect::verify_envelope(envelope, inspect::Key::load_private(key));
    EXPECT_EQ(
        statement.at("subject").as_array().at(0).at("digest").at("sha256").as_string(),
        sha256(os::read_file(save("a.tar")))
    );
}

}  // namespace
}  // namespace kiln::images
