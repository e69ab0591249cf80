#include "bake/bootstrap_source.hpp"

#include "archive/tests/tar_builder.hpp"
#include "base/sha256.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace kiln::bake {

namespace {

using archive::testing::TarBuilder;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

void put(const fs::path& path, std::string_view text, unsigned mode = 0644) {
    fs::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << text;
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

class BootstrapTest : public ::testing::Test {
  protected:
    void SetUp() override {
        fs::create_directory(work());
        fs::create_directory(guest());
    }

    fs::path top() const { return folder_.path() / "source"; }

    fs::path work() const { return folder_.path() / "work"; }

    fs::path guest() const { return folder_.path() / "guest"; }

    Bootstrap fetch(Source::Kind kind, const fs::path& location) {
        return fetch_bootstrap({kind, location.string(), {}}, work(), {}, Deadline::never());
    }

    Error failure(Source::Kind kind, const fs::path& location) {
        try {
            (void)fetch(kind, location);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "no error";
        return Error{ErrorKind::internal, ""};
    }

    os::TempDir folder_ = os::TempDir::unique(fs::temp_directory_path(), "kiln-bootstrap");
};

using ContentHash = BootstrapTest;

TEST_F(ContentHash, HangsOnContentNotOnTimesOwnersOrOrder) {
    put(top() / "a", "1");
    put(top() / "b/c", "2", 0755);
    fs::create_symlink("a", top() / "l");
    const auto other = folder_.path() / "other";
    fs::create_directory(other);
    fs::create_symlink("a", other / "l");
    put(other / "b/c", "2", 0700);
    put(other / "a", "1", 0600);
    fs::last_write_time(other / "a", fs::file_time_type{});
    EXPECT_EQ(content_hash(top()), content_hash(other));
    EXPECT_EQ(content_hash(top()).size(), 64U);
}

TEST_F(ContentHash, ChangesWithEveryPartOfTheContent) {
    put(top() / "a", "1");
    fs::create_symlink("a", top() / "l");
    std::set<std::string> hashes{content_hash(top())};
    const auto differs = [&](const char* what) {
        EXPECT_TRUE(hashes.insert(content_hash(top())).second) << what;
    };
    put(top() / "a", "2");
    differs("bytes");
    ASSERT_EQ(::chmod((top() / "a").c_str(), 0755), 0);
    differs("made a program");
    fs::rename(top() / "a", top() / "b");
    differs("renamed");
    fs::remove(top() / "l");
    fs::create_symlink("b", top() / "l");
    differs("link target");
    fs::create_directory(top() / "d");
    differs("empty folder");
    put(top() / "d/\xff\n", "");
    differs("name that is no text");
    fs::remove(top() / "l");
    put(top() / "l", "b");
    differs("link becomes a file of the same bytes");
}

TEST_F(ContentHash, FileAndItsNeighbourAreNotConfused) {
    put(top() / "a", "12");
    put(top() / "b", "3");
    const auto first = content_hash(top());
    put(top() / "a", "1");
    put(top() / "b", "23");
    EXPECT_NE(content_hash(top()), first);
}

TEST_F(ContentHash, LinkIsNotFollowed) {
    fs::create_directory(top());
    fs::create_symlink("/nowhere/at/all", top() / "dangling");
    fs::create_symlink("..", top() / "loop");
    EXPECT_EQ(content_hash(top()).size(), 64U);
}

TEST_F(ContentHash, SocketsAndFifosAreRefusedByName) {
    fs::create_directory(top());
    ASSERT_EQ(::mkfifo((top() / "pipe").c_str(), 0600), 0);
    const auto error = failure(Source::Kind::folder, top());
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("'pipe' is a FIFO"));
    fs::remove(top() / "pipe");
    ASSERT_EQ(::mknod((top() / "sock").c_str(), S_IFSOCK | 0600, 0), 0);
    EXPECT_THAT(failure(Source::Kind::folder, top()).message(), HasSubstr("'sock' is a socket"));
}

using Fetching = BootstrapTest;

TEST_F(Fetching, FolderIsReadWhereItIs) {
    put(top() / "a", "1");
    const auto got = fetch(Source::Kind::folder, top());
    EXPECT_EQ(got.folder, top());
    EXPECT_FALSE(got.ours);
    EXPECT_EQ(got.content_hash, content_hash(top()));
    EXPECT_TRUE(fs::is_empty(work()));
}

TEST_F(Fetching, NoSourceHasAHashOfItsOwn) {
    const auto got = fetch(Source::Kind::none, "");
    EXPECT_TRUE(got.folder.empty());
    EXPECT_EQ(got.content_hash.size(), 64U);
    fs::create_directory(top());
    EXPECT_NE(got.content_hash, content_hash(top()));
}

TEST_F(Fetching, ArchiveIsUnpackedIntoTheWorkFolder) {
    const auto tar = folder_.path() / "b.tar.gz";
    TarBuilder{tar, "gzip"}.file("install.sh", "#!/bin/sh\n", 0755);
    const auto got = fetch(Source::Kind::archive, tar);
    EXPECT_EQ(got.folder, work() / "bootstrap");
    EXPECT_TRUE(got.ours);
    EXPECT_EQ(os::read_file(got.folder / "install.sh"), "#!/bin/sh\n");
    EXPECT_EQ(
        got.content_hash, Sha256{}.field("kiln archive 1").update(os::read_file(tar)).finish()
    );
}

TEST_F(Fetching, FolderNamedLikeAnArchiveIsAFolder) {
    put(folder_.path() / "x.tar/a", "1");
    EXPECT_EQ(
        fetch(Source::Kind::archive, folder_.path() / "x.tar").folder, folder_.path() / "x.tar"
    );
}

TEST_F(Fetching, PlainFileIsRefusedWithWhatWouldBeRight) {
    put(folder_.path() / "install.sh", "#!/bin/sh\n");
    const auto error = failure(Source::Kind::folder, folder_.path() / "install.sh");
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("a folder or a tar"));
    EXPECT_THAT(error.hint(), HasSubstr("into a folder"));
}

TEST_F(Fetching, AbsentSourceIsNotFound) {
    EXPECT_EQ(failure(Source::Kind::folder, top()).kind(), ErrorKind::not_found);
    EXPECT_EQ(
        failure(Source::Kind::archive, folder_.path() / "x.tar").kind(), ErrorKind::not_found
    );
}

TEST_F(Fetching, ArchiveThatEscapesIsRefused) {
    const auto tar = folder_.path() / "b.tar";
    TarBuilder{tar}.file("../../evil", "x");
    const auto error = failure(Source::Kind::archive, tar);
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), HasSubstr("../../evil"));
    EXPECT_FALSE(fs::exists(folder_.path() / "evil"));
}

