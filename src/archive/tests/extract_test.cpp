#include "archive/archive.hpp"
#include "archive/member_path.hpp"
#include "archive/tests/tar_builder.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace kiln::archive {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TarBuilder;

constexpr Limits kLimits{.bytes = {1U << 30}, .entries = 1000, .ratio = 1000};

class Extraction : public ::testing::Test {
  protected:
    std::filesystem::path tar() const { return work_.path() / "some.tar"; }

    std::filesystem::path out() const { return work_.path() / "out"; }

    Extracted unpack(const Limits& limits = kLimits, Ownership ownership = Ownership::ours) {
        std::filesystem::create_directory(out());
        return extract(tar(), out(), ownership, limits, std::stop_token{});
    }

    /// The error of unpacking; an empty message when there is none.
    Error failure(const Limits& limits = kLimits) {
        try {
            unpack(limits);
        } catch (const Error& error) {
            return error;
        }
        return Error{ErrorKind::internal, ""};
    }

    std::string content(const std::string& name) const { return os::read_file(out() / name); }

    os::TempDir work_ = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-archive");
};

TEST_F(Extraction, FilesFoldersAndLinksComeOutAsTheyWentIn) {
    TarBuilder{tar()}
        .folder("./")
        .folder("./bin", 0755)
        .file("./bin/run", "#!/bin/sh\n", 0755)
        .symlink("./now", "bin/run")
        .hard_link("./twin", "./bin/run")
        .file("deep/below/without/folders", "x");
    const auto done = unpack();
    EXPECT_EQ(done.entries, 6U);
    EXPECT_EQ(done.bytes.count, 11U);
    EXPECT_EQ(content("bin/run"), "#!/bin/sh\n");
    EXPECT_EQ(std::filesystem::read_symlink(out() / "now"), "bin/run");
    EXPECT_TRUE(std::filesystem::equivalent(out() / "twin", out() / "bin/run"));
    EXPECT_EQ(content("deep/below/without/folders"), "x");

    struct stat status {};

    ASSERT_EQ(::stat((out() / "bin/run").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0755U);
    EXPECT_EQ(status.st_mtim.tv_sec, 1'700'000'000);
    ASSERT_EQ(::stat((out() / "bin").c_str(), &status), 0);
    EXPECT_EQ(status.st_mtim.tv_sec, 1'700'000'000) << "set after the files below were made";
}

class Compression : public Extraction, public ::testing::WithParamInterface<std::string> {};

TEST_P(Compression, IsRecognisedByContent) {
    TarBuilder{tar(), GetParam()}.file("a", std::string(100'000, 'a'));
    EXPECT_EQ(unpack().bytes.count, 100'000U);
    EXPECT_EQ(content("a"), std::string(100'000, 'a'));
}

TEST_P(Compression, CutShortIsRefused) {
    std::string noise;
    for (unsigned i = 0, seed = 1; i < 100'000; ++i) {
        seed = seed * 1103515245 + 12345;
        noise += static_cast<char>(seed >> 16);
    }
    TarBuilder{tar(), GetParam()}.file("a", noise);
    const auto size = std::filesystem::file_size(tar());
    for (const auto kept : {size / 2, size - 600, std::uintmax_t{10}}) {
        std::filesystem::resize_file(tar(), kept);
        const auto error = failure();
        EXPECT_EQ(error.kind(), ErrorKind::invalid) << kept;
        EXPECT_THAT(error.message(), HasSubstr("cut short")) << kept;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Usual,
    Compression,
    ::testing::Values("none", "gzip", "bzip2", "xz", "zstd"),
    [](const auto& row) { return row.param; }
);

TEST_F(Extraction, ArchiveThatStopsBetweenTwoMembersIsCutShort) {
    TarBuilder{tar()}.file("a", "1").file("b", "2");
    std::filesystem::resize_file(tar(), 1024);  // a's header and its one record
    EXPECT_THAT(failure().message(), HasSubstr("cut short"));
    std::filesystem::resize_file(tar(), 0);
    EXPECT_THAT(failure().message(), HasSubstr("not a tar archive"));
}

TEST_F(Extraction, OtherFilesAreNotArchives) {
    std::ofstream{tar()} << "PK\3\4 this is no tar" << std::string(2000, 'x');
    EXPECT_EQ(failure().kind(), ErrorKind::invalid);
    EXPECT_THAT(failure().message(), HasSubstr("not a tar archive"));
}

TEST_F(Extraction, EmptyArchiveIsGood) {
    { const TarBuilder empty{tar()}; }
    EXPECT_EQ(unpack().entries, 0U);
}

struct Escape {
    const char* name;
    std::function<void(TarBuilder&)> build;
    const char* word;
};

class EscapeTest : public Extraction, public ::testing::WithParamInterface<Escape> {};

TEST_P(EscapeTest, IsRefusedByNameAndNothingIsWrittenOutside) {
    const auto outside = work_.path() / "outside";
    std::filesystem::create_directory(outside);
    std::ofstream{outside / "victim"} << "untouched";
    {
        TarBuilder builder{tar()};
        GetParam().build(builder);
    }
    const auto error = failure();
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr(GetParam().word));
    EXPECT_THAT(error.message(), HasSubstr("member '"));
    EXPECT_EQ(os::read_file(outside / "victim"), "untouched");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{outside}, {}), 1);
    EXPECT_FALSE(std::filesystem::exists(work_.path() / "evil"));
}

INSTANTIATE_TEST_SUITE_P(
    Member,
    EscapeTest,
    ::testing::Values(
        Escape{"DotDot", [](auto& tar) { tar.file("../evil", "x"); }, "`..`"},
        Escape{"DotDotInside", [](auto& tar) { tar.file("a/../../evil", "x"); }, "`..`"},
        Escape{"DotDotFolder", [](auto& tar) { tar.folder("a/.."); }, "`..`"},
        Escape{"Absolute", [](auto& tar) { tar.file("/evil", "x"); }, "absolute"},
        Escape{"AbsoluteFolder", [](auto& tar) { tar.folder("//evil"); }, "absolute"},
        Escape{"LinkToNothing", [](auto& tar) { tar.symlink("l", ""); }, "target must have"},
        Escape{
            "ThroughRelativeLink",
            [](auto& tar) { tar.symlink("l", "../outside").file("l/victim", "x"); },
            "goes through 'l'"},
        Escape{
            "ThroughAbsoluteLink",
            [](auto& tar) { tar.symlink("l", "/tmp").file("l/kiln-evil", "x"); },
            "goes through 'l'"},
        Escape{
            "ThroughLinkToLink",
            [](auto& tar) {
                tar.symlink("a", "..").symlink("b", "a").file("b/outside/victim", "x");
            },
            "goes through 'b/outside'"},
        Escape{
            "FolderThroughLink",
            [](auto& tar) { tar.symlink("l", "../outside").folder("l/new"); },
            "goes through 'l'"},
        Escape{
            "LinkThroughLink",
            [](auto& tar) { tar.symlink("l", "../outside").symlink("l/new", "x"); },
            "goes through 'l'"},
        Escape{
            "ThroughFile",
            [](auto& tar) { tar.file("f", "x").file("f/below", "x"); },
            "goes through 'f'"},
        Escape{
            "HardLinkDotDot", [](auto& tar) { tar.hard_link("h", "../outside/victim"); }, "`..`"},
        Escape{
            "HardLinkAbsolute", [](auto& tar) { tar.hard_link("h", "/etc/passwd"); }, "absolute"},
        Escape{
            "HardLinkThroughLink",
            [](auto& tar) {
                tar.symlink("l", "../outside").hard_link("h", "l/victim").file("h", "changed");
            },
            "no file that came before"},
        Escape{
            "HardLinkToNothing",
            [](auto& tar) { tar.hard_link("h", "absent"); },
            "no file that came"},
        Escape{
            "HardLinkToFolder",
            [](auto& tar) { tar.folder("d").hard_link("h", "d"); },
            "no file that came"},
        Escape{"Device", [](auto& tar) { tar.node("null", S_IFCHR); }, "device"},
        Escape{"BlockDevice", [](auto& tar) { tar.node("sda", S_IFBLK); }, "device"},
        Escape{"Fifo", [](auto& tar) { tar.node("pipe", S_IFIFO); }, "device or FIFO"},
        Escape{"FileForTheTop", [](auto& tar) { tar.file("./.", "x"); }, "folder itself"},
        Escape{
            "FileOverFullFolder",
            [](auto& tar) { tar.file("d/x", "1").file("d", "2"); },
            "folder with entries"},
        Escape{
            "NameTooLong",
            [](auto& tar) { tar.file(std::string(300, 'n'), "1"); },
            "File name too long"},
        Escape{
            "PathTooLong",
            [](auto& tar) {
                std::string path = "a";
                for (int i = 0; i < 3000; ++i) {
                    path += "/a";
                }
                tar.file(path, "1");
            },
            "bytes long"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST_F(Extraction, LinkItselfIsReplacedNotFollowed) {
    const auto victim = work_.path() / "victim";
    std::ofstream{victim} << "untouched";
    TarBuilder{tar()}.symlink("l", "../victim").file("l", "mine");
    unpack();
    EXPECT_EQ(os::read_file(victim), "untouched");
    EXPECT_EQ(content("l"), "mine");
    EXPECT_FALSE(std::filesystem::is_symlink(out() / "l"));
}

TEST_F(Extraction, LaterMemberReplacesEarlier) {
    TarBuilder{tar()}
        .file("a", "old")
        .file("a", "new")
        .symlink("d", "/nowhere")
        .folder("d")
        .file("d/x", "in a folder")
        .folder("e")
        .symlink("e", "a");
    unpack();
    EXPECT_EQ(content("a"), "new");
    EXPECT_EQ(content("d/x"), "in a folder");
    EXPECT_TRUE(std::filesystem::is_symlink(out() / "e"));
}

TEST_F(Extraction, ReplacingOneNameLeavesItsHardLinkAlone) {
    TarBuilder{tar()}.file("a", "first").hard_link("b", "a").file("b", "second");
    unpack();
    EXPECT_EQ(content("a"), "first");
    EXPECT_EQ(content("b"), "second");
}

TEST_F(Extraction, SetIdBitsDoNotComeWithABootstrap) {
    TarBuilder{tar()}.file("su", "x", 06755).folder("locked", 0).file("locked/in", "y");
    unpack();

    struct stat status {};

    ASSERT_EQ(::stat((out() / "su").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0755U);
    ASSERT_EQ(::stat((out() / "locked").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700U) << "its owner must be able to clean up";
}

TEST_F(Extraction, NamesAreKeptByteForByte) {
    const std::vector<std::string> names{
        "nfc-\xc3\xa9", "nfd-e\xcc\x81", "latin-\xff\xfe", "line\nbreak", "sp ace"};
    {
        TarBuilder builder{tar()};
        for (const auto& name : names) {
            builder.file(name, name);
        }
    }
    unpack();
    for (const auto& name : names) {
        EXPECT_EQ(content(name), name);
    }
}

TEST_F(Extraction, TooManyBytesAreABomb) {
    TarBuilder{tar()}.zeros("a", 600'000).zeros("b", 600'000);
    const auto error = failure({.bytes = {1'000'000}, .entries = 10});
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("bomb"));
    EXPECT_THAT(error.message(), HasSubstr("member 'b'"));
    EXPECT_FALSE(std::filesystem::exists(out() / "b")) << "refused before it is written";
    EXPECT_EQ(unpack({.bytes = {1'200'000}, .entries = 10}).bytes.count, 1'200'000U);
}

TEST_F(Extraction, TooManyMembersAreABomb) {
    TarBuilder{tar()}.file("a", "").file("b", "").file("c", "");
    EXPECT_THAT(
        failure({.bytes = {1000}, .entries = 2}).message(), HasSubstr("more than 2 members")
    );
    EXPECT_EQ(unpack({.bytes = {1000}, .entries = 3}).entries, 3U);
}

TEST_F(Extraction, TooHighARatioIsABomb) {
    TarBuilder{tar(), "gzip"}.zeros("zeros", 200U << 20);
    const auto error = failure({.bytes = {1U << 30}, .entries = 10, .ratio = 100});
    EXPECT_THAT(error.message(), HasSubstr("more than 100 times its size"));
    EXPECT_LT(std::filesystem::file_size(out() / "zeros"), 200U << 20) << "stopped on the way";
}

TEST_F(Extraction, HoleCountsAsBytes) {
    TarBuilder{tar()}.file("sparse", std::string(4096, 'a'), 0644, [](archive_entry* entry) {
        archive_entry_set_size(entry, 1LL << 40);
        archive_entry_sparse_add_entry(entry, 0, 4096);
    });
    EXPECT_THAT(failure().message(), HasSubstr("bomb"));
}

TEST_F(Extraction, SparseFilesStaySparseAndWhole) {
    TarBuilder{tar()}.file("sparse", std::string(4096, 'a'), 0644, [](archive_entry* entry) {
        archive_entry_set_size(entry, 64 << 20);
        archive_entry_sparse_add_entry(entry, 0, 4096);
    });
    unpack();

    struct stat status {};

    ASSERT_EQ(::stat((out() / "sparse").c_str(), &status), 0);
    EXPECT_EQ(status.st_size, 64 << 20);
    EXPECT_LT(status.st_blocks * 512, 1 << 20);
    EXPECT_EQ(content("sparse").substr(4000, 100), std::string(96, 'a') + std::string(4, '\0'));
}

TEST_F(Extraction, StopsWhenAskedTo) {
    TarBuilder{tar()}.zeros("a", 4 << 20);
    std::filesystem::create_directory(out());
    std::stop_source source;
    try {
        extract(tar(), out(), Ownership::ours, kLimits, source.get_token(), [&](Bytes) {
            source.request_stop();
        });
        FAIL() << "was not cancelled";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    }
}

TEST_F(Extraction, ProgressEndsAtTheArchivesSize) {
    TarBuilder{tar()}.zeros("a", 3 << 20);
    std::filesystem::create_directory(out());
    Bytes last;
    extract(tar(), out(), Ownership::ours, kLimits, {}, [&](Bytes done) {
        EXPECT_GE(done, last);
        last = done;
    });
    EXPECT_EQ(last.count, std::filesystem::file_size(tar()));
}

TEST(MemberPath, IsReducedToItsParts) {
    EXPECT_EQ(member_path("./"), "");
    EXPECT_EQ(member_path("."), "");
    EXPECT_EQ(member_path("./usr//lib/./x/"), "usr/lib/x");
    EXPECT_EQ(member_path("..."), "...");
    EXPECT_EQ(member_path("a..b/..c"), "a..b/..c");
}

TEST(MemberPath, WithANulIsRefused) {
    EXPECT_THROW((void)member_path(std::string_view{"a\0b", 3}), Error);
    EXPECT_THROW((void)member_path(""), Error);
}

TEST(ShownName, HasNoControlCharactersAndAnEnd) {
    EXPECT_EQ(shown_name("a\x1b[2Jb\n"), "'a?[2Jb?'");
    EXPECT_EQ(shown_name("\xff"), "'\xef\xbf\xbd'");
    EXPECT_LT(shown_name(std::string(5000, 'x')).size(), 300U);
}

}  // namespace

}  // namespace kiln::archive
