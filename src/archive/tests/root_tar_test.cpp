#include "archive/archive.hpp"
#include "archive/tests/tar_builder.hpp"
#include "base/error.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace kiln::archive {

namespace {

using testing::TarBuilder;

/// cap_net_raw=ep, as ping has it (VFS_CAP_REVISION_2).
const std::string kCapability{
    "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20};

class RootTar : public ::testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "owners and devices need root";
        }
        std::filesystem::create_directory(first());
        std::filesystem::create_directory(second());
    }

    std::filesystem::path tar() const { return work_.path() / "root.tar"; }

    std::filesystem::path first() const { return work_.path() / "first"; }

    std::filesystem::path second() const { return work_.path() / "second"; }

    static void unpack(const std::filesystem::path& tar, const std::filesystem::path& to) {
        extract(tar, to, Ownership::keep, {.bytes = {1U << 30}, .entries = 10'000}, {});
    }

    static std::string packed(const std::filesystem::path& root) {
        std::string bytes;
        pack(root, [&](std::string_view part) { bytes += part; }, {});
        return bytes;
    }

    static std::string xattr(const std::filesystem::path& path, const char* name) {
        std::string value(256, '\0');
        const auto size = ::lgetxattr(path.c_str(), name, value.data(), value.size());
        value.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return value;
    }

    /// Shaped as a Debian root is: merged /usr, absolute and dangling links, all types, odd owners.
    void build() {
        const auto owned = [](int uid, int gid) {
            return [=](archive_entry* entry) {
                archive_entry_set_uid(entry, uid);
                archive_entry_set_gid(entry, gid);
            };
        };
        TarBuilder{tar()}
            .folder("./", 0755)
            .symlink("./bin", "usr/bin")
            .symlink("./lib", "usr/lib")
            .folder("./usr/")
            .folder("./usr/bin/")
            .file(
                "./usr/bin/ping",
                "elf",
                0755,
                [](archive_entry* entry) {
                    archive_entry_xattr_add_entry(
                        entry, "security.capability", kCapability.data(), kCapability.size()
                    );
                }
            )
            .file("./usr/bin/su", "elf", 04755)
            .hard_link("./usr/bin/su-twin", "./usr/bin/su")
            .symlink("./usr/bin/awk", "/etc/alternatives/awk")
            .folder("./etc/")
            .symlink("./etc/mtab", "../proc/self/mounts")
            .symlink("./etc/dangling", "/nowhere/at/all")
            .file("./etc/shadow", "secret", 0640, owned(0, 42))
            .folder(
                "./var/log/journal/",
                02755,
                [](archive_entry* entry) {
                    archive_entry_set_gid(entry, 999);
                    archive_entry_acl_add_entry(
                        entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, 5, ARCHIVE_ENTRY_ACL_GROUP, 4, "adm"
                    );
                    for (const auto tag :
                         {ARCHIVE_ENTRY_ACL_USER_OBJ,
                          ARCHIVE_ENTRY_ACL_GROUP_OBJ,
                          ARCHIVE_ENTRY_ACL_OTHER,
                          ARCHIVE_ENTRY_ACL_MASK}) {
                        archive_entry_acl_add_entry(
                            entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, 5, tag, -1, nullptr
                        );
                    }
                }
            )
            .file("./var/log/journal/x", "x", 0640, owned(0, 999))
            .folder("./tmp", 01777)
            .folder("./dev/")
            .node("./dev/null", S_IFCHR, 1, 3)
            .node("./dev/sda", S_IFBLK, 8, 0)
            .node("./dev/initctl", S_IFIFO, 0, 0)
            .file("./home/u\xcc\x88/big-uid", "y", 0600, owned(3'000'000, 3'000'001));
    }

    os::TempDir work_ =
        os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-root-tar");
};

TEST_F(RootTar, IsKeptAsItIs) {
    build();
    unpack(tar(), first());

    struct stat status {};

    const auto look = [&](const char* name) {
        status = {};
        return ::lstat((first() / name).c_str(), &status) == 0;
    };
    EXPECT_EQ(xattr(first() / "usr/bin/ping", "security.capability"), kCapability);
    ASSERT_TRUE(look("usr/bin/su"));
    EXPECT_EQ(status.st_mode & 07777, 04755U);
    EXPECT_EQ(status.st_nlink, 2U);
    ASSERT_TRUE(look("etc/shadow"));
    EXPECT_EQ(status.st_gid, 42U);
    EXPECT_EQ(status.st_mode & 07777, 0640U);
    ASSERT_TRUE(look("tmp"));
    EXPECT_EQ(status.st_mode & 07777, 01777U);
    ASSERT_TRUE(look("dev/null"));
    EXPECT_TRUE(S_ISCHR(status.st_mode));
    EXPECT_EQ(status.st_rdev, makedev(1, 3));
    EXPECT_EQ(status.st_mode & 07777, 0666U);
    ASSERT_TRUE(look("dev/sda"));
    EXPECT_EQ(status.st_rdev, makedev(8, 0));
    ASSERT_TRUE(look("dev/initctl"));
    EXPECT_TRUE(S_ISFIFO(status.st_mode));
    ASSERT_TRUE(look("home/u\xcc\x88/big-uid"));
    EXPECT_EQ(status.st_uid, 3'000'000U);
    EXPECT_EQ(std::filesystem::read_symlink(first() / "usr/bin/awk"), "/etc/alternatives/awk");
    EXPECT_EQ(status.st_mtim.tv_sec, 1'700'000'000);
}

TEST_F(RootTar, FolderAclIsKept) {
    build();
    unpack(tar(), first());
    const auto acl = xattr(first() / "var/log/journal", "system.posix_acl_default");
    if (acl.empty()) {
        GTEST_SKIP() << "the temporary folder's file system has no ACLs";
    }
    EXPECT_EQ(acl.size(), 4 + 5 * 8U);

    struct stat status {};

    ASSERT_EQ(::stat((first() / "var/log/journal").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 02755U);
    // The ACL comes last, so it is not handed down to what the archive itself has in the folder.
    EXPECT_EQ(xattr(first() / "var/log/journal/x", "system.posix_acl_access"), "");
    ASSERT_EQ(::stat((first() / "var/log/journal/x").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST_F(RootTar, PackedAndUnpackedIsTheSameTree) {
    build();
    unpack(tar(), first());
    const auto bytes = packed(first());
    const auto again = work_.path() / "again.tar";
    std::ofstream{again, std::ios::binary} << bytes;
    unpack(again, second());
    EXPECT_EQ(packed(second()), bytes) << "owners, modes, times, xattrs, links, devices and all";
    EXPECT_EQ(xattr(second() / "usr/bin/ping", "security.capability"), kCapability);
    EXPECT_TRUE(std::filesystem::equivalent(second() / "usr/bin/su", second() / "usr/bin/su-twin"));
}

TEST_F(RootTar, PackedNamesAreInTheOrderOfTheirBytes) {
    for (const auto* name : {"b", "a", "a-b", "B", "\xc3\xa9"}) {
        std::ofstream{first() / name} << name;
    }
    std::filesystem::create_directory(first() / "c");
    std::ofstream{first() / "c/x"} << "x";
    std::ofstream{work_.path() / "sorted.tar", std::ios::binary} << packed(first());
    auto* reader = archive_read_new();
    archive_read_support_format_tar(reader);
    ASSERT_EQ(
        archive_read_open_filename(reader, (work_.path() / "sorted.tar").c_str(), 10240), ARCHIVE_OK
    );
    std::vector<std::string> names;
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader, &entry) >= ARCHIVE_WARN &&
           archive_file_count(reader) > static_cast<int>(names.size())) {
        names.emplace_back(archive_entry_pathname(entry));
    }
    archive_read_free(reader);
    EXPECT_EQ(
        names,
        (std::vector<std::string>{"./", "./B", "./a", "./a-b", "./b", "./c/", "./c/x", "./\xc3\xa9"}
        )
    );
}

TEST_F(RootTar, FailureOfTheReceiverComesBackAsItIs) {
    std::ofstream{first() / "a"} << "x";
    try {
        pack(first(), [](std::string_view) { throw Error{ErrorKind::exhausted, "disk full"}; }, {});
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::exhausted);
    }
}

TEST_F(RootTar, SocketsAreLeftOut) {
    const auto bytes = packed(first());
    EXPECT_EQ(bytes.size() % 512, 0U);
    ASSERT_EQ(::mknod((first() / "sock").c_str(), S_IFSOCK | 0600, 0), 0);
    std::ofstream{tar(), std::ios::binary} << packed(first());
    unpack(tar(), second());
    EXPECT_TRUE(std::filesystem::is_empty(second()));
}

}  // namespace

}  // namespace kiln::archive