TEST_F(Fetching, UrlElsewhereWithoutTlsIsRefused) {
    const auto error = failure(Source::Kind::url, "http://example.org/x.tar?token=s3cret");
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), ::testing::Not(HasSubstr("s3cret")));
}

class Placing : public BootstrapTest {
  protected:
    Bytes place() {
        fs::create_directories(guest() / "into");
        return place_bootstrap(top(), os::GuestRoot{guest()}, "/into", {});
    }
};

TEST_F(Placing, CopiesTheTree) {
    put(top() / "bin/run", "#!/bin/sh\n", 0750);
    put(top() / "big", std::string(3 << 20, 'x'));
    put(top() / "su", "x", 04755);
    fs::create_symlink("/etc/passwd", top() / "link");
    fs::create_directory(top() / "empty");
    EXPECT_EQ(place().count, 11U + (3U << 20));
    const auto into = guest() / "into";
    EXPECT_EQ(os::read_file(into / "big"), std::string(3 << 20, 'x'));
    EXPECT_EQ(os::read_file(into / "bin/run"), "#!/bin/sh\n");
    EXPECT_EQ(fs::read_symlink(into / "link"), "/etc/passwd");
    EXPECT_TRUE(fs::is_directory(into / "empty"));

    struct stat status {};

    ASSERT_EQ(::stat((into / "bin/run").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0750U);
    EXPECT_EQ(status.st_uid, ::geteuid());
    ASSERT_EQ(::stat((into / "su").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0755U) << "no set-id bits";
    EXPECT_EQ(content_hash(into), content_hash(top()));
}

TEST_F(Placing, NeverWritesThroughALinkOfTheGuest) {
    put(top() / "a/file", "new");
    put(folder_.path() / "host/file", "untouched");
    fs::create_directories(guest() / "into");
    fs::create_symlink(folder_.path() / "host", guest() / "into/a");
    place();
    EXPECT_EQ(os::read_file(folder_.path() / "host/file"), "untouched");
    EXPECT_EQ(os::read_file(guest() / "into/a/file"), "new") << "the link was replaced by a folder";
    fs::remove_all(guest() / "into");
    fs::create_symlink(folder_.path() / "host", guest() / "into");
    EXPECT_THROW(place_bootstrap(top(), os::GuestRoot{guest()}, "/into", {}), Error);
    EXPECT_FALSE(fs::exists(folder_.path() / "host/a"));
}

TEST_F(Placing, StopsWhenAskedTo) {
    put(top() / "a", "1");
    fs::create_directories(guest() / "into");
    std::stop_source source;
    source.request_stop();
    try {
        (void)place_bootstrap(top(), os::GuestRoot{guest()}, "/into", source.get_token());
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    }
}

}  // namespace

}  // namespace kiln::bake
