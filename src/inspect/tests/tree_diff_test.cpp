#include "inspect/tree_diff.hpp"

#include "base/error.hpp"
#include "os/files.hpp"

#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace kiln::inspect {
namespace {

namespace fs = std::filesystem;

class TreeDiffTest : public ::testing::Test {
  protected:
    void SetUp() override {
        fs::create_directory(a());
        fs::create_directory(b());
    }

    fs::path a() const { return folder_.path() / "a"; }

    fs::path b() const { return folder_.path() / "b"; }

    static void write(const fs::path& path, std::string_view text) {
        fs::create_directories(path.parent_path());
        std::ofstream{path} << text;
    }

    /// The same file in both trees.
    void write_both(const std::string& path, std::string_view text) {
        write(a() / path, text);
        write(b() / path, text);
    }

    /// path -> what, in the order they came.
    std::vector<std::pair<std::string, std::string>> diff(const TreeDiffOptions& options = {}) {
        std::vector<std::pair<std::string, std::string>> found;
        stats_ = diff_trees(
            a(),
            b(),
            options,
            [&](const FileChange& change) { found.emplace_back(change.path, describe(change)); },
            {}
        );
        return found;
    }

    using Expected = std::vector<std::pair<std::string, std::string>>;

    os::TempDir folder_ = os::TempDir::unique(fs::temp_directory_path(), "kiln-inspect");
    TreeDiffStats stats_;
};

TEST_F(TreeDiffTest, EqualTreesDifferInNothing) {
    write_both("etc/hosts", "one");
    fs::create_symlink("hosts", a() / "etc/link");
    fs::create_symlink("hosts", b() / "etc/link");
    EXPECT_EQ(diff(), Expected{});
    EXPECT_EQ(stats_.compared, 3U);
    EXPECT_EQ(stats_.read, Bytes{6});
}

TEST_F(TreeDiffTest, EveryEntryOfANewFolderIsNamed) {
    write(b() / "new/deep/file", "x");
    EXPECT_EQ(
        diff(), (Expected{{"/new", "added"}, {"/new/deep", "added"}, {"/new/deep/file", "added"}})
    );
}

TEST_F(TreeDiffTest, RemovedEntriesAreNamed) {
    write(a() / "old/file", "x");
    EXPECT_EQ(diff(), (Expected{{"/old", "removed"}, {"/old/file", "removed"}}));
}

TEST_F(TreeDiffTest, OtherBytesOfTheSameSizeAreContent) {
    write(a() / "f", "abc");
    write(b() / "f", "abd");
    EXPECT_EQ(diff(), (Expected{{"/f", "content"}}));
}

TEST_F(TreeDiffTest, DifferenceInTheLastByteOfALongFileIsFound) {
    std::string text(700'000, 'x');
    write(a() / "f", text);
    text.back() = 'y';
    write(b() / "f", text);
    EXPECT_EQ(diff(), (Expected{{"/f", "content"}}));
}

TEST_F(TreeDiffTest, OtherSizesAreToldWithoutReading) {
    write(a() / "f", "abc");
    write(b() / "f", "abcd");
    EXPECT_EQ(diff(), (Expected{{"/f", "size"}}));
    EXPECT_EQ(stats_.read, Bytes{0});
}

TEST_F(TreeDiffTest, ModeOfFilesAndOfTheTopCount) {
    write_both("f", "abc");
    ::chmod((b() / "f").c_str(), 04755);
    ::chmod(a().c_str(), 0755);
    ::chmod(b().c_str(), 0700);
    EXPECT_EQ(diff(), (Expected{{"/", "mode"}, {"/f", "mode"}}));
}

TEST_F(TreeDiffTest, LinkIsComparedByItsTargetAndNotFollowed) {
    write(folder_.path() / "outside/file", "x");
    fs::create_symlink("../outside", a() / "link");
    fs::create_symlink("../other", b() / "link");
    EXPECT_EQ(diff(), (Expected{{"/link", "link target"}}));
}

TEST_F(TreeDiffTest, FolderThatBecameALinkLosesItsEntries) {
    write(a() / "d/inner", "x");
    fs::create_symlink("elsewhere", b() / "d");
    EXPECT_EQ(diff(), (Expected{{"/d", "type"}, {"/d/inner", "removed"}}));
}

TEST_F(TreeDiffTest, FileThatBecameAFolderGainsItsEntries) {
    write(a() / "d", "x");
    write(b() / "d/inner", "x");
    EXPECT_EQ(diff(), (Expected{{"/d", "type"}, {"/d/inner", "added"}}));
}

TEST_F(TreeDiffTest, PipesAreComparedWithoutBeingOpened) {
    ::mkfifo((a() / "p").c_str(), 0644);
    ::mkfifo((b() / "p").c_str(), 0600);
    EXPECT_EQ(diff(), (Expected{{"/p", "mode"}}));
}

TEST_F(TreeDiffTest, ExtendedAttributesCount) {
    write_both("f", "abc");
    if (::setxattr((b() / "f").c_str(), "user.kiln", "1", 1, 0) != 0) {
        GTEST_SKIP() << "this file system has no extended attributes";
    }
    EXPECT_EQ(diff(), (Expected{{"/f", "xattr"}}));
}

TEST_F(TreeDiffTest, OwnerCounts) {
    write_both("f", "abc");
    if (::chown((b() / "f").c_str(), 7, 7) != 0) {
        GTEST_SKIP() << "only root can give files away";
    }
    EXPECT_EQ(diff(), (Expected{{"/f", "owner"}}));
}

TEST_F(TreeDiffTest, TimesCountOnlyWhenAskedFor) {
    write_both("f", "abc");
    fs::last_write_time(a() / "f", fs::file_time_type{} + std::chrono::seconds{1});
    fs::last_write_time(b() / "f", fs::file_time_type{} + std::chrono::seconds{2});
    fs::last_write_time(a(), fs::file_time_type{});
    fs::last_write_time(b(), fs::file_time_type{});
    EXPECT_EQ(diff(), Expected{});
    TreeDiffOptions options;
    options.times = true;
    EXPECT_EQ(diff(options), (Expected{{"/f", "times"}}));
}

TEST_F(TreeDiffTest, NamesComeInOrderAcrossBothTrees) {
    write(a() / "b", "");
    write(b() / "a", "");
    write(b() / "c", "");
    EXPECT_EQ(diff(), (Expected{{"/a", "added"}, {"/b", "removed"}, {"/c", "added"}}));
}

TEST_F(TreeDiffTest, IgnoredEntriesAreCounted) {
    write(a() / "var/log/x", "1");
    write(b() / "var/log/y", "2");
    write(b() / "var/log/z/deep", "2");
    write(b() / "var/kept", "");
    TreeDiffOptions options;
    options.ignore = {"/var/log/**"};
    EXPECT_EQ(diff(options), (Expected{{"/var/kept", "added"}}));
    EXPECT_EQ(stats_.ignored, 3U);
}

TEST_F(TreeDiffTest, TrustedTimesSpareReadingHardLinksToTheSameFile) {
    write(a() / "f", "abc");
    fs::create_hard_link(a() / "f", b() / "f");
    TreeDiffOptions options;
    options.trust_times = true;
    EXPECT_EQ(diff(options), Expected{});
    EXPECT_EQ(stats_.trusted, 1U);
    EXPECT_EQ(stats_.read, Bytes{0});
}

TEST_F(TreeDiffTest, TrustedTimesDoNotTrustAnotherInode) {
    write(a() / "f", "abc");
    write(b() / "f", "abd");
    TreeDiffOptions options;
    options.trust_times = true;
    EXPECT_EQ(diff(options), (Expected{{"/f", "content"}}));
}

TEST_F(TreeDiffTest, TooDeepATreeIsRefused) {
    auto path = b();
    ASSERT_EQ(::chdir(path.c_str()), 0);
    for (int i = 0; i < 402; ++i) {
        ASSERT_EQ(::mkdir("d", 0755), 0);
        ASSERT_EQ(::chdir("d"), 0);
    }
    ASSERT_EQ(::chdir("/"), 0);
    try {
        (void)diff();
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
    }
}

TEST_F(TreeDiffTest, StopIsHeard) {
    std::stop_source source;
    source.request_stop();
    try {
        (void)diff_trees(
            a(), b(), {}, [](const FileChange&) {}, source.get_token()
        );
        FAIL() << "went on";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    }
}

struct PatternCase {
    const char* name;
    const char* pattern;
    const char* path;
    bool matches;
};

class PathPatternTest : public ::testing::TestWithParam<PatternCase> {};

TEST_P(PathPatternTest, MatchesWholePaths) {
    EXPECT_EQ(path_matches(GetParam().pattern, GetParam().path), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Patterns,
    PathPatternTest,
    ::testing::Values(
        PatternCase{"Itself", "/etc/hosts", "/etc/hosts", true},
        PatternCase{"NotAPrefix", "/etc/hosts", "/etc/hosts.allow", false},
        PatternCase{"StarInAName", "/etc/ssh/ssh_host_*", "/etc/ssh/ssh_host_rsa_key", true},
        PatternCase{"StarStopsAtASlash", "/var/*", "/var/log/x", false},
        PatternCase{"TwoStarsDoNot", "/var/**", "/var/log/x", true},
        PatternCase{"TwoStarsNeedSomethingBelow", "/var/log/**", "/var/log", false},
        PatternCase{"InTheMiddle", "**/__pycache__/**", "/usr/lib/__pycache__/a.pyc", true},
        PatternCase{"QuestionMark", "/a?c", "/abc", true},
        PatternCase{"QuestionMarkIsNoSlash", "/a?c", "/a/c", false},
        PatternCase{"StarMatchesNothing", "/etc/*-", "/etc/-", true}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(UnreproduciblePathsTest, LogsAndIdentitiesAreInAndConfigurationIsNot) {
    const auto ignored = [](std::string_view path) {
        const auto& patterns = unreproducible_paths();
        return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) {
            return path_matches(pattern, path);
        });
    };
    EXPECT_TRUE(ignored("/var/log/dpkg.log"));
    EXPECT_TRUE(ignored("/etc/machine-id"));
    EXPECT_TRUE(ignored("/etc/shadow-"));
    EXPECT_FALSE(ignored("/etc/shadow"));
    EXPECT_FALSE(ignored("/usr/bin/env"));
    EXPECT_FALSE(ignored("/var/lib/dpkg/status"));
}

}  // namespace
}  // namespace kiln::inspect
