#include "os/files.hpp"

#include "base/testing/kind_of.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::os {
namespace {

namespace fs = std::filesystem;

TempDir temp() {
    return TempDir::unique(fs::temp_directory_path(), "kiln-files");
}

TEST(RemoveTree, RemovesFoldersFilesLinksAndFifos) {
    auto folder = temp();
    const auto tree = folder.path() / "tree";
    fs::create_directories(tree / "a/b/c");
    write_file_durably(tree / "a/file", "x");
    fs::create_symlink("/nowhere", tree / "a/b/dangling");
    ASSERT_EQ(::mkfifo((tree / "a/b/fifo").c_str(), 0600), 0);
    remove_tree(tree);
    EXPECT_FALSE(fs::exists(tree));
}

TEST(RemoveTree, DoesNotFollowLinks) {
    auto folder = temp();
    fs::create_directories(folder.path() / "precious");
    write_file_durably(folder.path() / "precious/file", "x");
    fs::create_directories(folder.path() / "tree/deep");
    fs::create_symlink(folder.path() / "precious", folder.path() / "tree/link");
    fs::create_symlink("../../precious", folder.path() / "tree/deep/link");
    remove_tree(folder.path() / "tree");
    EXPECT_FALSE(fs::exists(folder.path() / "tree"));
    EXPECT_TRUE(fs::exists(folder.path() / "precious/file"));
}

TEST(RemoveTree, LinkItselfIsRemovedNotItsTarget) {
    auto folder = temp();
    fs::create_directory(folder.path() / "target");
    fs::create_symlink("target", folder.path() / "link");
    remove_tree(folder.path() / "link");
    EXPECT_FALSE(fs::is_symlink(folder.path() / "link"));
    EXPECT_TRUE(fs::exists(folder.path() / "target"));
}

TEST(RemoveTree, AbsentIsSuccess) {
    auto folder = temp();
    EXPECT_EQ(kind_of([&] { remove_tree(folder.path() / "absent"); }), std::nullopt);
    EXPECT_EQ(kind_of([&] { remove_tree(folder.path() / "absent/below"); }), std::nullopt);
}

TEST(RemoveTree, TrailingSlashIsAllowed) {
    auto folder = temp();
    fs::create_directories(folder.path() / "tree/a");
    remove_tree((folder.path() / "tree/").native());
    EXPECT_FALSE(fs::exists(folder.path() / "tree"));
}

TEST(RemoveTree, PathThatNamesNoEntryIsRefused) {
    for (const auto* path : {"/", ".", "..", "", "/tmp/..", "a/../.."}) {
        EXPECT_EQ(kind_of([&] { remove_tree(path); }), ErrorKind::invalid) << path;
    }
}

/// 3000 folders deep: deeper than a path or the limit of open files allows.
TEST(RemoveTree, AnyDepthIsRemovedWithFewDescriptors) {
    auto folder = temp();
    Fd at = open_file(folder.path(), O_RDONLY | O_DIRECTORY);
    for (int depth = 0; depth < 3000; ++depth) {
        ASSERT_EQ(::mkdirat(at.get(), "folder", 0700), 0);
        at = Fd{::openat(at.get(), "folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        ASSERT_TRUE(at);
    }
    at = Fd{};
    remove_tree(folder.path() / "folder");
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(TempDir, IsPrivateAndRemovedAtItsEnd) {
    fs::path path;
    {
        const auto folder = temp();
        path = folder.path();

        struct stat status {};

        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0700U);
        write_file_durably(path / "file", "x");
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(TempDir, ExistingFolderIsAConflict) {
    const auto folder = temp();
    EXPECT_EQ(kind_of([&] { (void)TempDir::make(folder.path()); }), ErrorKind::conflict);
    EXPECT_TRUE(fs::exists(folder.path()));
}

TEST(TempDir, ReleasedFolderStays) {
    auto outer = temp();
    fs::path kept;
    {
        auto folder = TempDir::make(outer.path() / "kept");
        kept = folder.release();
        EXPECT_TRUE(folder.path().empty());
    }
    EXPECT_TRUE(fs::exists(kept));
}

TEST(TempDir, MovedFolderIsRemovedOnce) {
    auto first = temp();
    const auto path = first.path();
    {
        const auto second = std::move(first);
        EXPECT_TRUE(fs::exists(path));
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(FileLock, SecondHolderIsTurnedAway) {
    const auto folder = temp();
    const auto held = FileLock::acquire(folder.path() / "lock");
    EXPECT_TRUE(held);
    EXPECT_FALSE(FileLock::try_acquire(folder.path() / "lock"));
    EXPECT_FALSE(FileLock::try_acquire(folder.path() / "lock", FileLock::Mode::shared));
}

TEST(FileLock, SharedHoldersStandBesideEachOther) {
    const auto folder = temp();
    const auto first = FileLock::acquire(folder.path() / "lock", FileLock::Mode::shared);
    EXPECT_TRUE(FileLock::try_acquire(folder.path() / "lock", FileLock::Mode::shared));
    EXPECT_FALSE(FileLock::try_acquire(folder.path() / "lock"));
}

TEST(FileLock, ReleasedLockCanBeTaken) {
    const auto folder = temp();
    auto held = FileLock::acquire(folder.path() / "lock");
    held.release();
    EXPECT_FALSE(held);
    EXPECT_TRUE(FileLock::try_acquire(folder.path() / "lock"));
}

TEST(FileLock, LockOnARemovedFileIsNotTakenForOneOnItsSuccessor) {
    const auto folder = temp();
    const auto path = folder.path() / "lock";
    const auto stale = FileLock::acquire(path);
    fs::remove(path);
    EXPECT_TRUE(FileLock::try_acquire(path));
    EXPECT_TRUE(fs::exists(path));
}

TEST(FileLock, WaiterOnARemovedFileGetsTheNewOne) {
    const auto folder = temp();
    const auto path = folder.path() / "lock";
    auto held = FileLock::acquire(path);
    FileLock waited;
    {
        const std::jthread waiter{[&] { waited = FileLock::acquire(path); }};
        fs::remove(path);
        held.release();
    }
    EXPECT_TRUE(waited);
    EXPECT_FALSE(FileLock::try_acquire(path)) << "the waiter holds what the path names now";
}

TEST(FileLock, FolderThatIsMissingIsAnError) {
    EXPECT_EQ(kind_of([] { (void)FileLock::acquire("/nowhere/lock"); }), ErrorKind::not_found);
}

TEST(Sizes, HolesAreNotCounted) {
    const auto folder = temp();
    const auto path = folder.path() / "sparse";
    write_file_durably(path, std::string(8192, 'x'));
    fs::resize_file(path, 1U << 30);
    EXPECT_GE(allocated_size(path).count, 8192U);
    EXPECT_LT(allocated_size(path).count, 1U << 20);
    EXPECT_GT(free_space(folder.path()).count, 0U);
    EXPECT_EQ(kind_of([] { (void)allocated_size("/nowhere"); }), ErrorKind::not_found);
    EXPECT_EQ(kind_of([] { (void)free_space("/nowhere"); }), ErrorKind::not_found);
}

}  // namespace
}  // namespace kiln::os
